using System.Collections.Immutable;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>
/// Searches by gradient, within a training run, for the width of every output channel of a network's convolutions of signs: joint pruning and channel-wise
/// mixed precision (arXiv 2407.01054), down to one bit. Training goes through three phases: real weights, mixtures of all precisions whose gates are
/// trained along with the weights, and the widths that the gates chose.
/// </summary>
/// <example>
/// <code>
/// foreach (SearchPoint point in MixedPrecisionSearch.Run(network.Unfreeze().Graph, new SegmentationTask(), readData, new() { Strengths = [1, 10] }))
/// {
///     network.WithGraph(point.Graph).Freeze().Save($"lambda-{point.Strength}.mlbn");
/// }
/// </code>
/// </example>
public static class MixedPrecisionSearch
{
    private const int HeaderSlack = 64;

    /// <summary>Searches for one network for each strength, or for one within a limit.</summary>
    /// <param name="initial">A trainable network of one task with one-bit or mixed convolutions, usually trained already; it stays as it is.</param>
    /// <param name="task">What is learned, and by which loss.</param>
    /// <param name="readData">Opens one pass over the training data.</param>
    /// <param name="options">How to search; the defaults where null.</param>
    /// <param name="progress">Gets a report where the training run would give one.</param>
    /// <param name="cancellation">Ends the search early; the point that is being trained is the last.</param>
    /// <returns>The points in the order of the strengths. With a step or epoch budget they depend on seed, data and instruction set alone.</returns>
    /// <remarks>
    /// Where there are checkpoints, those of further points are written beside the first, with the number of the point added to their name. A search is
    /// resumed at the point that was being trained; one that is not resumed deletes those of further points that an earlier one left.
    /// </remarks>
    /// <exception cref="GraphException">The network cannot be searched; the message says why.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the limit is below the smallest network that the precisions allow.</exception>
    /// <exception cref="InvalidDataException">The data is of no use, or a checkpoint is damaged or of another search (other precisions, say).</exception>
    /// <exception cref="IOException">A checkpoint cannot be read, or not be written from the start.</exception>
    /// <exception cref="TrainingDivergedException">The loss or the weights became NaN or infinite.</exception>
    public static ImmutableArray<SearchPoint> Run(
        DenseGraph initial,
        TrainingTask task,
        Func<IEnumerable<TrainingSample>> readData,
        MixedPrecisionOptions? options = null,
        IProgress<SearchProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(readData);
        options ??= new();
        DenseGraph search = ToSearch(initial, task, options);
        options = options with { Training = options.Training.WithFullPaths() };
        double?[] strengths = options.Limit is not null ? [null] : [.. options.Strengths.Select(strength => (double?)strength)];
        if (options.Training is { Resume: false, CheckpointPath: { } path })
        {
            DeleteCheckpoints(path, strengths.Length);
        }

        var points = ImmutableArray.CreateBuilder<SearchPoint>();
        for (int i = 0; i < strengths.Length && (i == 0 || !cancellation.IsCancellationRequested); i++)
        {
            int point = i;
            TrainingOptions training = ForPoint(options.Training, i) with
            {
                Search = new GateSearchPlan(options, strengths[i] ?? 0),
                Validate = options.Training.Validate is { } validate ? graph => validate(WidthGraphs.Settle(graph)) : null,
                Completed = options.Training.Completed is { } completed ? found => completed(found with { Graph = WidthGraphs.Settle(found.Graph) }) : null,
            };
            TrainingResult result = DenseTrainer.Train(
                search, task, readData, training, progress is null ? null : new Relay(report => progress.Report(new(point, strengths.Length, report))), cancellation);
            DenseGraph graph = WidthGraphs.Settle(result.Graph);
            points.Add(Measured(graph, result with { Graph = graph }, options, strengths[i]));
        }

        return points.ToImmutable();
    }

    /// <summary>Checks a search before any data is read; <see cref="Run"/> does so too.</summary>
    /// <param name="initial">The network to start from.</param>
    /// <param name="task">What is learned, and by which loss.</param>
    /// <param name="options">How to search.</param>
    /// <exception cref="GraphException">The network cannot be searched; the message says why.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or the limit is below the smallest network that the precisions allow.</exception>
    public static void Check(DenseGraph initial, TrainingTask task, MixedPrecisionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ToSearch(initial, task, options);
    }

    /// <summary>The lowest limit that a search of a network can be given, in units of the cost.</summary>
    /// <exception cref="GraphException">The network cannot be searched.</exception>
    public static double LowestCost(DenseGraph initial, MixedPrecisionOptions options)
    {
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        CheckOutputs(initial);
        return WidthAssignment.Lowest(GateGroup.Of(WidthGraphs.ToSearch(initial, options.Precisions), options.ImageHeight, options.ImageWidth), options.Cost);
    }

    /// <summary>The <see cref="MixedPrecisionOptions.Limit"/> of <see cref="WidthCost.Weights"/> by which a network's file has at most so many bytes.</summary>
    /// <param name="network">The network to start from, trainable, with all else that the file will hold.</param>
    /// <param name="bytes">Bytes of the file of the frozen network.</param>
    /// <param name="precisions">Widths to choose from.</param>
    /// <exception cref="ArgumentException">The smallest network that the precisions allow has more.</exception>
    /// <exception cref="GraphException">The network cannot be searched.</exception>
    public static double BitsWithin(DenseNetwork network, long bytes, ImmutableArray<byte> precisions)
    {
        ArgumentNullException.ThrowIfNull(network);

        // Each layer may round up to a byte, and facts about the training vary in length.
        DenseGraph pruned = WidthGraphs.Uniform(network.Graph, 0);
        long rest = network.WithGraph(pruned).Freeze().ToBytes().Length + pruned.Nodes.Count(node => node is MixedConvolution) + HeaderSlack;
        double lowest = LowestCost(network.Graph, new() { Cost = WidthCost.Weights, Precisions = precisions }), limit = 8.0 * (bytes - rest);
        return limit >= lowest
            ? limit
            : throw new ArgumentException(FormattableString.Invariant(
                $"{bytes} bytes are too few: the smallest network that the precisions allow has about {rest + (long)Math.Ceiling(lowest / 8)}. Allow more, or start from a smaller network."), nameof(bytes));
    }

    /// <summary>What the convolutions of signs of a network cost.</summary>
    public static double CostOf(DenseGraph graph, WidthCost cost, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(cost);
        return ConvolutionWidths.Of(graph, height, width).Sum(layer => cost.Of(layer.Shape, layer.Bits));
    }

    /// <summary>The graph that is searched, once all has been checked.</summary>
    private static DenseGraph ToSearch(DenseGraph initial, TrainingTask task, MixedPrecisionOptions options)
    {
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentNullException.ThrowIfNull(task);
        options.Check();
        CheckOutputs(initial);
        DenseGraph search = WidthGraphs.ToSearch(initial, options.Precisions, options.StartOrUsual, options.KeepsPruning);
        options.Training.CheckFor(search, task);
        if (options.Limit is { } limit)
        {
            GateSearch.CheckLimit(GateGroup.Of(search, options.ImageHeight, options.ImageWidth), options.Cost, limit);
        }

        return search;
    }

    // Shared weights follow the task that is learned, and widths what it costs that one: what other heads know would be lost.
    private static void CheckOutputs(DenseGraph graph)
    {
        if (graph.Outputs.Length > 1)
        {
            throw new GraphException(
                "(graph)", $"it cannot be searched: it has the outputs {string.Join(", ", graph.Outputs.Select(output => $"'{output.Name}'"))}, and a search learns one task; take the network of one head (DenseNetwork.Alone)");
        }
    }

    private static SearchPoint Measured(DenseGraph graph, TrainingResult result, MixedPrecisionOptions options, double? strength)
    {
        ImmutableArray<ConvolutionWidths> layers = ConvolutionWidths.Of(graph, options.ImageHeight, options.ImageWidth);
        return new(strength, result, layers.Sum(layer => options.Cost.Of(layer.Shape, layer.Bits)), layers);
    }

    private static TrainingOptions ForPoint(TrainingOptions options, int point)
    {
        if (point == 0)
        {
            return options;
        }

        // What is resumed from elsewhere is the first point.
        string? own = options.CheckpointPath is { } path ? CheckpointOf(path, point) : null;
        return options with { CheckpointPath = own, ResumePath = null, Resume = options.Resume && File.Exists(own) };
    }

    private static string CheckpointOf(string path, int point) => $"{path}.{point + 1}";

    /// <summary>Deletes the checkpoints of all points but the first, which is written over: they would be taken for those of this search where it goes on.</summary>
    private static void DeleteCheckpoints(string path, int points)
    {
        AtomicFile.CheckWritable(path);
        bool isOne = true;
        for (int point = 1; point < points || isOne; point++)
        {
            isOne = TrainingCheckpoint.IsOne(CheckpointOf(path, point));
            if (isOne)
            {
                File.Delete(CheckpointOf(path, point));
            }
        }
    }

    private sealed class Relay(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
