using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Binary;

/// <summary>Trains a binary (or full-precision) network for a task; the catalog of the task makes it.</summary>
/// <typeparam name="TTransformer">The task's transformer.</typeparam>
/// <example>
/// <code>
/// DenseNetworkTrainer&lt;SegmentationTransformer&gt; trainer = ml.Segmentation.Trainers.BinaryDenseNet(numberOfClasses: 3);
/// SegmentationTransformer model = trainer.Fit(train);
/// </code>
/// </example>
public abstract class DenseNetworkTrainer<TTransformer> : IEstimator<TTransformer>
    where TTransformer : DenseTransformer
{
    private readonly IHost _host;
    private readonly DenseTrainerOptions _options;
    private readonly ImmutableArray<ScoredColumn> _columns;
    private readonly long _seed;

    /// <param name="context">The context.</param>
    /// <param name="options">How to train.</param>
    /// <param name="scoring">What the trained transformer gets.</param>
    /// <param name="heads">The heads where columns are named by them.</param>
    private protected DenseNetworkTrainer(MLContext context, DenseTrainerOptions options, DenseTransformerOptions scoring, params ImmutableArray<TaskHead> heads)
    {
        (Context, _options, _columns, _host) = (context, options, scoring.Columns(heads), TrainingSession.RegisterHost(context));
        CheckTransformer(options, scoring.Threads, [.. _columns.Select(column => column.Name)]);

        // Drawn once, so that fitting twice gives the same network twice.
        _seed = options.Seed ?? _host.Rand.Next();
    }

    private protected MLContext Context { get; }

    /// <summary>Trains on rows of images and masks, which are streamed, in several passes.</summary>
    /// <param name="input">Images, and masks as the task means them.</param>
    /// <remarks>
    /// A checkpoint is compared by the number of rows, the initial network, the tasks and all options that decide what is learned but how long: not by the images and masks. Whoever resumes
    /// gives the rows of the interrupted run in their order.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// A column is missing or of another type, an option is out of range, or <see cref="DenseTrainerOptions.Resume"/> is set where folds of a cross-validation are trained.
    /// </exception>
    /// <exception cref="InvalidDataException">
    /// The data are empty, or a row does not fit: a mask of another size, a label out of range; the message names the row and its file.
    /// </exception>
    /// <exception cref="GraphException">Widths are to be searched (<see cref="DenseTrainerOptions.MaxBytes"/>) of a network without one-bit weights.</exception>
    /// <exception cref="InvalidDataException">The checkpoint to resume from is damaged, or of a run with another number of rows, initial network, task or option.</exception>
    /// <exception cref="IOException">The checkpoint cannot be read or written.</exception>
    /// <exception cref="Training.TrainingDivergedException">The loss was no longer a number.</exception>
    public TTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        DenseNetwork network = TrainingSession.Train(
            _host, input, _options, _seed, InitialNetwork(_seed), candidate => Measure(Transformer(candidate).FittedTo(_options.ValidationSet!.Schema).Transform(_options.ValidationSet)));
        return (TTransformer)Transformer(network).FittedTo(input.Schema);
    }

    /// <summary>The columns of the input and the output columns.</summary>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        foreach (string label in _options.LabelColumns)
        {
            ScoringSchema.CheckLabel(inputSchema, label);
        }

        return ScoringSchema.Of(Context, inputSchema, _options.ImageColumnName, _columns);
    }

    /// <summary>The network that training starts from.</summary>
    private protected abstract DenseNetwork InitialNetwork(long seed);

    private protected abstract TTransformer Transformer(DenseNetwork network);

    /// <summary>The figure that validation shows, of scored rows.</summary>
    private protected abstract double Measure(IDataView scored);

    /// <summary>Refuses what the transformer would refuse, or hide, once the network is trained.</summary>
    private static void CheckTransformer(DenseTrainerOptions options, int threads, string[] outputs)
    {
        OutputNames.Check(outputs);
        if (threads is < 0 or > InferenceOptions.MaxThreads)
        {
            throw new ArgumentException($"{nameof(options.Threads)} is {threads}; it must be 0 (all cores) or from 1 to {InferenceOptions.MaxThreads}.", nameof(options));
        }

        if (options.LabelColumns.FirstOrDefault(label => outputs.Contains(label)) is { } hidden)
        {
            throw new ArgumentException(
                $"The masks are in the column '{hidden}', and an output column of the trained network has that name too: it would hide them, and be measured against itself. Name one of them differently.",
                nameof(options));
        }
    }
}
