using System.Collections.Immutable;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training.Data;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// Trains a dense network: reverse mode over its graph with straight-through estimators (Bi-Real Net's polynomial for activations, the
/// clipped identity for weights), AdamW, warm-up and cosine, a moving average of the weights, random crops. For a step or epoch budget
/// the result depends on seed, data and instruction set alone, not on the number of threads or on interruptions.
/// </summary>
/// <example>
/// <code>
/// DenseGraph initial = DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 3));
/// IEnumerable&lt;TrainingSample&gt; Read() =&gt; ImageFolder.Pair("train/images", "train/masks")
///     .Select(pair =&gt; new TrainingSample(pair.Name, RgbImage.Load(pair.ImagePath), MaskReader.ReadClassIndices(pair.MaskPath).Labels));
/// TrainingResult result = DenseTrainer.Train(initial, DenseTask.Segmentation, Read, new() { Budget = TrainingBudget.OfSteps(2000) });
/// new DenseNetwork(result.Graph, DenseTask.Segmentation, ["background", "inside", "contour"]).Freeze().Save("nuclei.mlbn");
/// </code>
/// </example>
public static class DenseTrainer
{
    /// <summary>Trains a copy of a graph.</summary>
    /// <param name="initial">A trainable graph; it stays as it is.</param>
    /// <param name="task">What is learned, and by which loss.</param>
    /// <param name="readData">Opens one pass over the training data; called once to check it and once an epoch where it exceeds the cache.</param>
    /// <param name="options">How to train; the defaults where null.</param>
    /// <param name="progress">Gets a report every <see cref="TrainingOptions.ReportInterval"/> steps and at the end.</param>
    /// <param name="cancellation">
    /// Ends training early; the result is the network as it is then. Before the first step (while data are read, say) that is the one that was given, not
    /// measured; a resumed run reads its data first, and gives what it has learned.
    /// </param>
    /// <exception cref="ArgumentException">An option is out of range, or does not fit the graph, or the budget is below what a run to resume has done; the message names it.</exception>
    /// <exception cref="GraphException">The graph has a node that cannot be trained, as frozen binary networks do (<see cref="Unfreezing"/>).</exception>
    /// <exception cref="InvalidDataException">The data is empty, a sample does not fit (the message names it), or the masks as a whole show nothing that could be learned.</exception>
    /// <exception cref="InvalidDataException">The checkpoint to resume from is damaged, or of a run with other data or options.</exception>
    /// <exception cref="IOException">The checkpoint cannot be read, or not be written from the start.</exception>
    /// <exception cref="TrainingDivergedException">The loss or the weights became NaN or infinite.</exception>
    public static TrainingResult Train(
        DenseGraph initial,
        TrainingTask task,
        Func<IEnumerable<TrainingSample>> readData,
        TrainingOptions? options = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentNullException.ThrowIfNull(readData);
        options ??= new();
        ArgumentNullException.ThrowIfNull(task);
        return Run(initial, TrainedHead.Single(initial, task), readData, options, progress, cancellation);
    }

    /// <summary>Trains a copy of a graph by the usual loss of a task (<see cref="TrainingTask.For"/>).</summary>
    /// <inheritdoc cref="Train(DenseGraph, TrainingTask, Func{IEnumerable{TrainingSample}}, TrainingOptions?, IProgress{TrainingProgress}?, CancellationToken)"/>
    public static TrainingResult Train(
        DenseGraph initial,
        DenseTask task,
        Func<IEnumerable<TrainingSample>> readData,
        TrainingOptions? options = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default) => Train(initial, TrainingTask.For(task), readData, options, progress, cancellation);

    /// <summary>
    /// Trains a copy of a network of several tasks on all of them at once: the loss is the sum of the tasks' losses, weighed as <see cref="TrainingOptions.TaskWeighting"/> says. Where
    /// <see cref="TrainingOptions.EarlyStopping"/> chooses, the first head's figure decides.
    /// </summary>
    /// <param name="initial">A trainable network, for example of <see cref="Networks.MultiTaskNetwork"/>; it stays as it is.</param>
    /// <param name="tasks">What each head learns, one task for each. Their order is that of the masks of a sample.</param>
    /// <param name="readData">Opens one pass over the training data; called once to check it and once an epoch where it exceeds the cache.</param>
    /// <param name="options">How to train; the defaults where null.</param>
    /// <param name="progress">Gets a report every <see cref="TrainingOptions.ReportInterval"/> steps and at the end.</param>
    /// <param name="cancellation">
    /// Ends training early; the result is the network as it is then. Before the first step (while data are read, say) that is the one that was given, not
    /// measured; a resumed run reads its data first, and gives what it has learned.
    /// </param>
    /// <returns>The result, whose graph goes into <see cref="DenseNetwork.WithGraph"/>.</returns>
    /// <exception cref="ArgumentException">Tasks and heads do not fit each other, or an option is out of range; the message names it.</exception>
    /// <exception cref="InvalidDataException">A sample lacks the mask of a task or does not fit, or as for one task.</exception>
    /// <exception cref="GraphException">The graph has a node that cannot be trained.</exception>
    /// <exception cref="IOException">The checkpoint cannot be read, or not be written from the start.</exception>
    /// <exception cref="TrainingDivergedException">The loss or the weights became NaN or infinite.</exception>
    public static TrainingResult TrainTasks(
        DenseNetwork initial,
        IReadOnlyList<LearnedTask> tasks,
        Func<IEnumerable<TrainingSample>> readData,
        TrainingOptions? options = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(readData);
        options ??= new();
        options.CheckExposure(initial);
        return Run(initial.Graph, TrainedHead.Of(initial, tasks), readData, options, progress, cancellation);
    }

    private static TrainingResult Run(
        DenseGraph initial,
        ImmutableArray<TrainedHead> heads,
        Func<IEnumerable<TrainingSample>> readData,
        TrainingOptions options,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellation)
    {
        options.CheckFor(initial, heads);
        options = options.WithFullPaths();
        if (options.CheckpointPath is { } path)
        {
            AtomicFile.CheckWritable(path);
        }

        TrainingRun run;
        try
        {
            // A run that goes on has a network to give, once its data have been read again.
            run = new(initial.Copy(), heads, readData, options, progress, options.Resume ? CancellationToken.None : cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            TrainingResult none = new(initial.Copy(), Steps: 0, Loss: double.NaN, ValidationMetric: null, TimeSpan.Zero, Cancelled: true)
            {
                TaskWeights = heads.Length == 1 ? [] : [.. heads.Select(head => (double)head.Weight)],
            };
            options.Completed?.Invoke(none);
            return none;
        }

        using (run)
        {
            return run.Execute(cancellation);
        }
    }

    /// <summary>
    /// Reads the data to validate on once, to find out before training what would fail after it: damaged files, masks of other sizes, labels
    /// out of range, masks that as a whole cannot be meant so (<see cref="MaskSurvey"/>).
    /// </summary>
    /// <param name="task">What is learned.</param>
    /// <param name="classes">Classes, where the task has some.</param>
    /// <param name="data">The samples.</param>
    /// <param name="warn">Is told what is likely to be wrong; null tells nobody.</param>
    /// <exception cref="InvalidDataException">A sample does not fit; the message names it.</exception>
    public static void CheckValidation(TrainingTask task, int classes, IEnumerable<TrainingSample> data, Action<string>? warn = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(data);
        DataSurvey survey = new(task, task.Labels(classes));
        foreach (TrainingSample sample in data)
        {
            survey.Inspect(sample);
        }

        survey.Judge(warning => warn?.Invoke($"Of the masks to validate on: {warning}"), forTraining: false);
    }
}
