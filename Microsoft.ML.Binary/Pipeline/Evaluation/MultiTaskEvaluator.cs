using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>Compares what several heads predict with the masks of their tasks, row by row; the network runs once for all of them.</summary>
/// <param name="tasks">The tasks.</param>
/// <param name="height">The column of heights.</param>
/// <param name="width">The column of widths.</param>
/// <param name="count">How many of the tasks are measured, from the first on; null for all.</param>
internal sealed class MultiTaskEvaluator(IReadOnlyList<DenseTaskOptions> tasks, string height, string width, int? count = null)
{
    /// <exception cref="ArgumentException">There is no task, two have one name, or a column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">There are no rows, one does not fit (the message names it), or the masks of a task as a whole cannot be meant so.</exception>
    public MultiTaskMetrics Evaluate(IDataView data, Action<string>? warn = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(tasks);
        if (tasks.Count == 0)
        {
            throw new ArgumentException("There is no task to measure; name at least one.", nameof(tasks));
        }

        TaskImages.CheckNames(tasks.Select(task => task.Name), nameof(tasks));
        LearnedTask[] learned = [.. tasks.Select(task => task.ToLearned())];
        Measured[] measured = [.. tasks.Take(count ?? tasks.Count).Select(task =>
        {
            DataViewSchema.Column prediction = Prediction(data.Schema, task);
            return new Measured(
                task.ToLearned().Resolve(learned).NewAccumulator(Head(task, prediction)), DataColumns.Bytes(data.Schema, task.LabelColumn(tasks)), prediction);
        })];
        bool any = false;
        EvaluationRow.ForEach(data, height, width, measured.SelectMany(task => (DataViewSchema.Column[])[task.Label, task.Prediction]), row =>
        {
            Action<string, int, int>[] adding = [.. measured.Select(task => task.Adding(row))];
            return (name, w, h) =>
            {
                any = true;
                Array.ForEach(adding, add => add(name, w, h));
            };
        });
        MultiTaskMetrics metrics = any ? new([.. measured.Select(task => task.Metrics.ToMetrics())]) : throw EvaluationRow.NoRows();
        EvaluationRow.Warn(metrics.Tasks.SelectMany(task => task.Warnings.Select(warning => $"Task '{task.Name}': {warning}")), warn);
        return metrics;
    }

    private static DataViewSchema.Column Prediction(DataViewSchema schema, DenseTaskOptions task)
    {
        string name = ImageDataColumns.Of(task.Name, ImageDataColumns.PredictionOf(task.Task.Task));
        return task.Task.Task.HasClasses ? DataColumns.Bytes(schema, name) : DataColumns.Singles(schema, name);
    }

    /// <summary>The head of a task; classes that have no names there have those that the predictions are annotated with, if there are as many.</summary>
    private static TaskHead Head(DenseTaskOptions task, DataViewSchema.Column prediction) =>
        task.Task.Task.HasClasses && task.ClassNames is null && MaskAnnotations.ClassNames(prediction) is { } names && (task.NumberOfClasses ?? names.Length) == names.Length
            ? (task with { ClassNames = names }).ToHead()
            : task.ToHead();

    private sealed record Measured(TaskMetricsAccumulator Metrics, DataViewSchema.Column Label, DataViewSchema.Column Prediction)
    {
        public Action<string, int, int> Adding(DataViewRow row) => Prediction.Type is VectorDataViewType { ItemType: var type } && type == NumberDataViewType.Byte
            ? EvaluationRow.Adding<byte>(row, Label, Prediction, (name, masks, labels, w, h) => Metrics.Add(name, labels, masks, w, h))
            : EvaluationRow.Adding<float>(row, Label, Prediction, (name, masks, map, w, h) => Metrics.Add(name, map, masks, w, h));
    }
}
