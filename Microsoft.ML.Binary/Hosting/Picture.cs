using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>An image, perhaps decoded smaller than it is.</summary>
/// <param name="Decoded">As the network needs it.</param>
/// <param name="Decode">Decodes it anew, with as many pixels along the longest side as are needed, or more; null where all are there.</param>
internal sealed record Picture(RgbImage Decoded, Func<int, RgbImage>? Decode = null)
{
    /// <summary>The image in a size, of no fewer pixels than that has.</summary>
    public RgbImage At((int Width, int Height) size)
    {
        RgbImage image = (Decoded.Width < size.Width || Decoded.Height < size.Height) && Decode is not null ? Decode(Math.Max(size.Width, size.Height)) : Decoded;
        return (image.Width, image.Height) == size ? image : image.Resize(size.Width, size.Height);
    }
}
