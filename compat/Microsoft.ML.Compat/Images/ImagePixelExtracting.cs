using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

public sealed class ImagePixelExtractingEstimator : TrivialEstimator<ImagePixelExtractingTransformer>
{
    private readonly ImagePixelExtractingTransformer _transformer;

    internal ImagePixelExtractingEstimator(ImagePixelExtractingTransformer transformer)
        : base(transformer) => _transformer = transformer;

    public enum ColorBits : byte
    {
        Alpha = 1,
        Red = 2,
        Green = 4,
        Blue = 8,
        Rgb = Red | Green | Blue,
        All = Alpha | Red | Green | Blue,
    }

    public enum ColorsOrder : byte
    {
        ARGB = 1,
        ARBG = 2,
        ABRG = 3,
        ABGR = 4,
        AGRB = 5,
        AGBR = 6,
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => _transformer.Extract(inputSchema);
}

/// <summary>Takes the pixels out of images of known size, as bytes: red, green, blue of each pixel, row by row.</summary>
public sealed class ImagePixelExtractingTransformer : RowToRowTransformerBase
{
    internal const string Kind = "ExtractPixels";

    private readonly string _output;
    private readonly string _input;

    internal ImagePixelExtractingTransformer(string output, string input)
    {
        _output = output;
        _input = input;
    }

    internal static ITransformer Load(ModelReader reader) => new ImagePixelExtractingTransformer(reader.ReadString(), reader.ReadString());

    internal SchemaShape Extract(SchemaShape input)
    {
        SchemaShape.Column image = input.Find(_input);
        if (image.ItemType is not ImageDataViewType || image.Kind != SchemaShape.Column.VectorKind.Scalar)
        {
            throw Mismatch.WrongType(_input, new ImageDataViewType().ToString(), image.Describe());
        }

        return input.With([new SchemaShape.Column(_output, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Byte, new SchemaShape([]))]);
    }

    private protected override RowMapper Bind(DataViewSchema input)
    {
        DataViewSchema.Column source = Mismatch.Find(input, _input);
        if (source.Type is not ImageDataViewType type)
        {
            throw Mismatch.WrongType(_input, "image", source.Type.ToString());
        }

        if (type.Height <= 0 || type.Width <= 0)
        {
            throw Mismatch.WrongType(_input, "known-size image", "unknown-size image");
        }

        var added = new DataViewSchema.DetachedColumn(_output, new VectorDataViewType(NumberDataViewType.Byte, type.Height, type.Width, 3));
        return RowMapper.Adding(input, [added], [source.Index], (DataViewRow row, bool[] _, out Action dispose) =>
        {
            MLImage image = null;
            dispose = () => image?.Dispose();
            ValueGetter<MLImage> getImage = row.GetGetter<MLImage>(source);
            return [(ValueGetter<VBuffer<byte>>)((ref VBuffer<byte> pixels) =>
            {
                getImage(ref image);
                Extract(image, type, ref pixels);
            })];
        });
    }

    private protected override void Save(ModelSaveContext ctx)
    {
        ctx.Begin(Kind);
        ctx.Writer.Write(_output);
        ctx.Writer.Write(_input);
    }

    private static void Extract(MLImage image, ImageDataViewType type, ref VBuffer<byte> pixels)
    {
        VBufferEditor<byte> editor = VBufferEditor.Create(ref pixels, type.Height * type.Width * 3);
        if (image == null)
        {
            editor.Values.Clear();
        }
        else if (image.Width != type.Width || image.Height != type.Height)
        {
            throw new InvalidOperationException($"An image of the column of {type.Width}x{type.Height} is {image.Width}x{image.Height}.");
        }
        else
        {
            ReadOnlySpan<byte> source = image.Pixels;
            (int red, int blue) = image.PixelFormat == MLPixelFormat.Bgra32 ? (2, 0) : (0, 2);
            for (int i = 0; i < editor.Values.Length / 3; i++)
            {
                editor.Values[3 * i] = source[(4 * i) + red];
                editor.Values[(3 * i) + 1] = source[(4 * i) + 1];
                editor.Values[(3 * i) + 2] = source[(4 * i) + blue];
            }
        }

        pixels = editor.Commit();
    }
}
