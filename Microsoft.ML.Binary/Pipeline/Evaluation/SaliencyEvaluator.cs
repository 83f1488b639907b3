namespace Microsoft.ML.Binary;

/// <summary>Compares saliency maps with masks, row by row.</summary>
internal sealed class SaliencyEvaluator(EvaluationColumns columns)
{
    /// <exception cref="ArgumentException">A column is missing.</exception>
    /// <exception cref="InvalidDataException">There are no rows, one does not fit (the message names it), or the masks as a whole cannot be meant so.</exception>
    public SaliencyMetrics Evaluate(IDataView data, SaliencyMetricsOptions? options, Action<string>? warn = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        SaliencyMetricsAccumulator accumulator = new(options);
        EvaluationRow.ForEach<float>(
            data, columns, DataColumns.Singles(data.Schema, columns.Prediction),
            (name, masks, saliency, width, height) => accumulator.Add(name, saliency, masks, width, height));
        accumulator.Masks.Check(forTraining: false);
        SaliencyMetrics metrics = accumulator.ImageCount > 0 ? accumulator.ToMetrics() : throw EvaluationRow.NoRows();
        EvaluationRow.Warn(metrics.Warnings, warn);
        return metrics;
    }
}
