using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Binary;

/// <summary>
/// Trains a binary (or full-precision) network for semantic segmentation; see
/// <see cref="SegmentationTrainers.BinaryDenseNet(SegmentationTrainerOptions)"/>.
/// </summary>
public sealed class SegmentationTrainer : IEstimator<SegmentationTransformer>
{
    private readonly MLContext _context;
    private readonly IHost _host;
    private readonly SegmentationTrainerOptions _options;
    private readonly ImmutableArray<string> _names;
    private readonly ImmutableArray<string> _colors;
    private readonly long _seed;

    internal SegmentationTrainer(MLContext context, SegmentationTrainerOptions options)
    {
        (_context, _options, _host) = (context, options, TrainingSession.RegisterHost(context));
        _names = options.Names();
        _colors = options.Colors(_names.Length);

        // Drawn once, so that fitting twice gives the same network twice.
        _seed = options.Seed ?? _host.Rand.Next();
    }

    /// <summary>Trains on rows of images and masks, which are streamed, in several passes.</summary>
    /// <param name="input">Images, and masks of class indices 0 .. classes - 1; 255, or another <see cref="Training.TrainingOptions.IgnoreLabel"/>, is ignored.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or an option is out of range.</exception>
    /// <exception cref="InvalidDataException">
    /// The data are empty, or a row does not fit: a mask of another size, a label out of range; the message names the row and its file.
    /// </exception>
    /// <exception cref="InvalidDataException">The checkpoint to resume from is damaged, or of a run with other data or options.</exception>
    /// <exception cref="IOException">The checkpoint cannot be read or written.</exception>
    /// <exception cref="Training.TrainingDivergedException">The loss was no longer a number.</exception>
    public SegmentationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        SegmentationTransformerOptions options = _options.ToTransformerOptions();
        DenseNetwork network = TrainingSession.Train(
            _host, input, _options, _seed, _options.ToInitialNetwork(DenseTask.Segmentation, _names, _colors, _seed), Measure, "mIoU");
        return new SegmentationTransformer(_context, network, options).FittedTo(input.Schema);

        double Measure(DenseNetwork candidate) => new SegmentationEvaluator(new(
                _options.LabelColumnName, options.PredictedLabelColumnName, options.MaskHeightColumnName, options.MaskWidthColumnName))
            .Evaluate(new SegmentationTransformer(_context, candidate, options).Transform(_options.ValidationSet!), null, new() { KeepImages = false, IgnoreIndex = _options.Training.IgnoreLabel })
            .MeanIoU;
    }

    /// <summary>The columns of the input and the output columns.</summary>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ScoringSchema.CheckLabel(inputSchema, _options.LabelColumnName);
        return ScoringSchema.Of(_context, inputSchema, _options.ImageColumnName, SegmentationTransformer.Columns(_options.ToTransformerOptions()));
    }
}
