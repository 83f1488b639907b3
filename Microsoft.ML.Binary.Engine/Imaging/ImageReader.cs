using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// Reads image files of every format by the same rules:
/// <list type="bullet">
/// <item>The format is told by the first bytes. Size and orientation are read from the header before anything is decoded, and an image
/// above <see cref="ImageReadOptions.MaxPixels"/> is refused.</item>
/// <item>The picture is upright: the orientation that a camera notes (Exif in JPEG, PNG and WebP; TIFF) is applied.</item>
/// <item>What is transparent shows white: red = round(red * alpha / 255) + 255 - alpha, likewise green and blue. ML.NET's images hold the
/// rounded product, so both give the same.</item>
/// <item>Gray becomes red = green = blue, 16 bits are rounded to 8, palette indices become their colours; colour profiles are not applied.
/// Of several frames the first is read.</item>
/// <item>Only regular files are opened, no pipes or devices.</item>
/// </list>
/// The engine reads PNG, BMP, TIFF (without JPEG and fax compression) and binary PGM and PPM; the ML.NET package adds JPEG, GIF and WebP.
/// </summary>
public static class ImageReader
{
    /// <summary>Reads an image file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits and the size needed; null takes <see cref="ImageReadOptions.Default"/>.</param>
    /// <param name="name">What messages call the file; null takes the path.</param>
    /// <exception cref="InvalidDataException">The file is no image of a known format, damaged, truncated or too large; the message names it.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <example>
    /// <code>
    /// LoadedImage photo = ImageReader.Load("photo.jpg", new() { NeededLongestSide = 480 });
    /// // photo.Image is 500x375 of a photo of 4000x3000; photo.FullWidth is 4000
    /// </code>
    /// </example>
    public static LoadedImage Load(string path, ImageReadOptions? options = null, string? name = null)
    {
        using ImageFile file = ImageFile.Open(path, options, name);
        return file.ReadColors();
    }

    /// <summary>Reads an encoded image (an upload, say) from a stream.</summary>
    /// <param name="stream">Read from its position to its end.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">Limits and the size needed; null takes <see cref="ImageReadOptions.Default"/>.</param>
    /// <exception cref="InvalidDataException">The data are no image of a known format, damaged, truncated or too large; the message names the stream.</exception>
    public static LoadedImage Load(Stream stream, string name, ImageReadOptions? options = null)
    {
        using ImageFile file = ImageFile.Open(stream, name, options);
        return file.ReadColors();
    }

    /// <summary>Reads an encoded image from memory.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">Limits and the size needed; null takes <see cref="ImageReadOptions.Default"/>.</param>
    /// <exception cref="InvalidDataException">The data are no image of a known format, damaged, truncated or too large; the message gives the name.</exception>
    public static LoadedImage Load(ReadOnlyMemory<byte> bytes, string name, ImageReadOptions? options = null)
    {
        using ImageFile file = ImageFile.Open(new MemorySource(bytes), name, options ?? ImageReadOptions.Default);
        return file.ReadColors();
    }

    /// <summary>
    /// Reads an image file row by row, from the top, without ever holding all of its pixels. PNG files that are not interlaced, TIFF, PNM and top-down
    /// BMP are read from disk piece by piece; of JPEG the encoded file is in memory. All pixels are in memory for what is not stored from the top: other BMP, interlaced PNG, progressive
    /// JPEG, GIF and WebP, pictures that a camera stored turned, and a JPEG without its end.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="begin">Is told size and format, once and first, and gives what takes the rows of the upright picture. What that throws ends the reading, and comes out as it is.</param>
    /// <param name="options">Limits; null takes <see cref="ImageReadOptions.Default"/>. <see cref="ImageReadOptions.NeededLongestSide"/> is not used.</param>
    /// <exception cref="InvalidDataException">As for <see cref="Load(string, ImageReadOptions?, string?)"/>; some rows may have been given then.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <example>
    /// <code>
    /// long sum = 0;
    /// ImageReader.ReadRows("map.png", info => rgb => sum += rgb[0]);
    /// </code>
    /// </example>
    public static void ReadRows(string path, Func<ImageInfo, DecodedRow> begin, ImageReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(begin);
        using FileSource source = new(path, path);
        ImageFile.ReadRows(source, path, options ?? ImageReadOptions.Default, begin);
    }

    /// <summary>The format that the first bytes of a file tell; null if it is none of those that can be read.</summary>
    /// <param name="start">The first bytes, 12 or more.</param>
    public static ImageFormat? FormatOf(ReadOnlySpan<byte> start) => ImageHeader.FormatOf(start);

    /// <summary>Reads format, size and orientation of an encoded image, from its header alone.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">The data are no image of a known format, or the header is damaged; the message gives the name.</exception>
    public static ImageInfo ReadInfo(ReadOnlyMemory<byte> bytes, string name) => ImageHeader.Read(new MemorySource(bytes), name);

    /// <summary>The most pixels that are read of an image of this kind: fewer than <see cref="ImageReadOptions.MaxPixels"/> where its decoder holds it whole (GIF, lossless WebP, progressive JPEG).</summary>
    /// <param name="bytes">The bytes of an image file.</param>
    /// <param name="name">What error messages call the image.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="InvalidDataException">The bytes are no image of a known format, or its header is damaged; the message names it.</exception>
    public static long MostPixels(ReadOnlyMemory<byte> bytes, string name, ImageReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        MemorySource source = new(bytes);
        return ImageHeader.MostPixels(source, ImageHeader.Read(source, name), options, name);
    }

    /// <summary>Reads format, size and orientation of an image file, from its header alone.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is no image of a known format, or its header is damaged; the message names it.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static ImageInfo ReadInfo(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileSource source = new(path, path);
        return ImageHeader.Read(source, path);
    }

    /// <summary>Adds a decoder for the whole process. Of several for one format the last added is used; PNG, BMP, TIFF and PNM are always read by the engine.</summary>
    public static void AddDecoder(IImageDecoder decoder)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ImageDecoders.Add(decoder);
    }

    /// <summary>
    /// Adds a decoder of a library for the whole process: formats that a program has a decoder of its own for (<see cref="AddDecoder"/>) are left to that, whichever was added
    /// first. Of several such the first added is used.
    /// </summary>
    public static void AddFallbackDecoder(IImageDecoder decoder)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ImageDecoders.AddLast(decoder);
    }
}
