using Microsoft.ML;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace QuickStart;

/// <summary>From 20 labelled pictures to a count: trains a small network on cell nuclei (CC0, beside the program), evaluates and saves it, and counts.</summary>
internal static class NucleiModel
{
    private const int Steps = 250;

    private static readonly string[] Classes = ["background", "inside", "contour"];

    private static readonly OverlayOptions Style = new() { Palette = Palette.Parse("#1B1B22, #F0A030, #E4572E"), ClassNames = Classes };

    /// <summary>The pictures of this sample: train and test, each with images and masks.</summary>
    public static string Pictures => Path.Combine(AppContext.BaseDirectory, "nuclei");

    /// <summary>Does all of it, and writes the model, a report and overlays.</summary>
    /// <returns>Mean IoU on the test pictures.</returns>
    public static double Run(MLContext ml, string folder, int steps = Steps)
    {
        Directory.CreateDirectory(folder);
        Console.WriteLine("Training on 20 pictures of cell nuclei ...");
        SegmentationTransformer model = Train(ml, steps);
        IDataView test = Load(ml, "test");
        SegmentationMetrics metrics = ml.Segmentation.Evaluate(model.Transform(test));
        Console.WriteLine(metrics);

        string zip = Path.Combine(folder, "nuclei.zip");
        ml.Model.Save(model, null, zip);
        using SegmentationPredictor predictor = SegmentationPredictor.Load(zip);
        foreach (ImagePair pair in ImageFolder.Pair(Path.Combine(Pictures, "test", "images"), Path.Combine(Pictures, "test", "masks")))
        {
            // WebP, which ML.NET's image library decodes.
            using MLImage file = MLImage.CreateFromFile(pair.ImagePath);
            RgbImage image = file.ToRgbImage();
            SegmentationMask mask = predictor.Predict(image);
            int found = MaskRegions.Find(mask, inside: 1, contour: 2, minArea: 16).Regions.Length;
            Console.WriteLine($"  {pair.Name}: {found} nuclei found, {Drawn(MaskReader.ReadClassIndices(pair.MaskPath))} there");
            Overlay.Segmentation(image, mask, Style).SavePng(Path.Combine(folder, $"{pair.Name}.png"));
        }

        Console.WriteLine($"  {zip}: {new FileInfo(zip).Length:N0} bytes");
        return metrics.MeanIoU;
    }

    private static IDataView Load(MLContext ml, string set) =>
        ml.Data.LoadImagePairs(Path.Combine(Pictures, set, "images"), Path.Combine(Pictures, set, "masks"), numberOfClasses: Classes.Length);

    private static SegmentationTransformer Train(MLContext ml, int steps) => ml.Segmentation.Trainers.BinaryDenseNet(new SegmentationTrainerOptions
    {
        ClassNames = Classes,
        Palette = Style.Palette,
        Preset = NetworkPreset.Tiny,
        Steps = steps,
        LearningRate = 4e-3f,
        CropWidth = 128,
        CropHeight = 128,
        // Contours are a pixel wide: pictures are not brought to one size.
        WorkingSize = WorkingSize.Own,
        MetricsCallback = TrainingRecipe.Report,
    }).Fit(Load(ml, "train"));

    // Contours that people drew have no gaps, at whose necks predicted regions are taken apart.
    private static int Drawn(SegmentationMask mask) => MaskRegions.Find(mask, inside: 1, contour: 2, splitAtNecks: false).Regions.Length;
}
