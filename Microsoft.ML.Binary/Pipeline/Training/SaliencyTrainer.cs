using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Binary;

/// <summary>
/// Trains a binary (or full-precision) network for salient-object detection; see
/// <see cref="SaliencyTrainers.BinaryDenseNet(SaliencyTrainerOptions)"/>.
/// </summary>
public sealed class SaliencyTrainer : IEstimator<SaliencyTransformer>
{
    private readonly MLContext _context;
    private readonly IHost _host;
    private readonly SaliencyTrainerOptions _options;
    private readonly long _seed;

    internal SaliencyTrainer(MLContext context, SaliencyTrainerOptions options)
    {
        (_context, _options, _host) = (context, options, TrainingSession.RegisterHost(context));

        // Drawn once, so that fitting twice gives the same network twice.
        _seed = options.Seed ?? _host.Rand.Next();
    }

    /// <summary>Trains on rows of images and masks, which are streamed, in several passes.</summary>
    /// <param name="input">Images, and masks of gray values, object above 128.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or an option is out of range.</exception>
    /// <exception cref="InvalidDataException">
    /// The data are empty, or a mask is of another size than its image; the message names the row and its file.
    /// </exception>
    /// <exception cref="InvalidDataException">The checkpoint to resume from is damaged, or of a run with other data or options.</exception>
    /// <exception cref="IOException">The checkpoint cannot be read or written.</exception>
    /// <exception cref="Training.TrainingDivergedException">The loss was no longer a number.</exception>
    public SaliencyTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        SaliencyTransformerOptions options = _options.ToTransformerOptions();
        DenseNetwork network = TrainingSession.Train(
            _host, input, _options, _seed, _options.ToInitialNetwork(DenseTask.Saliency, [], [], _seed), Measure, "MAE");
        return new SaliencyTransformer(_context, network, options).FittedTo(input.Schema);

        double Measure(DenseNetwork candidate) => new SaliencyEvaluator(new(
                _options.LabelColumnName, options.SaliencyColumnName, options.MaskHeightColumnName, options.MaskWidthColumnName))
            .Evaluate(
                new SaliencyTransformer(_context, candidate, options).Transform(_options.ValidationSet!),
                new() { KeepImages = false, Measures = SaliencyMeasures.ErrorAndF })
            .MeanAbsoluteError;
    }

    /// <summary>The columns of the input and the output columns.</summary>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ScoringSchema.CheckLabel(inputSchema, _options.LabelColumnName);
        return ScoringSchema.Of(_context, inputSchema, _options.ImageColumnName, SaliencyTransformer.Columns(_options.ToTransformerOptions()));
    }
}
