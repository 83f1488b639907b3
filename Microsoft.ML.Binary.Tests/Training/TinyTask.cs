using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>Networks, images and options small enough to train in a test.</summary>
internal static class TinyTask
{
    public const int Classes = 3, Width = 44, Height = 36;

    public static DenseGraph Graph(Precision precision = Precision.Binary, int outputs = Classes, int activationBits = 1) =>
        DenseNetworkBuilder.Build(Configuration(precision, outputs, activationBits));

    public static NetworkConfiguration Configuration(Precision precision = Precision.Binary, int outputs = Classes, int activationBits = 1) =>
        TestNetworks.MiniatureConfiguration(precision, outputs) with { ActivationBits = activationBits };

    /// <summary>Rectangles of two colours on a third, noise on all of them: class 0 is green, 1 red, 2 blue.</summary>
    public static TrainingSample Scene(long seed)
    {
        RandomStream random = new(seed, 5);
        byte[] mask = new byte[Width * Height], pixels = new byte[3 * mask.Length];
        for (byte label = 1; label < Classes; label++)
        {
            int left = random.NextInt(Width / 2), top = random.NextInt(Height / 2);
            for (int i = 0; i < mask.Length; i++)
            {
                (int x, int y) = (i % Width - left, i / Width - top);
                mask[i] = x is >= 0 and < Width / 2 && y is >= 0 and < Height / 2 ? label : mask[i];
            }
        }

        for (int i = 0; i < pixels.Length; i++)
        {
            bool strong = mask[i / 3] == (i % 3 + 2) % 3;
            pixels[i] = (byte)((strong ? 180 : 60) + random.NextInt(50));
        }

        return new($"scene {seed}", new RgbImage(Width, Height, pixels), mask);
    }

    /// <summary>The same scenes with class 1 as the salient object.</summary>
    public static TrainingSample Object(long seed)
    {
        TrainingSample scene = Scene(seed);
        return scene with { Mask = [.. scene.Mask.Select(label => (byte)(label == 1 ? 255 : 0))] };
    }

    public static IEnumerable<TrainingSample> Scenes(int count) => Enumerable.Range(0, count).Select(i => Scene(i));

    /// <summary>Scenes, of saliency with their objects.</summary>
    public static IEnumerable<TrainingSample> Samples(DenseTask task, int count = 5) => Enumerable.Range(0, count).Select(i => task == DenseTask.Saliency ? Object(i) : Scene(i));

    /// <summary>What the cache needs for a number of scenes.</summary>
    public static long BytesOf(int scenes) => scenes * 4L * Width * Height;

    public static TrainingOptions Options(int steps = 6) => new()
    {
        Budget = TrainingBudget.OfSteps(steps),
        BatchSize = 2,
        CropHeight = 32,
        CropWidth = 32,
        Threads = 1,
        ReportInterval = 1,
    };

    /// <summary>Options by which a network learns its task in a hundred steps.</summary>
    public static TrainingOptions LearningOptions(int steps) => Options(steps) with
    {
        BatchSize = 8,
        LearningRate = 2e-2f,
        AverageDecay = 0.95f,
        Augmentation = AugmentationOptions.None with { RandomPlacement = true, Flip = true },
    };

    /// <summary>Trains on the first scenes; by default a new network to segment them.</summary>
    public static TrainingResult Train(TrainingOptions options, Reports? reports = null, DenseGraph? graph = null, TrainingTask? task = null, int scenes = 5)
    {
        task ??= new SegmentationTask();
        return DenseTrainer.Train(
            graph ?? Graph(outputs: task.Task.HasClasses ? Classes : 1), task, () => Samples(task.Task, scenes), options, reports, reports?.Token ?? default);
    }

    /// <summary>Every parameter of a graph, bit for bit.</summary>
    public static int[] Bits(DenseGraph graph) => [.. graph.Parameters.SelectMany(p => p.Values).Select(BitConverter.SingleToInt32Bits)];
}
