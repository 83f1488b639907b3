using System.Runtime.ExceptionServices;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>An encoded image that has passed its limits, and how it is decoded.</summary>
internal sealed class ImageFile : IDisposable
{
    /// <summary>Room for what a file may hold beside its pixels: previews, profiles, the film of a motion photo.</summary>
    private const long ExtraBytes = 1L << 26;

    /// <summary>No format needs more: 4 channels of 16 bits, and as much again for data that were compressed in vain.</summary>
    private const long MaxBytesPerPixel = 16;

    private readonly ByteSource _source;
    private readonly ImageInfo _info;
    private readonly string _name;
    private readonly ImageReadOptions _options;

    private ImageFile(ByteSource source, ImageInfo info, string name, ImageReadOptions options) =>
        (_source, _info, _name, _options) = (source, info, name, options);

    /// <exception cref="InvalidDataException">The file is no image, its header is damaged, or it is too large.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static ImageFile Open(string path, ImageReadOptions? options = null, string? name = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileSource source = new(path, name ?? path);
        try
        {
            return Open(source, name ?? path, options ?? ImageReadOptions.Default);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <param name="stream">Read from its position to its end.</param>
    /// <param name="name">What error messages call the stream.</param>
    /// <param name="options">Limits.</param>
    /// <param name="extraBytes">Room for what the stream may hold beside its pixels.</param>
    public static ImageFile Open(Stream stream, string name, ImageReadOptions? options = null, long extraBytes = ExtraBytes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= ImageReadOptions.Default;
        using MemoryStream copy = new();
        if (!CopyUpTo(extraBytes))
        {
            // As a rule the header lies in the part that is there, and tells how much the rest may be. That of a TIFF file may lie at its end.
            ImageInfo? info = ImageHeader.TryRead(Copied(), name, out _);
            if (info is not null)
            {
                ImageHeader.CheckLimit(Copied(), info, options, name);
            }

            CopyUpTo(MaxBytes(info is null ? options.MaxPixels : PixelsOf(info), extraBytes));
        }

        return Open(Copied(), name, options);

        MemorySource Copied() => new(copy.GetBuffer().AsMemory(0, (int)copy.Length));

        bool CopyUpTo(long limit)
        {
            byte[] block = new byte[81920];
            int count = 0;
            while (copy.Length < limit && (count = stream.Read(block, 0, (int)Math.Min(block.Length, limit - copy.Length))) > 0)
            {
                copy.Write(block, 0, count);
            }

            return count == 0;
        }
    }

    public static ImageFile Open(ByteSource source, string name, ImageReadOptions options)
    {
        ImageInfo info = ImageHeader.Read(source, name);
        ImageHeader.CheckLimit(source, info, options, name);
        return new ImageFile(source, info, name, options);
    }

    /// <summary>Gives out the rows of the upright picture, without all pixels in memory where the format allows it. What their taker throws comes out as it is.</summary>
    public static void ReadRows(FileSource source, string name, ImageReadOptions options, Func<ImageInfo, DecodedRow> begin)
    {
        ImageInfo info = ImageHeader.Read(source, name);
        ImageHeader.CheckLimit(source, info, options, name);
        ExceptionDispatchInfo? fault = null;
        try
        {
            ReadRows(source, info, name, options, Begin);
        }
        catch when (fault is not null)
        {
            // Whatever readers made of it.
        }

        fault?.Throw();

        // Rows that are all there before the first is given out end in the middle too.
        DecodedRow Begin()
        {
            DecodedRow take = begin(info);
            return rgb =>
            {
                // Readers take what passes through them for damage, and may begin again.
                fault?.Throw();
                options.Cancellation.ThrowIfCancellationRequested();
                try
                {
                    take(rgb);
                }
                catch (Exception e)
                {
                    fault = ExceptionDispatchInfo.Capture(e);
                    throw;
                }
            };
        }
    }

    private static void ReadRows(FileSource source, ImageInfo info, string name, ImageReadOptions options, Func<DecodedRow> begin)
    {
        ImageFile file = new(source, info, name, options with { NeededLongestSide = 0 });
        bool upright = info.Orientation == ImageOrientation.Upright;
        SampleReader? reader = upright ? file.SamplesOrNull(forColors: true) : null;
        if (reader is { ComesInOrder: true })
        {
            reader.ReadColors(new ImageRows(info, begin(), options.Cancellation));
        }
        else if (reader is not null)
        {
            GiveOut(ReadColors(reader, info, reduction: 1, options), begin());
        }
        else if (upright && info.Format == ImageFormat.Jpeg && file.ReadBytes() is var bytes && JpegHeader.FindEnd(bytes.Span, name) is { } end)
        {
            ImageRows rows = new(info, begin(), options.Cancellation);
            ImageDecoders.Decode(ImageDecoders.Find(info.Format, name), new EncodedImage(bytes[..end], info, 1), name, rows);
        }
        else
        {
            GiveOut(file.ReadColors().Image, begin());
        }

        static void GiveOut(RgbImage image, DecodedRow take)
        {
            for (int y = 0; y < image.Height; y++)
            {
                take(image.Pixels.AsSpan(3 * y * image.Width, 3 * image.Width));
            }
        }
    }

    /// <summary>Decodes to colours on white, upright.</summary>
    public LoadedImage ReadColors()
    {
        int reduction = ReductionFor(Math.Max(_info.StoredWidth, _info.StoredHeight), _options.NeededLongestSide);
        return new LoadedImage(ReadColors(reduction), _info, reduction);
    }

    private RgbImage ReadColors(int reduction)
    {
        if (SamplesOrNull(forColors: true) is { } reader)
        {
            return ReadColors(reader, _info, reduction, _options);
        }

        IImageDecoder decoder = ImageDecoders.Find(_info.Format, _name);
        return _info.Format switch
        {
            ImageFormat.Jpeg => JpegPicture.Decode(ReadBytes(), _info, reduction, decoder, _name, _options),
            ImageFormat.WebP => ImageDecoders.Decode(decoder, new EncodedImage(ReadBytes(), _info, reduction), _name, _options, reduction),
            _ => ImageDecoders.Decode(decoder, new EncodedImage(ReadBytes(), _info, 1), _name, _options, reduction),
        };
    }

    private static RgbImage ReadColors(SampleReader reader, ImageInfo info, int reduction, ImageReadOptions options)
    {
        ImageRows rows = new(info, reduction, comesReduced: false, reader.ComesInOrder, options);
        reader.ReadColors(rows);
        return rows.ToImage();
    }

    /// <summary>Decodes to samples as stored, upright; only formats without loss, which the engine reads itself.</summary>
    public Raster ReadSamples() => SamplesOrNull(forColors: false) is { } reader
        ? reader.ReadAll(_info.Orientation)
        : throw new InvalidDataException(
            $"{_name}: a {_info.Format.Name()} file is not read as a mask{(_info.Format == ImageFormat.Jpeg ? ", because JPEG changes the values that were drawn" : "")}. "
            + "Save masks as PNG, TIFF, BMP or binary PGM.");

    /// <summary>The largest reduction by a power of two that leaves the longest side at least as long as needed.</summary>
    internal static int ReductionFor(int longestSide, int needed)
    {
        int reduction = BoxAverage.LargestReduction;
        while (reduction > 1 && (needed == 0 || (longestSide + reduction - 1) / reduction < needed))
        {
            reduction /= 2;
        }

        return reduction;
    }

    public void Dispose() => _source.Dispose();

    // Decoders of others take the whole file.
    private ReadOnlyMemory<byte> ReadBytes() => _source.ReadStart(MaxBytes(PixelsOf(_info), ExtraBytes));

    private static long PixelsOf(ImageInfo info) => (long)info.StoredWidth * info.StoredHeight;

    private static long MaxBytes(long pixels, long extraBytes) => Math.Min(extraBytes + (MaxBytesPerPixel * pixels), Array.MaxLength);

    private SampleReader? SamplesOrNull(bool forColors)
    {
        SampleReader? reader = _info.Format switch
        {
            ImageFormat.Png => PngReader.Open(_source, _name, _options.OnWarning, forColors),
            ImageFormat.Pnm => PnmReader.Open(_source, _name),
            ImageFormat.Bmp => BmpReader.Open(_source, _name),
            ImageFormat.Tiff => TiffReader.Open(_source, _name),
            _ => null,
        };
        return reader is null || (reader.Form.Width, reader.Form.Height) == (_info.StoredWidth, _info.StoredHeight)
            ? reader
            : throw new InvalidDataException($"{_name}: the file changed while it was read.");
    }
}
