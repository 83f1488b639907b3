// Trains a network for some steps, then compares the trainer's own forward pass with the frozen, compiled network on held-out images.
//
//     dotnet run -c Release --project benchmarks/agreement -- CAMVID [STEPS]     CAMVID holds train and val, each with images and masks
using System.Globalization;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

const int Classes = 11;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length is not (1 or 2))
{
    Console.Error.WriteLine("usage: agreement CAMVID [STEPS]");
    return 2;
}

int steps = args.Length == 2 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 400;
DenseGraph graph = DenseTrainer.Train(
    DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Small, Classes)), DenseTask.Segmentation, () => Read("train"),
    new TrainingOptions { Budget = TrainingBudget.OfSteps(steps) }).Graph;

using CompiledNetwork compiled = CompiledNetwork.Compile(graph, new InferenceOptions { Threads = Environment.ProcessorCount });
TrainingStep? network = null;
SegmentationMetricsAccumulator trainer = new(Classes), frozen = new(Classes);
long equal = 0, pixels = 0;
double worst = 1;
foreach (TrainingSample sample in Read("val"))
{
    (int width, int height) = (sample.Image.Width, sample.Image.Height);
    (int paddedHeight, int paddedWidth) = graph.PaddedSize(height, width);
    network ??= new TrainingStep(graph, batchSize: 1, paddedHeight, paddedWidth);
    byte[] expected = TrainerLabels(network, sample.Image, paddedHeight, paddedWidth), actual = new byte[width * height];
    compiled.PredictLabels(sample.Image, actual);
    long same = expected.Zip(actual).LongCount(pair => pair.First == pair.Second);
    (equal, pixels, worst) = (equal + same, pixels + actual.Length, Math.Min(worst, (double)same / actual.Length));
    trainer.Add(sample.Name, sample.Mask, expected, width, height);
    frozen.Add(sample.Name, sample.Mask, actual, width, height);
}

Console.WriteLine($"masks equal in {(double)equal / pixels:P4} of the pixels (worst image {worst:P3})");
Console.WriteLine($"mIoU of the trainer's forward pass {trainer.ToMetrics().MeanIoU:F5}, of the frozen network {frozen.ToMetrics().MeanIoU:F5}");
return 0;

IEnumerable<TrainingSample> Read(string split)
{
    foreach (ImagePair pair in ImageFolder.Pair(Path.Combine(args[0], split, "images"), Path.Combine(args[0], split, "masks")))
    {
        yield return new TrainingSample(pair.ImagePath, RgbImage.Load(pair.ImagePath), [.. MaskReader.ReadClassIndices(pair.MaskPath).Labels]);
    }
}

static byte[] TrainerLabels(TrainingStep network, RgbImage image, int height, int width)
{
    Span<float> planes = network.Images;
    for (int i = 0; i < height * width; i++)
    {
        int y = Math.Min(i / width, image.Height - 1), x = Math.Min(i % width, image.Width - 1);
        for (int c = 0; c < 3; c++)
        {
            planes[c * height * width + i] = image.Pixels[3 * (y * image.Width + x) + c];
        }
    }

    network.Forward();
    float[] logits = network.Logits.ToArray();
    return [.. Enumerable.Range(0, image.Width * image.Height).Select(i =>
    {
        int at = i / image.Width * width + i % image.Width;
        return (byte)Enumerable.Range(0, Classes).MaxBy(c => (logits[c * height * width + at], -c));
    })];
}
