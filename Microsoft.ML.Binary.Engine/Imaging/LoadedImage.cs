namespace Microsoft.ML.Binary.Imaging;

/// <summary>An image that was read from a file: upright, and of the picture's size or reduced as far as the reader was allowed to.</summary>
/// <param name="Image">The pixels.</param>
/// <param name="Info">What the file's header says; its width and height are the picture's full size.</param>
/// <param name="Reduction">
/// 1, 2, 4 or 8: the sides of <paramref name="Image"/> are those of the picture divided by this, rounded up.
/// </param>
/// <example>
/// <code>
/// LoadedImage photo = ImageReader.Load("photo.jpg", new() { NeededLongestSide = 480 });
/// Console.WriteLine($"{photo.FullWidth}x{photo.FullHeight}, decoded at 1/{photo.Reduction}");
/// </code>
/// </example>
public sealed record LoadedImage(RgbImage Image, ImageInfo Info, int Reduction)
{
    /// <summary>Pixels in a row of the whole picture.</summary>
    public int FullWidth => Info.Width;

    /// <summary>Rows of the whole picture.</summary>
    public int FullHeight => Info.Height;
}
