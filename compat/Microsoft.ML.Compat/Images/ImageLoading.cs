using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Data;

public sealed class ImageLoadingEstimator : TrivialEstimator<ImageLoadingTransformer>
{
    private readonly string _output;
    private readonly string _input;

    internal ImageLoadingEstimator(string output, string input, string folder)
        : base(new ImageLoadingTransformer(output, input, folder))
    {
        _output = output;
        _input = input;
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        SchemaShape.Column path = inputSchema.Find(_input);
        if (path.Kind != SchemaShape.Column.VectorKind.Scalar || path.ItemType != TextDataViewType.Instance)
        {
            throw Mismatch.WrongType(_input, TextDataViewType.Instance.ToString(), path.Describe());
        }

        return inputSchema.With([SchemaShape.ColumnOf(_output, new ImageDataViewType(), DataViewSchema.Annotations.Empty)]);
    }
}

/// <summary>Reads the image file that a row names. It lives until the same variable is given the next one; the last one, until the cursor is disposed of.</summary>
public sealed class ImageLoadingTransformer : RowToRowTransformerBase
{
    internal const string Kind = "LoadImages";

    private readonly string _output;
    private readonly string _input;
    private readonly string _folder;

    internal ImageLoadingTransformer(string output, string input, string folder)
    {
        _output = output;
        _input = input;
        _folder = folder;
    }

    internal static ITransformer Load(ModelReader reader)
    {
        (string output, string input) = (reader.ReadString(), reader.ReadString());
        return new ImageLoadingTransformer(output, input, reader.ReadBoolean() ? reader.ReadString() : null);
    }

    private protected override RowMapper Bind(DataViewSchema input)
    {
        DataViewSchema.Column path = Mismatch.Find(input, _input);
        if (path.Type != TextDataViewType.Instance)
        {
            throw Mismatch.WrongType(_input, TextDataViewType.Instance.ToString(), path.Type.ToString());
        }

        var added = new DataViewSchema.DetachedColumn(_output, new ImageDataViewType());
        return RowMapper.Adding(input, [added], [path.Index], (DataViewRow row, bool[] _, out Action dispose) =>
            [CreateGetter(row.GetGetter<ReadOnlyMemory<char>>(path), out dispose)]);
    }

    private protected override void Save(ModelSaveContext ctx)
    {
        ctx.Begin(Kind);
        ctx.Writer.Write(_output);
        ctx.Writer.Write(_input);
        ctx.Writer.Write(_folder != null);
        if (_folder != null)
        {
            ctx.Writer.Write(_folder);
        }
    }

    private ValueGetter<MLImage> CreateGetter(ValueGetter<ReadOnlyMemory<char>> getPath, out Action dispose)
    {
        ReadOnlyMemory<char> text = default;
        MLImage last = null;
        dispose = () => last?.Dispose();
        return (ref MLImage image) =>
        {
            image?.Dispose();
            image = last = null;
            getPath(ref text);
            if (text.Length == 0)
            {
                return;
            }

            string path = string.IsNullOrWhiteSpace(_folder) ? text.ToString() : Path.Combine(_folder, text.ToString());
            using FileStream file = File.OpenRead(path);
            image = last = MLImage.Decode(file, path);
            image.Tag = path;
        };
    }
}
