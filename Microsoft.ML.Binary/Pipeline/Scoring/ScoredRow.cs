using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>A row of input and output columns: what <c>PredictionEngine</c> reads.</summary>
internal sealed class ScoredRow(ScoringMap map, DataViewRow input, DataViewSchema schema, IEnumerable<DataViewSchema.Column> active) : DataViewRow
{
    private readonly ScoredValues _values = new(map, input, active);

    public override DataViewSchema Schema => schema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => column.Index < input.Schema.Count
        ? input.IsColumnActive(input.Schema[column.Index])
        : _values.IsActive(column.Index - input.Schema.Count);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => column.Index < input.Schema.Count
        ? input.GetGetter<TValue>(input.Schema[column.Index])
        : Getters.As<TValue>(_values.Getter(column.Index - input.Schema.Count), column);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            input.Dispose();
        }

        base.Dispose(disposing);
    }
}
