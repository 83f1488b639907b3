using Microsoft.ML.Binary.Imaging;

namespace Ablation;

/// <summary>Half of an image's sides: images averaged over 2x2 pixels, masks sampled.</summary>
internal static class HalfSize
{
    public static RgbImage Image(RgbImage image)
    {
        (int width, int height) = (image.Width / 2, image.Height / 2);
        byte[] half = new byte[width * height * 3];
        for (int i = 0; i < half.Length; i++)
        {
            (int pixel, int channel) = (i / 3, i % 3);
            int at = (pixel / width * 2 * image.Width + pixel % width * 2) * 3 + channel, below = at + image.Width * 3;
            half[i] = (byte)((image.Pixels[at] + image.Pixels[at + 3] + image.Pixels[below] + image.Pixels[below + 3] + 2) / 4);
        }

        return new RgbImage(width, height, half);
    }

    public static byte[] Mask(byte[] mask, int width, int height) =>
        [.. Enumerable.Range(0, width / 2 * (height / 2)).Select(i => mask[i / (width / 2) * 2 * width + i % (width / 2) * 2])];
}
