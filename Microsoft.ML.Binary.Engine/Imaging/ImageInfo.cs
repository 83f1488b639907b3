namespace Microsoft.ML.Binary.Imaging;

/// <summary>What the header of an image file says.</summary>
/// <param name="Format">The format.</param>
/// <param name="StoredWidth">Pixels in a stored row.</param>
/// <param name="StoredHeight">Stored rows.</param>
/// <param name="Orientation">How the stored rows lie in the picture.</param>
/// <example>
/// <code>
/// ImageInfo info = ImageReader.ReadInfo("photo.jpg");                     // from the header alone
/// Console.WriteLine($"{info.Format}, {info.Width}x{info.Height} upright");
/// </code>
/// </example>
public sealed record ImageInfo(ImageFormat Format, int StoredWidth, int StoredHeight, ImageOrientation Orientation)
{
    /// <summary>Pixels in a row of the upright picture.</summary>
    public int Width => ExchangesSides ? StoredHeight : StoredWidth;

    /// <summary>Rows of the upright picture.</summary>
    public int Height => ExchangesSides ? StoredWidth : StoredHeight;

    private bool ExchangesSides => Orientation >= ImageOrientation.Transposed;
}
