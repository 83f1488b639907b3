namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>An encoded image that has passed its limits, and how it is decoded.</summary>
internal sealed class ImageFile
{
    /// <summary>Room for what a file may hold beside its pixels: previews, profiles, the film of a motion photo.</summary>
    private const long ExtraBytes = 1L << 26;

    /// <summary>No format needs more: 4 channels of 16 bits, and as much again for data that were compressed in vain.</summary>
    private const long MaxBytesPerPixel = 16;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly ImageInfo _info;
    private readonly string _name;
    private readonly ImageReadOptions _options;

    private ImageFile(ReadOnlyMemory<byte> bytes, ImageInfo info, string name, ImageReadOptions options) =>
        (_bytes, _info, _name, _options) = (bytes, info, name, options);

    /// <exception cref="InvalidDataException">The file is no image, its header is damaged, or it is too large.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static ImageFile Open(string path, ImageReadOptions? options = null, string? name = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileSource source = new(path, name ?? path);
        return Open(source, name ?? path, options ?? ImageReadOptions.Default);
    }

    /// <param name="stream">Read from its position to its end.</param>
    /// <param name="name">What error messages call the stream.</param>
    /// <param name="options">Limits.</param>
    public static ImageFile Open(Stream stream, string name, ImageReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= ImageReadOptions.Default;
        using MemoryStream copy = new();
        if (!CopyUpTo(ExtraBytes))
        {
            // The header of every format lies in the part that is there; only then is it known how much the rest may be.
            ImageInfo info = ImageHeader.Read(new MemorySource(copy.GetBuffer().AsMemory(0, (int)copy.Length)), name);
            ImageHeader.CheckLimit(info, options, name);
            CopyUpTo(MaxBytes(info));
        }

        return Open(new MemorySource(copy.GetBuffer().AsMemory(0, (int)copy.Length)), name, options);

        bool CopyUpTo(long limit)
        {
            byte[] block = new byte[81920];
            int count = 0;
            while (copy.Length < limit && (count = stream.Read(block)) > 0)
            {
                copy.Write(block, 0, count);
            }

            return count == 0;
        }
    }

    public static ImageFile Open(ByteSource source, string name, ImageReadOptions options)
    {
        ImageInfo info = ImageHeader.Read(source, name);
        ImageHeader.CheckLimit(info, options, name);
        return new ImageFile(source.ReadStart(MaxBytes(info)), info, name, options);
    }

    /// <summary>Gives out the rows of the upright picture, without all pixels in memory where the format allows it.</summary>
    public static void ReadRows(FileSource source, string name, ImageReadOptions options, Func<ImageInfo, ImageRow> begin)
    {
        ImageInfo info = ImageHeader.Read(source, name);
        ImageHeader.CheckLimit(info, options, name);
        if (info is { Format: ImageFormat.Png, Orientation: ImageOrientation.Upright })
        {
            PngReader png = PngReader.Open(source, name, options.OnWarning);
            png.ReadColors(new ImageRows(info, begin(info), options.Cancellation));
            return;
        }

        ImageFile file = new(source.ReadStart(MaxBytes(info)), info, name, options with { NeededLongestSide = 0 });
        if (info.Orientation == ImageOrientation.Upright && file.SamplesOrNull() is { } reader)
        {
            reader.ReadColors(new ImageRows(info, begin(info), options.Cancellation));
        }
        else if (info is { Orientation: ImageOrientation.Upright, Format: ImageFormat.Jpeg } && JpegHeader.FindEnd(file._bytes.Span, name) is { } end)
        {
            ImageRows rows = new(info, begin(info), options.Cancellation);
            ImageDecoders.Decode(ImageDecoders.Find(info.Format, name), new EncodedImage(file._bytes[..end], info, 1), name, rows);
        }
        else
        {
            RgbImage image = file.ReadColors().Image;
            ImageRow take = begin(info);
            for (int y = 0; y < image.Height; y++)
            {
                take(image.Pixels.AsSpan(3 * y * image.Width, 3 * image.Width));
            }
        }
    }

    /// <summary>Decodes to colours on white, upright.</summary>
    public LoadedImage ReadColors()
    {
        if (SamplesOrNull() is { } reader)
        {
            ImageRows rows = new(_info, 1, _options.Cancellation);
            reader.ReadColors(rows);
            return new LoadedImage(rows.ToImage(), _info, 1);
        }

        IImageDecoder decoder = ImageDecoders.Find(_info.Format, _name);
        if (_info.Format == ImageFormat.Jpeg)
        {
            int reduction = ReductionFor(Math.Max(_info.StoredWidth, _info.StoredHeight), _options.NeededLongestSide);
            return new LoadedImage(JpegPicture.Decode(_bytes, _info, reduction, decoder, _name, _options), _info, reduction);
        }

        return new LoadedImage(ImageDecoders.Decode(decoder, new EncodedImage(_bytes, _info, 1), _name, _options.Cancellation), _info, 1);
    }

    /// <summary>Decodes to samples as stored, upright; only formats without loss, which the engine reads itself.</summary>
    public Raster ReadSamples() => SamplesOrNull() is { } reader
        ? reader.ReadAll(_info.Orientation)
        : throw new InvalidDataException(
            $"{_name}: a {_info.Format.Name()} file is not read as a mask{(_info.Format == ImageFormat.Jpeg ? ", because JPEG changes the values that were drawn" : "")}. "
            + "Save masks as PNG, TIFF, BMP or binary PGM.");

    /// <summary>The largest reduction by a power of two that leaves the longest side at least as long as needed.</summary>
    internal static int ReductionFor(int longestSide, int needed)
    {
        const int largest = 8;
        int reduction = largest;
        while (reduction > 1 && (needed == 0 || (longestSide + reduction - 1) / reduction < needed))
        {
            reduction /= 2;
        }

        return reduction;
    }

    private static long MaxBytes(ImageInfo info) => ExtraBytes + (MaxBytesPerPixel * info.StoredWidth * info.StoredHeight);

    private SampleReader? SamplesOrNull()
    {
        SampleReader? reader = _info.Format switch
        {
            ImageFormat.Png => PngReader.Open(new MemorySource(_bytes), _name, _options.OnWarning),
            ImageFormat.Pnm => PnmReader.Open(_bytes, _name),
            ImageFormat.Bmp => BmpReader.Open(_bytes, _name),
            ImageFormat.Tiff => TiffReader.Open(_bytes, _name),
            _ => null,
        };
        return reader is null || (reader.Form.Width, reader.Form.Height) == (_info.StoredWidth, _info.StoredHeight)
            ? reader
            : throw new InvalidDataException($"{_name}: the file changed while it was read.");
    }
}
