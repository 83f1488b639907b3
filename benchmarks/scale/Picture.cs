using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Scale;

/// <summary>A row for each photo: enlarged eight times, its map at that size, and its map as trained.</summary>
internal static class Picture
{
    private const int Factor = 8, Width = 240, Height = 160, Gap = 4;

    public static void Save(DenseNetwork network, string path, IReadOnlyList<string> photos)
    {
        RgbImage sheet = new(3 * Width + 2 * Gap, photos.Count * Height + (photos.Count - 1) * Gap);
        Array.Fill(sheet.Pixels, byte.MaxValue);
        for (int row = 0; row < photos.Count; row++)
        {
            RgbImage photo = RgbImage.Load(photos[row]), large = photo.Resize(Factor * photo.Width, Factor * photo.Height);
            RgbImage[] cells = [large, Map(network, large, ViewOptions.AsIs), Map(network, large, ViewOptions.AsTrained)];
            for (int column = 0; column < cells.Length; column++)
            {
                Paste(cells[column].Resize(Width, Height), sheet, column * (Width + Gap), row * (Height + Gap));
            }
        }

        sheet.SavePng(path);
    }

    private static RgbImage Map(DenseNetwork network, RgbImage image, ViewOptions views)
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = 0, Views = views });
        float[] saliency = new float[image.Width * image.Height];
        compiled.PredictSaliency(image, saliency);
        RgbImage map = new(image.Width, image.Height);
        for (int i = 0; i < map.Pixels.Length; i++)
        {
            map.Pixels[i] = (byte)(255 * saliency[i / 3] + 0.5f);
        }

        return map;
    }

    private static void Paste(RgbImage image, RgbImage sheet, int left, int top)
    {
        for (int y = 0; y < image.Height; y++)
        {
            image.Pixels.AsSpan(3 * y * image.Width, 3 * image.Width).CopyTo(sheet.Pixels.AsSpan(3 * ((top + y) * sheet.Width + left)));
        }
    }
}
