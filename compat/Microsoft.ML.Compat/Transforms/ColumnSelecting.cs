using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

public sealed class ColumnSelectingEstimator : TrivialEstimator<ColumnSelectingTransformer>
{
    private readonly ColumnSelectingTransformer _transformer;

    internal ColumnSelectingEstimator(ColumnSelectingTransformer transformer)
        : base(transformer) => _transformer = transformer;

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => _transformer.Select(inputSchema);
}

/// <summary>Drops some columns with all that they hide, or keeps only some visible ones, in the order named.</summary>
public sealed class ColumnSelectingTransformer : RowToRowTransformerBase
{
    internal const string Kind = "SelectColumns";

    private readonly string[] _names;
    private readonly bool _drop;

    internal ColumnSelectingTransformer(string[] names, bool drop)
    {
        _names = names is { Length: > 0 } ? names : throw new InvalidOperationException("Name at least one column to keep or to drop.");
        _drop = drop;
    }

    internal static ITransformer Load(ModelReader reader) => new ColumnSelectingTransformer(reader.ReadStrings(), reader.ReadBoolean());

    internal SchemaShape Select(SchemaShape input)
    {
        SchemaShape.Column[] named = Array.ConvertAll(_names, input.Find);
        return new SchemaShape(_drop ? input.Where(column => !_names.Contains(column.Name)) : named);
    }

    private protected override RowMapper Bind(DataViewSchema input)
    {
        int[] named = Array.ConvertAll(_names, name => Mismatch.Find(input, name).Index);
        return RowMapper.Selecting(input, _drop ? [.. input.Where(column => !_names.Contains(column.Name)).Select(column => column.Index)] : named);
    }

    private protected override void Save(ModelSaveContext ctx)
    {
        ctx.Begin(Kind);
        ctx.WriteStrings(_names);
        ctx.Writer.Write(_drop);
    }
}
