namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// How the rows of a file lie in the upright picture: the values of the Orientation tag (TIFF 6.0, tag 274; Exif). A camera that was
/// turned stores the rows as its sensor gave them and says here what a viewer has to do.
/// </summary>
/// <example>
/// <code>
/// ImageInfo info = ImageReader.ReadInfo("phone.jpg");
/// if (info.Orientation != ImageOrientation.Upright)
/// {
///     Console.WriteLine($"stored as {info.StoredWidth}x{info.StoredHeight}, seen as {info.Width}x{info.Height} ({info.Orientation})");
/// }
/// </code>
/// </example>
public enum ImageOrientation
{
    /// <summary>As stored.</summary>
    Upright = 1,

    /// <summary>Mirrored left to right.</summary>
    MirroredHorizontally = 2,

    /// <summary>Turned by 180 degrees.</summary>
    Rotated180 = 3,

    /// <summary>Mirrored top to bottom.</summary>
    MirroredVertically = 4,

    /// <summary>Rows and columns exchanged.</summary>
    Transposed = 5,

    /// <summary>To be turned clockwise by 90 degrees.</summary>
    Rotated90 = 6,

    /// <summary>Rows and columns exchanged, and turned by 180 degrees.</summary>
    Transversed = 7,

    /// <summary>To be turned clockwise by 270 degrees.</summary>
    Rotated270 = 8,
}
