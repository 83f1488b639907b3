using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Data;

public enum MLPixelFormat
{
    Unknown = 0,
    Bgra32 = 1,
    Rgba32 = 2,
}

/// <summary>
/// Pixels in memory, 4 bytes each, row by row without padding. Reads PNG and binary PGM and PPM, writes PNG; the codec is the library's own.
/// Colours are premultiplied by alpha, as the real class hands them out.
/// </summary>
public sealed class MLImage : IDisposable
{
    private const string OtherFormats = "The stand-in for ML.NET (MlNet=compat) {0} only; other formats need the package Microsoft.ML.ImageAnalytics (build with -p:MlNet=package).";

    private readonly int _width;
    private readonly int _height;
    private readonly MLPixelFormat _pixelFormat;
    private byte[] _pixels;

    private MLImage(int width, int height, MLPixelFormat pixelFormat, byte[] pixels)
    {
        _width = width;
        _height = height;
        _pixelFormat = pixelFormat;
        _pixels = pixels;
    }

    public int Width => Alive(_width);

    public int Height => Alive(_height);

    public MLPixelFormat PixelFormat => Alive(_pixelFormat);

    public int BitsPerPixel => Alive(32);

    public string Tag { get; set; }

    public ReadOnlySpan<byte> Pixels => Alive(_pixels);

    public static MLImage CreateFromStream(Stream imageStream)
    {
        ArgumentNullException.ThrowIfNull(imageStream);
        return Decode(imageStream, nameof(imageStream));
    }

    public static MLImage CreateFromFile(string imagePath)
    {
        ArgumentNullException.ThrowIfNull(imagePath);
        if (!File.Exists(imagePath))
        {
            throw new ArgumentException($"Invalid path: there is no file '{imagePath}'.", nameof(imagePath));
        }

        using FileStream file = File.OpenRead(imagePath);
        return Decode(file, imagePath);
    }

    public static MLImage CreateFromPixels(int width, int height, MLPixelFormat pixelFormat, ReadOnlySpan<byte> imagePixelData)
    {
        if (width <= 0 || height <= 0)
        {
            throw new ArgumentException($"Width {width} and height {height} must be positive.", width <= 0 ? nameof(width) : nameof(height));
        }

        if (pixelFormat is not (MLPixelFormat.Bgra32 or MLPixelFormat.Rgba32))
        {
            throw new ArgumentException($"Unsupported pixel format: {pixelFormat}.", nameof(pixelFormat));
        }

        if (imagePixelData.Length != (long)width * height * 4)
        {
            throw new ArgumentException($"{imagePixelData.Length} bytes given, {width} x {height} pixels of 4 bytes needed.", nameof(imagePixelData));
        }

        return new MLImage(width, height, pixelFormat, imagePixelData.ToArray());
    }

    public void Save(string imagePath)
    {
        byte[] pixels = Alive(_pixels);
        if (!imagePath.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"{imagePath}: {string.Format(OtherFormats, "writes PNG")}", nameof(imagePath));
        }

        byte[] rgba = Unpremultiplied(pixels, PixelFormat == MLPixelFormat.Bgra32);
        using FileStream stream = File.Create(imagePath);
        PngWriter.Write(stream, new Raster(imagePath, Width, Height, ColorModel.Rgba, byte.MaxValue, rgba));
    }

    public void Dispose() => _pixels = null;

    internal static MLImage Decode(Stream stream, string name)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        byte[] file = copy.ToArray();
        if (!PngReader.IsPng(file) && !PnmReader.IsPnm(file))
        {
            throw new ArgumentException($"{name}: neither PNG nor binary PGM or PPM. {string.Format(OtherFormats, "reads those")}");
        }

        try
        {
            Raster raster = ImageFile.Decode(file, name);
            byte[] pixels = raster.ToPixels(PixelLayout.Bgra);
            Premultiply(pixels);
            return new MLImage(raster.Width, raster.Height, MLPixelFormat.Bgra32, pixels);
        }
        catch (InvalidDataException e)
        {
            throw new ArgumentException(e.Message, e);
        }
    }

    private T Alive<T>(T value) => _pixels != null ? value : throw new InvalidOperationException("Object is disposed.");

    private static void Premultiply(Span<byte> pixels)
    {
        for (int i = 0; i < pixels.Length; i += 4)
        {
            int alpha = pixels[i + 3];
            for (int c = 0; alpha < 255 && c < 3; c++)
            {
                pixels[i + c] = (byte)(((pixels[i + c] * alpha) + 127) / 255);
            }
        }
    }

    private static byte[] Unpremultiplied(byte[] pixels, bool swapRedAndBlue)
    {
        var rgba = new byte[pixels.Length];
        for (int i = 0; i < pixels.Length; i += 4)
        {
            int alpha = pixels[i + 3];
            for (int c = 0; c < 3; c++)
            {
                int value = pixels[i + (swapRedAndBlue ? 2 - c : c)];
                rgba[i + c] = (byte)(alpha == 0 ? 0 : Math.Min(255, ((value * 255) + (alpha / 2)) / alpha));
            }

            rgba[i + 3] = (byte)alpha;
        }

        return rgba;
    }
}
