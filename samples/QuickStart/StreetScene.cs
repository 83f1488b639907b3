using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace QuickStart;

/// <summary>The pretrained network for street scenes on any image: for a single one, a predictor needs no pipeline.</summary>
internal static class StreetScene
{
    // What the network was trained on; objects in much larger images would look too large to it.
    private const int UsualWidth = 480;

    /// <summary>Writes an overlay with a legend of the classes, whose names and colours are part of the network.</summary>
    /// <param name="folder">Made if there is none.</param>
    /// <param name="path">An image in any format that ML.NET reads.</param>
    public static void Write(string folder, string path)
    {
        Directory.CreateDirectory(folder);
        using MLImage file = MLImage.CreateFromFile(path);
        RgbImage image = Shrink(file.ToRgbImage());
        DenseNetwork network = PretrainedNetworks.Load(PretrainedModel.RoadScene);
        SegmentationMask mask = new SegmentationPredictor(network).Predict(image);
        OverlayOptions style = new() { Palette = Palette.Of(network.Palette), ClassNames = network.ClassNames };
        string overlay = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(path)}.street.png");
        Overlay.Segmentation(image, mask, style).SavePng(overlay);
        Console.WriteLine($"  {overlay}");
    }

    /// <summary>Averages blocks of pixels, so that the image is about as wide as those the network knows.</summary>
    private static RgbImage Shrink(RgbImage image)
    {
        int block = Math.Max(1, (int)Math.Round(image.Width / (double)UsualWidth));
        RgbImage small = new(image.Width / block, Math.Max(1, image.Height / block));
        for (int i = 0; i < small.Pixels.Length; i++)
        {
            (int x, int y, int channel) = (i / 3 % small.Width * block, i / 3 / small.Width * block, i % 3);
            int sum = 0, count = 0;
            for (int row = y; row < Math.Min(y + block, image.Height); row++)
            {
                for (int column = x; column < x + block; column++, count++)
                {
                    sum += image.Pixels[3 * (row * image.Width + column) + channel];
                }
            }

            small.Pixels[i] = (byte)(sum / count);
        }

        return small;
    }
}
