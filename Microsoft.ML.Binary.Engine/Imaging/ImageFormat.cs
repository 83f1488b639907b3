namespace Microsoft.ML.Binary.Imaging;

/// <summary>Formats of image files, told apart by their first bytes; the extension of a name counts for nothing.</summary>
/// <example>
/// <code>
/// ImageFormat? format = ImageReader.FormatOf([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
/// bool isPng = format == ImageFormat.Png;                                 // true, whatever the file is called
/// </code>
/// </example>
public enum ImageFormat
{
    /// <summary>Portable Network Graphics.</summary>
    Png,

    /// <summary>Binary PGM and PPM (P5, P6) of the Netpbm family.</summary>
    Pnm,

    /// <summary>Windows bitmap.</summary>
    Bmp,

    /// <summary>JPEG, baseline or progressive.</summary>
    Jpeg,

    /// <summary>GIF; the first frame.</summary>
    Gif,

    /// <summary>WebP, lossy or lossless; the first frame.</summary>
    WebP,

    /// <summary>TIFF; the first page.</summary>
    Tiff,
}
