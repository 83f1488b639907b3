namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Reads format, size and orientation of an encoded image, and nothing else of it.</summary>
internal static class ImageHeader
{
    private const int SignatureBytes = 12;

    /// <summary>No picture is longer, and what is held for each column or row of one stays bounded.</summary>
    private const int LongestSide = 1 << 24;

    /// <summary>Bytes that a decoder may need at once, for each pixel that an image may have.</summary>
    private const double MaxHeldBytes = 1.625;

    private static ReadOnlySpan<byte> JpegStart => [0xFF, 0xD8, 0xFF];

    /// <exception cref="InvalidDataException">The format is unknown or the header damaged; the message names the file.</exception>
    public static ImageInfo Read(ByteSource source, string name) =>
        TryRead(source, name, out ImageFormat format) ?? throw new InvalidDataException($"{name}: the {format.Name()} file is truncated: it ends within its header.");

    /// <summary>As <see cref="Read"/>; null where the source ends within the header.</summary>
    /// <exception cref="InvalidDataException">As for <see cref="Read"/>.</exception>
    public static ImageInfo? TryRead(ByteSource source, string name, out ImageFormat format)
    {
        Span<byte> start = stackalloc byte[SignatureBytes];
        start = start[..source.Read(0, start)];
        format = FormatOf(start) ?? throw new InvalidDataException(start.IsEmpty
            ? $"{name}: the file is empty."
            : $"{name}: not an image of a known format (PNG, JPEG, WebP, GIF, BMP, TIFF, binary PGM or PPM), or the start of the file is damaged.");
        try
        {
            ImageInfo info = format switch
            {
                ImageFormat.Png => PngHeader.ReadInfo(source, name),
                ImageFormat.Pnm => PnmReader.ReadInfo(source, name),
                ImageFormat.Bmp => BmpHeader.Read(source, name).Info,
                ImageFormat.Jpeg => JpegHeader.ReadInfo(source, name),
                ImageFormat.Gif => GifHeader.ReadInfo(source),
                ImageFormat.WebP => WebPHeader.ReadInfo(source, name),
                _ => TiffDirectory.ReadInfo(source, name),
            };
            return info is { StoredWidth: > 0, StoredHeight: > 0 }
                ? info
                : throw new InvalidDataException($"{name}: the {format.Name()} header gives the size {info.StoredWidth}x{info.StoredHeight}; both sides must be at least 1.");
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    /// <exception cref="InvalidDataException">The image is too large.</exception>
    public static void CheckLimit(ByteSource source, ImageInfo info, ImageReadOptions options, string name)
    {
        long pixels = (long)info.StoredWidth * info.StoredHeight;
        if (pixels > options.MaxPixels)
        {
            throw new InvalidDataException(
                $"{name}: the {info.Format.Name()} header claims {info.StoredWidth}x{info.StoredHeight} pixels; at most {options.MaxPixels} are read. "
                + $"Where images are that large, allow it: --max-pixels ({nameof(ImageReadOptions)}.{nameof(ImageReadOptions.MaxPixels)}).");
        }

        if (Math.Max(info.StoredWidth, info.StoredHeight) > LongestSide)
        {
            throw new InvalidDataException(
                $"{name}: the {info.Format.Name()} header claims {info.StoredWidth}x{info.StoredHeight} pixels; a side may have at most {LongestSide}.");
        }

        long most = MostPixels(source, info, options, name);
        if (pixels > most)
        {
            throw new InvalidDataException(
                $"{name}: the {info.Format.Name()} header claims {info.StoredWidth}x{info.StoredHeight} pixels, of a kind that is decoded all at once; of these at most {most} are read. "
                + $"Save it as PNG{(info.Format == ImageFormat.Jpeg ? " or as baseline JPEG" : "")}, or allow more: --max-pixels ({nameof(ImageReadOptions)}.{nameof(ImageReadOptions.MaxPixels)}).");
        }
    }

    /// <summary>The most pixels that are read of an image of this kind: fewer where its decoder holds it whole.</summary>
    public static long MostPixels(ByteSource source, ImageInfo info, ImageReadOptions options, string name) =>
        HeldBytes(source, info, name) is > MaxHeldBytes and var held ? (long)(MaxHeldBytes / held * options.MaxPixels) : options.MaxPixels;

    /// <summary>
    /// Bytes a pixel that the decoder needs at once, however small the picture is wanted: 4 of a GIF and of a lossless WebP, and the coefficients of a JPEG whose scans
    /// each hold a part of every pixel.
    /// </summary>
    private static double HeldBytes(ByteSource source, ImageInfo info, string name)
    {
        try
        {
            return info.Format switch
            {
                ImageFormat.Gif => 4,
                ImageFormat.WebP => WebPHeader.IsLossless(source) ? 4 : 0,
                ImageFormat.Jpeg => JpegHeader.CoefficientBytes(source, name),
                _ => 0,
            };
        }
        catch (EndOfStreamException)
        {
            // The decoder will say so.
            return 0;
        }
    }

    /// <summary>What people call the format.</summary>
    public static string Name(this ImageFormat format) => format == ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();

    /// <summary>The format that the first bytes tell.</summary>
    public static ImageFormat? FormatOf(ReadOnlySpan<byte> start) => start switch
    {
        _ when start.StartsWith(PngChunks.Signature) => ImageFormat.Png,
        _ when start.StartsWith(JpegStart) => ImageFormat.Jpeg,
        _ when start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8) => ImageFormat.Gif,
        _ when start.StartsWith("RIFF"u8) && start.Length >= 12 && start[8..12].SequenceEqual("WEBP"u8) => ImageFormat.WebP,
        _ when TiffDirectory.IsTiff(start) => ImageFormat.Tiff,
        _ when start.StartsWith("BM"u8) => ImageFormat.Bmp,
        _ when PnmReader.IsPnm(start) => ImageFormat.Pnm,
        _ => null,
    };
}
