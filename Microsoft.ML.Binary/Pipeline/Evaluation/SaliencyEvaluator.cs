using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>Compares saliency maps with masks, row by row.</summary>
internal sealed class SaliencyEvaluator(EvaluationColumns columns)
{
    /// <exception cref="ArgumentException">A column is missing.</exception>
    /// <exception cref="InvalidDataException">There are no rows, one does not fit (the message names it), or the masks as a whole cannot be meant so.</exception>
    public SaliencyMetrics Evaluate(IDataView data, SaliencyMetricsOptions? options, Action<string>? warn = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        DataViewSchema.Column label = DataColumns.Bytes(data.Schema, columns.Label);
        DataViewSchema.Column saliency = DataColumns.Singles(data.Schema, columns.Prediction);
        SaliencyMetricsAccumulator accumulator = new(options);
        using DataViewRowCursor cursor = data.GetRowCursor([label, saliency, .. EvaluationRow.Columns(data.Schema, columns)]);
        EvaluationRow row = new(cursor, columns);
        ValueGetter<VBuffer<byte>> getLabel = cursor.GetGetter<VBuffer<byte>>(label);
        ValueGetter<VBuffer<float>> getSaliency = cursor.GetGetter<VBuffer<float>>(saliency);
        VBuffer<byte> mask = default;
        VBuffer<float> map = default;
        while (cursor.MoveNext())
        {
            getLabel(ref mask);
            getSaliency(ref map);
            row.Add((name, width, height) =>
                accumulator.Add(name, EvaluationRow.Dense(ref map), EvaluationRow.Dense(ref mask), width, height));
        }

        accumulator.Masks.Check(forTraining: false);
        SaliencyMetrics metrics = accumulator.ImageCount > 0 ? accumulator.ToMetrics() : throw EvaluationRow.NoRows();
        EvaluationRow.Warn(metrics.Warnings, warn);
        return metrics;
    }
}
