using Microsoft.ML;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;
using QuickStart.Scenes;

namespace QuickStart;

/// <summary>Pictures of what the networks see: image, truth, prediction and error side by side.</summary>
internal static class Pictures
{
    private const int Count = 8, Enlargement = 3;

    private static readonly OverlayOptions Style = new()
    {
        Palette = Palette.Parse("#8ECAE6, #8D7B74, #1D5FA8, #4F8F3A, #E0B84C, #E4572E"),
        ClassNames = Enum.GetNames<SceneClass>(),
        Opacity = 0.55f,
    };

    public static void Write(string folder, MLContext ml, LandscapeModel landscape, BalloonModel balloons, SceneFolder test)
    {
        Directory.CreateDirectory(folder);
        IReadOnlyList<ImagePair> classes = ImageFolder.Pair(test.Images, test.Classes), objects = ImageFolder.Pair(test.Images, test.Objects);
        IDataView images = ml.Data.LoadImages(classes.Take(Count).Select(pair => pair.ImagePath));

        // Both stages in one pipeline: the second passes on the columns of the first.
        IDataView scored = balloons.Transformer.Transform(landscape.Transformer.Transform(images));
        int row = 0;
        foreach ((byte[] labels, float[] saliency) in scored.GetColumn<byte[]>("PredictedLabel").Zip(scored.GetColumn<float[]>("Saliency")))
        {
            RgbImage image = RgbImage.Load(classes[row].ImagePath);
            SegmentationMask predictedClasses = new(image.Width, image.Height, labels);
            SaliencyMask predictedObjects = SaliencyMask.FromProbabilities(image.Width, image.Height, saliency);
            string name = Path.Combine(folder, classes[row].Name);
            ComparisonPanel
                .Create(Enlarge(image), Enlarge(MaskReader.ReadClassIndices(classes[row].MaskPath)), Enlarge(predictedClasses), Style)
                .SavePng($"{name}.landscape.png");
            ComparisonPanel
                .Create(Enlarge(image), Enlarge(MaskReader.ReadGray(objects[row].MaskPath)), Enlarge(predictedObjects))
                .SavePng($"{name}.balloon.png");
            row++;
        }
    }

    private static RgbImage Enlarge(RgbImage image)
    {
        RgbImage large = new(image.Width * Enlargement, image.Height * Enlargement);
        for (int y = 0; y < large.Height; y++)
        {
            for (int x = 0; x < large.Width; x++)
            {
                large[x, y] = image[x / Enlargement, y / Enlargement];
            }
        }

        return large;
    }

    private static SegmentationMask Enlarge(SegmentationMask mask) =>
        new(mask.Width * Enlargement, mask.Height * Enlargement, Enlarge(mask.Labels, mask.Width));

    private static SaliencyMask Enlarge(SaliencyMask mask) =>
        new(mask.Width * Enlargement, mask.Height * Enlargement, Enlarge(mask.Values, mask.Width));

    private static byte[] Enlarge(byte[] pixels, int width) =>
    [
        .. pixels.Chunk(width).SelectMany(row => Enumerable.Repeat(row.SelectMany(pixel => Enumerable.Repeat(pixel, Enlargement)), Enlargement)).SelectMany(row => row),
    ];
}
