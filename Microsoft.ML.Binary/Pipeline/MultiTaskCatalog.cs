using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>Several dense tasks on one encoder in ML.NET pipelines; <c>ml.MultiTask</c>.</summary>
public sealed class MultiTaskCatalog : DenseCatalog<MultiTaskTransformer, MultiTaskTransformerOptions>
{
    internal MultiTaskCatalog(MLContext context)
        : base(context, task: null) => Trainers = new MultiTaskTrainers(context);

    /// <summary>The trainers.</summary>
    public MultiTaskTrainers Trainers { get; }

    /// <summary>Compares what is predicted with the masks of every task over all rows, which are streamed: classes by mean IoU, salient objects by F, edges as in the Berkeley benchmark.</summary>
    /// <param name="data">Scored data with masks. The metrics call an image by its <c>MaskPath</c>, where there is none by its <c>ImagePath</c> or number.</param>
    /// <param name="tasks">
    /// The tasks, as they were trained; those whose columns are evaluated. Classes that have no names there have those that the predictions are annotated with, if there are as many.
    /// </param>
    /// <param name="maskHeightColumnName">Rows of the predictions, an Int32.</param>
    /// <param name="maskWidthColumnName">Pixels in a row of the predictions, an Int32.</param>
    /// <exception cref="ArgumentException">There is no task, two have one name, a column is missing or of another type, or true masks and prediction are one column.</exception>
    /// <exception cref="InvalidDataException">There are no rows, one does not fit (the message names it), or the masks of a task as a whole cannot be meant so.</exception>
    /// <example>
    /// <code>
    /// MultiTaskMetrics metrics = ml.MultiTask.Evaluate(ml.MultiTask.FromNetwork("street.mlbn").Transform(test), tasks);
    /// Console.WriteLine(metrics["edges"].Figure);
    /// </code>
    /// </example>
    public MultiTaskMetrics Evaluate(
        IDataView data,
        IReadOnlyList<DenseTaskOptions> tasks,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth) =>
        new MultiTaskEvaluator(tasks, maskHeightColumnName, maskWidthColumnName).Evaluate(data, EvaluationLog.Of(Context));

    private protected override MultiTaskTransformer Transformer(DenseNetwork network, MultiTaskTransformerOptions options, KnownSize? imageSize) =>
        new(Context, network, options, imageSize);

    private protected override MultiTaskTransformerOptions Named(SavedNames names) => new() { Tasks = names.Tasks, ScoredTasks = names.ScoredTasks ?? [] };
}
