using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

namespace Scale;

/// <summary>Trains preset Small on a set of images that are enlarged first, at the working size that is proposed for them, and measures it on others.</summary>
internal static class Training
{
    private const int Classes = 11;

    public static void Run(string folder, int steps, double factor, long seed)
    {
        IReadOnlyList<ImagePair> train = Pairs(folder, "train"), val = Pairs(folder, "val");
        SizeProposal proposal = SizeSurvey.Propose(Samples(train, factor).Select(sample => (sample.Image.Width, sample.Image.Height)));
        Console.WriteLine($"enlarged {factor} times, {steps} steps, seed {seed}; {proposal}");
        TrainingResult result = DenseTrainer.Train(
            DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Small, Classes, Precision.Binary, seed)), DenseTask.Segmentation, () => Samples(train, factor),
            new() { Budget = TrainingBudget.OfSteps(steps), WorkingSize = proposal.Size, Seed = seed });
        DenseNetwork network = new(
            result.Graph, DenseTask.Segmentation, [.. Enumerable.Range(0, Classes).Select(i => $"class {i}")], workingSize: proposal.Size);
        using CompiledNetwork compiled = CompiledNetwork.Compile(network);
        SegmentationMetricsAccumulator metrics = new(Classes);
        foreach (TrainingSample sample in Samples(val, factor))
        {
            byte[] labels = new byte[sample.Mask.Length];
            compiled.PredictLabels(sample.Image, labels);
            metrics.Add(sample.Name, sample.Mask, labels, sample.Image.Width, sample.Image.Height);
        }

        Console.WriteLine($"mIoU {metrics.ToMetrics().MeanIoU:0.0000} on val, enlarged as much; loss {result.Loss:0.0000}");
    }

    private static IReadOnlyList<ImagePair> Pairs(string folder, string part) =>
        ImageFolder.Pair(Path.Combine(folder, part, "images"), Path.Combine(folder, part, "masks"));

    private static IEnumerable<TrainingSample> Samples(IReadOnlyList<ImagePair> pairs, double factor) => pairs.Select(pair => Enlargement.Of(
        new(pair.MaskPath, RgbImage.Load(pair.ImagePath), MaskReader.ReadClassIndices(pair.MaskPath).Labels), factor));
}
