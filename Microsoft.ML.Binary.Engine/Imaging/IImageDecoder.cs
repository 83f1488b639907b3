namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// Decodes formats that the engine has no reader of its own for. The ML.NET package brings one for JPEG, GIF and WebP; a program
/// that uses the engine alone can add another with <see cref="ImageReader.AddDecoder"/>. Called from several threads at a time.
/// </summary>
/// <example>
/// <code>
/// ImageReader.AddDecoder(new GifDecoder());
///
/// sealed class GifDecoder : IImageDecoder
/// {
///     public bool CanDecode(ImageFormat format) => format == ImageFormat.Gif;
///
///     public void Decode(EncodedImage file, ImageRows rows)
///     {
///         byte[] rgb = FirstFrame(file.Bytes.Span);                   // of a library of your choice
///         for (int y = 0; y &lt; rows.Height; y++)
///         {
///             rows.Set(y, rgb.AsSpan(3 * rows.Width * y, 3 * rows.Width));
///         }
///     }
///
///     private static byte[] FirstFrame(ReadOnlySpan&lt;byte> gif) => throw new NotImplementedException();
/// }
/// </code>
/// </example>
public interface IImageDecoder
{
    /// <summary>Whether this decoder reads a format.</summary>
    bool CanDecode(ImageFormat format);

    /// <summary>
    /// Decodes a file, the header of which has been read and passed the limits, into rows. Rows are given as stored, whatever the
    /// orientation says.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="rows">Takes every row once, in any order. Of a JPEG or WebP they are of <see cref="EncodedImage.Reduction"/> of the stored size, rounded up.</param>
    /// <exception cref="InvalidDataException">The file is damaged; the message says how, without the file's name.</exception>
    void Decode(EncodedImage file, ImageRows rows);
}

/// <summary>The bytes of an image file.</summary>
/// <param name="Bytes">From the start of the file to the end of the picture; there until <see cref="IImageDecoder.Decode"/> returns.</param>
/// <param name="Info">What the header says.</param>
/// <param name="Reduction">1, or 2, 4 or 8 where a JPEG or WebP is to be decoded at a fraction of its size. Other formats are averaged from the rows that the decoder gives.</param>
/// <example>
/// <code>
/// static string Describe(EncodedImage file) =>                            // what a decoder is given
///     $"{file.Info.Format}, {file.Bytes.Length} bytes, {file.Info.StoredWidth}x{file.Info.StoredHeight}, wanted at 1/{file.Reduction} of that";
/// </code>
/// </example>
public sealed record EncodedImage(ReadOnlyMemory<byte> Bytes, ImageInfo Info, int Reduction);
