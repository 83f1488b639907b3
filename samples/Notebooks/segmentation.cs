#:project ../../Microsoft.ML.Binary/Microsoft.ML.Binary.csproj
#:property PublishAot=false

// %% [markdown]
// # What does my segmentation get wrong?
//
// Paints a small set of landscapes, trains a binary network on them for a few seconds, and looks at the result: figures with confidence
// intervals, confusions, the worst images, and whether longer training helped.

// %%
using System.IO;
using Microsoft.ML;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Reporting;

const int width = 96, height = 72;
string[] classes = ["sky", "hill", "lake", "tree"];
Palette palette = Palette.Parse("#8ECAE6, #8D7B74, #1D5FA8, #3F8F3A");
string folder = Directory.CreateTempSubdirectory("landscapes").FullName;

// %% [markdown]
// ## Data
//
// Sky above a line of hills, a lake in front of them, trees anywhere. The light differs from image to image, and all colours are noisy.

// %%
(RgbImage Image, SegmentationMask Mask) Paint(int seed)
{
    Random random = new(seed);
    double light = 0.6 + (0.5 * random.NextDouble()), shift = 6 * random.NextDouble();
    int shore = random.Next(44, 60);
    (int X, int Y, int Size)[] trees = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => (random.Next(width), random.Next(26, 66), random.Next(4, 11)))];
    RgbImage image = new(width, height);
    SegmentationMask mask = new(width, height, new byte[width * height]);
    for (int y = 0; y < height; y++)
    {
        for (int x = 0; x < width; x++)
        {
            double ridge = 30 + (9 * Math.Sin((x / 17.0) + shift)) + (4 * Math.Sin((x / 5.0) + (2 * shift)));
            byte label = (byte)(y < ridge ? 0 : y < shore ? 1 : 2);
            label = trees.Any(tree => Math.Abs(x - tree.X) * 2 < tree.Y - y + tree.Size && y <= tree.Y) && y > 8 ? (byte)3 : label;
            mask.Labels[(y * width) + x] = label;
            RgbColor color = palette[label];
            byte Shade(byte channel) => (byte)Math.Clamp((channel * light) + random.Next(-30, 31), 0, 255);
            image[x, y] = new(Shade(color.R), Shade(color.G), Shade(color.B));
        }
    }

    return (image, mask);
}

void Fill(string set, int first, int count)
{
    Directory.CreateDirectory(Path.Combine(folder, set, "images"));
    Directory.CreateDirectory(Path.Combine(folder, set, "masks"));
    for (int i = first; i < first + count; i++)
    {
        (RgbImage image, SegmentationMask mask) = Paint(i);
        image.SavePng(Path.Combine(folder, set, "images", $"{i:D4}.png"));
        MaskWriter.Save(Path.Combine(folder, set, "masks", $"{i:D4}.png"), mask);
    }
}

Fill("train", 0, 96);
Fill("test", 1000, 40);
display(Overlay.Segmentation(Paint(1000).Image, Paint(1000).Mask, new() { Palette = palette, ClassNames = classes }));

// %% [markdown]
// ## Training
//
// A few seconds are enough here; real photographs take half an hour.

// %%
MLContext ml = new(seed: 1);
IDataView train = ml.Data.LoadImagePairs(Path.Combine(folder, "train", "images"), Path.Combine(folder, "train", "masks"));
IDataView test = ml.Data.LoadImagePairs(Path.Combine(folder, "test", "images"), Path.Combine(folder, "test", "masks"));

SegmentationTransformer Train(int steps) => ml.Segmentation.Trainers.BinaryDenseNet(new SegmentationTrainerOptions
{
    Seed = 1,
    ClassNames = classes,
    Palette = palette,
    Preset = NetworkPreset.Tiny,
    Steps = steps,
    LearningRate = 4e-3f,
    CropWidth = width,
    CropHeight = height,
}).Fit(train);

SegmentationTransformer brief = Train(20), longer = Train(100);

// %% [markdown]
// ## Figures
//
// A notebook shows metrics as they are: headline figures with intervals, classes, confusions.

// %%
SegmentationMetrics metrics = ml.Segmentation.Evaluate(longer.Transform(test));
display(metrics);

// %% [markdown]
// ## The worst images

// %%
SegmentationPredictor predictor = new(longer.Network);
foreach (SegmentationImageMetrics worst in metrics.WorstImages(3))
{
    string name = Path.GetFileNameWithoutExtension(worst.Name) + ".png";
    RgbImage image = RgbImage.Load(Path.Combine(folder, "test", "images", name));
    SegmentationMask truth = MaskReader.ReadClassIndices(Path.Combine(folder, "test", "masks", name));
    display(ComparisonPanel.Create(image, truth, predictor.Predict(image), new() { Palette = palette }));
}

// %% [markdown]
// ## Did longer training help?
//
// Both models saw the same test images, so their difference is known better than either figure.

// %%
SegmentationMetrics before = ml.Segmentation.Evaluate(brief.Transform(test));
display(before.CompareTo(metrics, SegmentationMeasure.MeanIoU));

// %% [markdown]
// ## On to other tools
//
// Image rows as a data view, and everything in one page to pass on.

// %%
IDataView rows = metrics.ToDataView();
display($"{rows.Schema.Count} columns: {string.Join(", ", rows.Schema.Select(column => column.Name))}");
metrics.SaveHtml(Path.Combine(folder, "report.html"), new() { Title = "Landscapes", Palette = palette });
metrics.SaveImagesCsv(Path.Combine(folder, "images.csv"));
display($"Report: {Path.Combine(folder, "report.html")}");

// %% program
void display(object value) => Console.WriteLine(value is RgbImage picture ? $"A picture of {picture.Width}x{picture.Height} pixels" : value);
