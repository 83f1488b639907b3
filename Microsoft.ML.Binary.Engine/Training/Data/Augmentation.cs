using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>
/// Cuts a random window out of an image and its mask: scaled, mirrored, placed and re-coloured at random. Outside of the image the edge
/// is repeated, and the mask says "ignore" where there is such a label.
/// </summary>
internal sealed class Augmentation(AugmentationOptions options, int height, int width)
{
    /// <summary>Fills one image of a batch: three planes 0..255 and the mask.</summary>
    /// <param name="sample">Where to cut.</param>
    /// <param name="random">Its own stream for every sample of every step.</param>
    /// <param name="planes">Red, green, blue, each height * width.</param>
    /// <param name="mask">height * width.</param>
    /// <param name="outside">The mask value outside of the image; null repeats the edge.</param>
    /// <returns>Where it was cut.</returns>
    public CropWindow Apply(TrainingSample sample, RandomStream random, Span<float> planes, Span<byte> mask, byte? outside)
    {
        RgbImage image = sample.Image;
        CropWindow window = CropWindow.Draw(options, ref random, image.Width, image.Height, width, height);
        AxisSample[] columns = [.. Enumerable.Range(0, width).Select(x => AxisSample.At(window.X(x), image.Width))];
        AxisSample[] rows = [.. Enumerable.Range(0, height).Select(y => AxisSample.At(window.Y(y), image.Height))];
        ReadOnlySpan<byte> pixels = image.Pixels;
        int plane = height * width;
        for (int y = 0; y < height; y++)
        {
            AxisSample row = rows[y];
            ReadOnlySpan<byte> upper = pixels.Slice(row.First * image.Width * 3, image.Width * 3);
            ReadOnlySpan<byte> lower = pixels.Slice(row.Second * image.Width * 3, image.Width * 3);
            for (int x = 0; x < width; x++)
            {
                AxisSample column = columns[x];
                int at = y * width + x;
                for (int c = 0; c < 3; c++)
                {
                    float a = column.Between(upper[column.First * 3 + c], upper[column.Second * 3 + c]);
                    float b = column.Between(lower[column.First * 3 + c], lower[column.Second * 3 + c]);
                    planes[c * plane + at] = row.Between(a, b);
                }

            }
        }

        FillMask(sample.Mask, image.Width, rows, columns, mask, outside);
        new PhotometricChange(options, ref random).Apply(planes, plane);
        CameraChange.Apply(options, ref random, planes, width, height);
        return window;
    }

    /// <summary>Cuts a window out of another mask of the same image.</summary>
    /// <param name="window">Where the image was cut.</param>
    /// <param name="source">The mask.</param>
    /// <param name="imageWidth">Its width.</param>
    /// <param name="mask">The cut, of the window's size.</param>
    /// <param name="outside">The value outside of the image; null repeats the edge.</param>
    public static void FillMask(in CropWindow window, byte[] source, int imageWidth, Span<byte> mask, byte? outside)
    {
        CropWindow cut = window;
        AxisSample[] columns = [.. Enumerable.Range(0, cut.Width).Select(x => AxisSample.At(cut.X(x), imageWidth))];
        AxisSample[] rows = [.. Enumerable.Range(0, cut.Height).Select(y => AxisSample.At(cut.Y(y), source.Length / imageWidth))];
        FillMask(source, imageWidth, rows, columns, mask, outside);
    }

    private static void FillMask(byte[] source, int imageWidth, AxisSample[] rows, AxisSample[] columns, Span<byte> mask, byte? outside)
    {
        for (int y = 0; y < rows.Length; y++)
        {
            for (int x = 0; x < columns.Length; x++)
            {
                mask[(y * columns.Length) + x] = outside is { } value && (rows[y].IsOutside || columns[x].IsOutside)
                    ? value
                    : source[(rows[y].Nearest * imageWidth) + columns[x].Nearest];
            }
        }
    }
}
