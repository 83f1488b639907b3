using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;

namespace Scale;

/// <summary>Makes large images of small ones: images bilinearly, masks by the nearest pixel.</summary>
internal static class Enlargement
{
    public static TrainingSample Of(TrainingSample sample, double factor)
    {
        RgbImage image = sample.Image;
        (int width, int height) = (Side(image.Width, factor), Side(image.Height, factor));
        return factor == 1
            ? sample
            : new(sample.Name, image.Resize(width, height), Mask(sample.Mask, image.Width, image.Height, width, height));
    }

    public static int Side(int side, double factor) => (int)Math.Max(1, Math.Round(side * factor));

    public static byte[] Mask(byte[] mask, int width, int height, int newWidth, int newHeight)
    {
        byte[] result = new byte[newWidth * newHeight];
        for (int y = 0; y < newHeight; y++)
        {
            int row = (int)((2L * y + 1) * height / (2 * newHeight)) * width;
            for (int x = 0; x < newWidth; x++)
            {
                result[y * newWidth + x] = mask[row + (int)((2L * x + 1) * width / (2 * newWidth))];
            }
        }

        return result;
    }
}
