using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>Maps single rows: how <c>PredictionEngine</c> and chains of transformers use a transformer.</summary>
internal sealed class ScoringRowMapper(ScoringMap map, DataViewSchema inputSchema) : IRowToRowMapper
{
    public DataViewSchema InputSchema => inputSchema;

    public DataViewSchema OutputSchema { get; } = map.GetOutputSchema(inputSchema);

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        map.InputsOf(dependingColumns, inputSchema);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new ScoredRow(map, input, OutputSchema, activeColumns);
}
