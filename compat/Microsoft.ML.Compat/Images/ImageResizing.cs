using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

public sealed class ImageResizingEstimator : TrivialEstimator<ImageResizingTransformer>
{
    private readonly ImageResizingTransformer _transformer;

    internal ImageResizingEstimator(ImageResizingTransformer transformer)
        : base(transformer) => _transformer = transformer;

    public enum ResizingKind : byte
    {
        IsoPad = 0,
        IsoCrop = 1,
        Fill = 2,
    }

    public enum Anchor : byte
    {
        Right = 0,
        Left = 1,
        Top = 2,
        Bottom = 3,
        Center = 4,
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) => _transformer.Resize(inputSchema);
}

/// <summary>Brings images to one size. An image that has it already is passed on as it is.</summary>
public sealed class ImageResizingTransformer : RowToRowTransformerBase
{
    internal const string Kind = "ResizeImages";

    private readonly string _output;
    private readonly string _input;
    private readonly int _width;
    private readonly int _height;
    private readonly ImageResizingEstimator.ResizingKind _resizing;
    private readonly ImageResizingEstimator.Anchor _anchor;
    private readonly ImageDataViewType _type;

    internal ImageResizingTransformer(
        string output, string input, int width, int height, ImageResizingEstimator.ResizingKind resizing, ImageResizingEstimator.Anchor anchor)
    {
        _output = output;
        _input = input;
        _width = width;
        _height = height;
        _resizing = resizing;
        _anchor = anchor;
        _type = new ImageDataViewType(height, width);
    }

    internal static ITransformer Load(ModelReader reader) => new ImageResizingTransformer(
        reader.ReadString(), reader.ReadString(), reader.ReadInt32(), reader.ReadInt32(),
        (ImageResizingEstimator.ResizingKind)reader.ReadByte(), (ImageResizingEstimator.Anchor)reader.ReadByte());

    internal SchemaShape Resize(SchemaShape input)
    {
        SchemaShape.Column image = input.Find(_input);
        if (image.ItemType is not ImageDataViewType || image.Kind != SchemaShape.Column.VectorKind.Scalar)
        {
            throw Mismatch.WrongType(_input, new ImageDataViewType().ToString(), image.Describe());
        }

        return input.With([SchemaShape.ColumnOf(_output, _type, DataViewSchema.Annotations.Empty)]);
    }

    private protected override RowMapper Bind(DataViewSchema input)
    {
        DataViewSchema.Column source = Mismatch.Find(input, _input);
        if (source.Type is not ImageDataViewType)
        {
            throw Mismatch.WrongType(_input, new ImageDataViewType().ToString(), source.Type.ToString());
        }

        var added = new DataViewSchema.DetachedColumn(_output, _type);
        return RowMapper.Adding(input, [added], [source.Index], (DataViewRow row, bool[] _, out Action dispose) =>
        {
            dispose = null;
            return [CreateGetter(row.GetGetter<MLImage>(source))];
        });
    }

    private protected override void Save(ModelSaveContext ctx)
    {
        ctx.Begin(Kind);
        ctx.Writer.Write(_output);
        ctx.Writer.Write(_input);
        ctx.Writer.Write(_width);
        ctx.Writer.Write(_height);
        ctx.Writer.Write((byte)_resizing);
        ctx.Writer.Write((byte)_anchor);
    }

    private ValueGetter<MLImage> CreateGetter(ValueGetter<MLImage> getSource)
    {
        MLImage source = null;
        return (ref MLImage image) =>
        {
            // Whatever was given out before: also an image that was passed on as it was, and belongs to someone else.
            image?.Dispose();
            getSource(ref source);
            if (source == null || (source.Width == _width && source.Height == _height))
            {
                image = source;
                return;
            }

            byte[] pixels = ImageResampler.Resample(source.Pixels, source.Width, source.Height, _width, _height, Place(source.Width, source.Height));
            image = MLImage.CreateFromPixels(_width, _height, source.PixelFormat, pixels);
            image.Tag = source.Tag;
        };
    }

    /// <summary>Where the whole source image lies in the target, in whole pixels.</summary>
    private ImageResampler.Placement Place(int sourceWidth, int sourceHeight)
    {
        if (_resizing == ImageResizingEstimator.ResizingKind.Fill)
        {
            return new(0, 0, _width, _height);
        }

        double scaleX = (double)_width / sourceWidth;
        double scaleY = (double)_height / sourceHeight;
        bool crop = _resizing == ImageResizingEstimator.ResizingKind.IsoCrop;
        double scale = crop ? Math.Max(scaleX, scaleY) : Math.Min(scaleX, scaleY);
        int width = Math.Max(1, (int)(sourceWidth * scale));
        int height = Math.Max(1, (int)(sourceHeight * scale));
        double freeX = _width - (sourceWidth * scale);
        double freeY = _height - (sourceHeight * scale);
        double shareX = !crop ? 0.5 : Share(ImageResizingEstimator.Anchor.Left, ImageResizingEstimator.Anchor.Right);
        double shareY = !crop ? 0.5 : Share(ImageResizingEstimator.Anchor.Top, ImageResizingEstimator.Anchor.Bottom);
        return new((int)(freeX * shareX), (int)(freeY * shareY), width, height);
    }

    private double Share(ImageResizingEstimator.Anchor first, ImageResizingEstimator.Anchor last) => _anchor == first ? 0 : _anchor == last ? 1 : 0.5;
}
