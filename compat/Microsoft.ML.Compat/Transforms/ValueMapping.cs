using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

public class ValueMappingEstimator : TrivialEstimator<ValueMappingTransformer>
{
    private readonly ValueMappingTransformer _transformer;

    internal ValueMappingEstimator(ValueMappingTransformer transformer)
        : base(transformer) => _transformer = transformer;

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => _transformer.Map(inputSchema);
}

/// <summary>A column looked up in a table that is saved with the model.</summary>
public class ValueMappingTransformer : RowToRowTransformerBase
{
    internal const string Kind = "MapValue";

    private readonly string _output;
    private readonly string _input;
    private readonly LookupTable _table;

    internal ValueMappingTransformer(string output, string input, LookupTable table)
    {
        _output = output;
        _input = input;
        _table = table;
    }

    internal static ITransformer Load(ModelReader reader) => new ValueMappingTransformer(reader.ReadString(), reader.ReadString(), LookupTable.Load(reader));

    internal SchemaShape Map(SchemaShape input)
    {
        SchemaShape.Column key = input.Find(_input);
        if (key.Kind != SchemaShape.Column.VectorKind.Scalar || !key.ItemType.Equals(_table.KeyType))
        {
            throw Mismatch.WrongType(_input, _table.KeyType.ToString(), key.Describe());
        }

        return input.With([SchemaShape.ColumnOf(_output, _table.ValueType, DataViewSchema.Annotations.Empty)]);
    }

    private protected override RowMapper Bind(DataViewSchema input)
    {
        DataViewSchema.Column key = Mismatch.Find(input, _input);
        if (!key.Type.Equals(_table.KeyType))
        {
            throw Mismatch.WrongType(_input, _table.KeyType.ToString(), key.Type.ToString());
        }

        var added = new DataViewSchema.DetachedColumn(_output, _table.ValueType);
        return RowMapper.Adding(input, [added], [key.Index], (DataViewRow row, bool[] _, out Action dispose) =>
        {
            dispose = null;
            return [_table.CreateGetter(row, key)];
        });
    }

    private protected override void Save(ModelSaveContext ctx)
    {
        ctx.Begin(Kind);
        ctx.Writer.Write(_output);
        ctx.Writer.Write(_input);
        _table.Save(ctx);
    }
}
