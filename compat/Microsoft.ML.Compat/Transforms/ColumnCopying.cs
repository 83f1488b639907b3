using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

public sealed class ColumnCopyingEstimator : TrivialEstimator<ColumnCopyingTransformer>
{
    private readonly string _output;
    private readonly string _input;

    internal ColumnCopyingEstimator(string output, string input)
        : base(new ColumnCopyingTransformer(output, input))
    {
        _output = output;
        _input = input;
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema.With([inputSchema.Find(_input).Renamed(_output)]);
}

public sealed class ColumnCopyingTransformer : RowToRowTransformerBase
{
    internal const string Kind = "CopyColumns";

    private readonly string _output;
    private readonly string _input;

    internal ColumnCopyingTransformer(string output, string input)
    {
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentException.ThrowIfNullOrEmpty(input);
        _output = output;
        _input = input;
    }

    internal static ITransformer Load(ModelReader reader) => new ColumnCopyingTransformer(reader.ReadString(), reader.ReadString());

    private protected override RowMapper Bind(DataViewSchema input)
    {
        DataViewSchema.Column source = Mismatch.Find(input, _input);
        var copy = new DataViewSchema.DetachedColumn(_output, source.Type, source.Annotations);
        return RowMapper.Adding(input, [copy], [source.Index], (DataViewRow row, bool[] _, out Action dispose) =>
        {
            dispose = null;
            return [RowGetters.Untyped(row, source)];
        });
    }

    private protected override void Save(ModelSaveContext ctx)
    {
        ctx.Begin(Kind);
        ctx.Writer.Write(_output);
        ctx.Writer.Write(_input);
    }
}
