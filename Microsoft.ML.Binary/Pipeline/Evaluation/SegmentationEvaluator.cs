namespace Microsoft.ML.Binary;

/// <summary>Compares predicted labels with true ones, row by row.</summary>
internal sealed class SegmentationEvaluator(EvaluationColumns columns)
{
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">There are no rows, one does not fit (the message names it), or the masks as a whole cannot be meant so.</exception>
    public SegmentationMetrics Evaluate(IDataView data, IReadOnlyList<string>? classNames, SegmentationMetricsOptions? options, Action<string>? warn = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        DataViewSchema.Column prediction = DataColumns.Bytes(data.Schema, columns.Prediction);
        classNames ??= MaskAnnotations.ClassNames(prediction);
        SegmentationMetricsAccumulator accumulator =
            classNames is null ? new(SegmentationMetricsAccumulator.MaxClasses, options) : new(classNames, options);
        EvaluationRow.ForEach<byte>(data, columns, prediction, accumulator.Add);
        accumulator.Masks.Check(forTraining: false);
        SegmentationMetrics metrics = accumulator.ImageCount == 0 ? throw EvaluationRow.NoRows()
            : classNames is null ? accumulator.ToMetricsOfOccurringClasses()
            : accumulator.ToMetrics();
        EvaluationRow.Warn(metrics.Warnings, warn);
        return metrics;
    }
}
