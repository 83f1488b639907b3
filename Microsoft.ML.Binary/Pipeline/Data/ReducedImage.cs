using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// ML.NET images that were decoded smaller than their pictures are (<see cref="ImageLoadOptions.NeededLongestSide"/>), and the size of these pictures,
/// which an <see cref="MLImage"/> has no room for. An image that another transformer makes of one is an image of its own size, and so is every image of a column
/// whose images all have one size, as <c>ResizeImages</c> makes it.
/// </summary>
/// <example>
/// <code>
/// (int width, int height) = ReducedImage.FullSizeOf(photo);              // 4000 x 3000, of a photo that was decoded at an eighth
/// </code>
/// </example>
public static class ReducedImage
{
    private static readonly ConditionalWeakTable<MLImage, PictureSize> Sizes = [];

    /// <summary>The size of the picture that an image was decoded from; the image's own if it was decoded whole, or made otherwise.</summary>
    public static (int Width, int Height) FullSizeOf(MLImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Sizes.TryGetValue(image, out PictureSize? size) ? (size.Width, size.Height) : (image.Width, image.Height);
    }

    /// <summary>The same for the image of a column. Where that says what size its images have it is theirs: <c>ResizeImages</c> passes on as it is an image that has the size already.</summary>
    internal static (int Width, int Height) SizeOf(MLImage image, KnownSize? known) => known is null ? FullSizeOf(image) : (image.Width, image.Height);

    internal static MLImage Of(LoadedImage picture)
    {
        MLImage image = picture.Image.ToMLImage();
        if (picture.Reduction != 1)
        {
            Sizes.Add(image, new(picture.FullWidth, picture.FullHeight));
        }

        return image;
    }

    private sealed record PictureSize(int Width, int Height);
}
