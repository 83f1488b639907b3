using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training;

namespace Ablation;

/// <summary>The figures of one training run.</summary>
internal sealed record RunResult(string Name, long Seed, int Steps, double Loss, double Val, double HeldOut, double Minutes);

/// <summary>Trains variants one after the other on the same data, and measures them.</summary>
internal sealed class Runner(string folder, string? heldOutDrive, int steps, string journal, string? teachers)
{
    private readonly Dictionary<(string Row, long Seed), TrainingResult> _trained = [];
    private readonly TrainingSample[] _train = [.. RoadData.Read(folder, "train").Where(s => heldOutDrive is null || !s.IsOf(heldOutDrive))];
    private readonly TrainingSample[] _val = RoadData.Read(folder, "val");
    private readonly TrainingSample[] _heldOut = [.. RoadData.Read(folder, "train").Where(s => heldOutDrive is not null && s.IsOf(heldOutDrive))];

    /// <summary>Trains and measures one variant, and appends its figures to the journal.</summary>
    public void Run(Variant variant, long seed)
    {
        TrainingResult trained = variant.TrainedAs is { } row
            ? _trained[(row, seed)] with { Graph = WeightTransfer.Transfer(_trained[(row, seed)].Graph, variant.Build(seed)).Graph }
            : Train(variant, seed);
        _trained[(variant.Name, seed)] = trained;
        RunResult result = new(
            variant.Name, seed, steps, trained.Loss, MeanIoU(trained.Graph, _val), MeanIoU(trained.Graph, _heldOut), trained.Elapsed.TotalMinutes);
        File.AppendAllText(journal, JsonSerializer.Serialize(result) + "\n");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {result.Name} | {seed} | {result.Steps} | {result.Loss:F3} | {result.Val:F4} | {result.HeldOut:F4} | {result.Minutes:F1} |"));
    }

    private TrainingResult Train(Variant variant, long seed)
    {
        TrainingOptions recipe = new()
        {
            Budget = TrainingBudget.OfSteps(steps),
            CropWidth = 128,
            CropHeight = 96,
            Threads = 1,
            Seed = seed,
        };
        recipe = variant.Recipe?.Invoke(recipe) ?? recipe;
        if (variant.Distills)
        {
            recipe = recipe with { Teacher = DenseNetwork.Load(Teachers.File(teachers!, seed)).Graph };
        }

        DenseGraph initial = variant.Build(seed);
        if (variant.HasTwoStages)
        {
            recipe = recipe with { Budget = TrainingBudget.OfSteps(steps / 2) };
            initial = WeightTransfer.Transfer(Train(Methods.FloatTwin.Build(seed), recipe).Graph, initial).Graph;
        }

        TrainingResult trained = Train(initial, recipe);
        if (variant == Methods.FloatTwin && teachers is not null)
        {
            Directory.CreateDirectory(teachers);
            new DenseNetwork(trained.Graph, DenseTask.Segmentation, [.. Enumerable.Range(0, RoadData.Classes).Select(c => $"{c}")]).Save(Teachers.File(teachers, seed));
        }

        return trained;
    }

    private TrainingResult Train(DenseGraph initial, TrainingOptions recipe) =>
        DenseTrainer.Train(initial, DenseTask.Segmentation, () => _train, recipe);

    private static double MeanIoU(DenseGraph graph, TrainingSample[] samples)
    {
        if (samples.Length == 0)
        {
            return 0;
        }

        using CompiledNetwork compiled = CompiledNetwork.Compile(graph, new InferenceOptions { Threads = 1 });
        SegmentationMetricsAccumulator metrics = new(RoadData.Classes);
        foreach (TrainingSample sample in samples)
        {
            byte[] labels = new byte[sample.Mask.Length];
            compiled.PredictLabels(sample.Image, labels);
            metrics.Add(sample.Name, sample.Mask, labels, sample.Image.Width, sample.Image.Height);
        }

        return metrics.ToMetrics().MeanIoU;
    }
}
