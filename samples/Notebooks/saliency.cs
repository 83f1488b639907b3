#:project ../../Microsoft.ML.Binary/Microsoft.ML.Binary.csproj
#:property PublishAot=false

// %% [markdown]
// # How well are my salient objects found?
//
// Paints balls on noisy ground, trains a binary network for a few seconds to find them, and looks at the measures of the field: mean
// absolute error, F, weighted F, S and E, with precision and recall over all thresholds.

// %%
using System.IO;
using Microsoft.ML;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Reporting;

const int size = 80;
string folder = Directory.CreateTempSubdirectory("balls").FullName;

// %% [markdown]
// ## Data
//
// One ball an image, shaded, on ground of another colour with a stripe across it.

// %%
(RgbImage Image, SaliencyMask Mask) Paint(int seed)
{
    Random random = new(seed);
    RgbColor ground = RandomColor(), stripe = RandomColor(), ball = RandomColor();
    int radius = random.Next(10, 26), x0 = random.Next(radius, size - radius), y0 = random.Next(radius, size - radius), slope = random.Next(-3, 4);
    RgbImage image = new(size, size);
    SaliencyMask mask = new(size, size, new byte[size * size]);
    for (int y = 0; y < size; y++)
    {
        for (int x = 0; x < size; x++)
        {
            double distance = Math.Sqrt(((x - x0) * (x - x0)) + ((y - y0) * (y - y0))) / radius;
            bool inside = distance <= 1;
            double light = inside ? 1.2 - (0.7 * distance) : 0.8;
            RgbColor color = inside ? ball : Math.Abs(y - 40 - (slope * (x - 40) / 4)) < 6 ? stripe : ground;
            mask.Values[(y * size) + x] = inside ? (byte)255 : (byte)0;
            image[x, y] = new(Shade(color.R), Shade(color.G), Shade(color.B));

            byte Shade(byte channel) => (byte)Math.Clamp((channel * light) + random.Next(-20, 21), 0, 255);
        }
    }

    return (image, mask);

    RgbColor RandomColor() => new((byte)random.Next(40, 256), (byte)random.Next(40, 256), (byte)random.Next(40, 256));
}

void Fill(string set, int first, int count)
{
    Directory.CreateDirectory(Path.Combine(folder, set, "images"));
    Directory.CreateDirectory(Path.Combine(folder, set, "masks"));
    for (int i = first; i < first + count; i++)
    {
        (RgbImage image, SaliencyMask mask) = Paint(i);
        image.SavePng(Path.Combine(folder, set, "images", $"{i:D4}.png"));
        MaskWriter.Save(Path.Combine(folder, set, "masks", $"{i:D4}.png"), mask);
    }
}

Fill("train", 0, 96);
Fill("test", 1000, 40);
display(Overlay.Saliency(Paint(1000).Image, Paint(1000).Mask));

// %% [markdown]
// ## Training
//
// Weights are averaged over the last fifty steps or so: a run this short would still have the first ones in the usual average.

// %%
MLContext ml = new(seed: 1);
IDataView train = ml.Data.LoadImagePairs(Path.Combine(folder, "train", "images"), Path.Combine(folder, "train", "masks"), MaskKind.Saliency);
IDataView test = ml.Data.LoadImagePairs(Path.Combine(folder, "test", "images"), Path.Combine(folder, "test", "masks"), MaskKind.Saliency);
SaliencyTransformer model = ml.Saliency.Trainers.BinaryDenseNet(new SaliencyTrainerOptions
{
    Seed = 1,
    Preset = NetworkPreset.Tiny,
    Steps = 300,
    LearningRate = 4e-3f,
    Training = new() { AverageDecay = 0.98f },
    CropWidth = size,
    CropHeight = size,
}).Fit(train);

// %% [markdown]
// ## Figures
//
// A notebook shows metrics as they are.

// %%
SaliencyMetrics metrics = ml.Saliency.Evaluate(model.Transform(test));
display(metrics);

// %% [markdown]
// ## The worst images

// %%
SaliencyPredictor predictor = new(model.Network);
foreach (SaliencyImageMetrics worst in metrics.WorstImages(3))
{
    string name = Path.GetFileNameWithoutExtension(worst.Name) + ".png";
    RgbImage image = RgbImage.Load(Path.Combine(folder, "test", "images", name));
    SaliencyMask truth = MaskReader.ReadGray(Path.Combine(folder, "test", "masks", name));
    display(ComparisonPanel.Create(image, truth, predictor.Predict(image).ToMask()));
}

// %% [markdown]
// ## On to other tools

// %%
metrics.SaveHtml(Path.Combine(folder, "report.html"), new() { Title = "Balls" });
metrics.SaveJson(Path.Combine(folder, "metrics.json"));
display($"Report: {Path.Combine(folder, "report.html")}");

// %% program
void display(object value) => Console.WriteLine(value is RgbImage picture ? $"A picture of {picture.Width}x{picture.Height} pixels" : value);
