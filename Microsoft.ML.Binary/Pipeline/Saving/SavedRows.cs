using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>No column: the input of a mapping that makes a constant.</summary>
internal sealed class SavedNothing
{
}

/// <summary>A key into the saved tables.</summary>
internal sealed class SavedKey
{
    /// <summary>The row with the network file; in the table of sizes, the row with the size.</summary>
    public const int Network = 0;

    /// <summary>The row with the column names, in JSON.</summary>
    public const int ColumnNames = 1;

    [ColumnName(SavedColumns.Key)]
    public int Key { get; set; }
}

/// <summary>A row of a saved table.</summary>
internal sealed class SavedEntry
{
    public int Key { get; set; }

    public byte[] Value { get; set; } = [];
}

/// <summary>What a saved scoring reads. One object serves all rows of a cursor, so it also holds what they use again.</summary>
internal abstract class SavedInput
{
    private VBuffer<byte> _dense;

    [ColumnName(SavedColumns.Payload)]
    public VBuffer<byte> Payload { get; set; }

    internal DensePrediction Prediction { get; } = new();

    /// <summary>The bytes of the network and its views (<see cref="StoredModel"/>).</summary>
    internal ReadOnlySpan<byte> PayloadBytes() => Bytes(Payload);

    internal abstract RgbImage Pixels();

    /// <summary>The size of the picture where its pixels may have been decoded smaller; null where they were not.</summary>
    internal virtual (int Width, int Height)? FullSize => null;

    // ML.NET may hand out any vector with few values other than 0 in sparse form.
    private protected ReadOnlySpan<byte> Bytes(VBuffer<byte> values)
    {
        if (values.IsDense)
        {
            return values.GetValues();
        }

        values.CopyToDense(ref _dense);
        return _dense.GetValues();
    }
}

/// <summary>An image of any size.</summary>
internal class SavedImageInput : SavedInput
{
    private RgbImage? _pixels;

    [ColumnName(SavedColumns.Image)]
    public MLImage? Image { get; set; }

    internal override (int Width, int Height)? FullSize => Image is null ? null : ReducedImage.FullSizeOf(Image);

    internal override RgbImage Pixels()
    {
        MLImage image = Image ?? throw new InvalidOperationException("A row holds no image; remove rows without one before scoring.");
        image.CopyTo(ref _pixels);
        return _pixels;
    }
}

/// <summary>
/// The pixels of an image from a column of known size. ML.NET binds no image of such a column to a member of a class unless the very size
/// has been registered in the process, which nothing in a saved model could do.
/// </summary>
internal class SavedPixelInput : SavedInput
{
    private RgbImage? _pixels;

    /// <summary>Alpha, red, green, blue of each pixel, row-major; in models of before there was alpha, red, green, blue.</summary>
    [ColumnName(SavedColumns.Pixels)]
    public VBuffer<byte> Argb { get; set; }

    /// <summary>Height and width, 4 bytes each, least significant first.</summary>
    [ColumnName(SavedColumns.Size)]
    public VBuffer<byte> Size { get; set; }

    internal static byte[] SizeBytes(int height, int width)
    {
        byte[] bytes = new byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, height);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(sizeof(int)), width);
        return bytes;
    }

    internal override RgbImage Pixels()
    {
        EnsureSize();
        ReadOnlySpan<byte> bytes = Bytes(Argb);
        if (bytes.Length == _pixels.Pixels.Length)
        {
            bytes.CopyTo(_pixels.Pixels);
        }
        else
        {
            _pixels.CopyFromArgb(bytes);
        }

        return _pixels;
    }

    [MemberNotNull(nameof(_pixels))]
    private void EnsureSize()
    {
        ReadOnlySpan<byte> size = Bytes(Size);
        int height = BinaryPrimitives.ReadInt32LittleEndian(size), width = BinaryPrimitives.ReadInt32LittleEndian(size[sizeof(int)..]);
        if (_pixels?.Height != height || _pixels.Width != width)
        {
            _pixels = new RgbImage(width, height);
        }
    }
}

internal class SavedSegmentation
{
    [ColumnName(SavedColumns.Labels)]
    public VBuffer<byte> Labels { get; set; }

    [ColumnName(SavedColumns.Height)]
    public int Height { get; set; }

    [ColumnName(SavedColumns.Width)]
    public int Width { get; set; }
}

internal sealed class SavedSegmentationWithScores : SavedSegmentation
{
    [ColumnName(SavedColumns.Scores)]
    public VBuffer<float> Scores { get; set; }
}

internal sealed class SavedSaliency
{
    [ColumnName(SavedColumns.Saliency)]
    public VBuffer<float> Saliency { get; set; }

    [ColumnName(SavedColumns.Height)]
    public int Height { get; set; }

    [ColumnName(SavedColumns.Width)]
    public int Width { get; set; }
}
