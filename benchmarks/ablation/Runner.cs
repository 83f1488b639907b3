using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training;

namespace Ablation;

/// <summary>Trains variants one after the other on the same data, and measures them.</summary>
internal sealed class Runner(string folder, string? heldOutDrive, int steps, string journal, Teachers? teachers)
{
    private readonly Dictionary<(string Row, long Seed), TrainingResult> _trained = [];
    private readonly ILookup<bool, TrainingSample> _byHeldOut = RoadData.Read(folder, "train").ToLookup(s => heldOutDrive is not null && s.IsOf(heldOutDrive));
    private readonly TrainingSample[] _val = RoadData.Read(folder, "val");

    /// <summary>Trains and measures one variant, and appends its figures to the journal.</summary>
    public void Run(Variant variant, long seed)
    {
        bool trains = variant.TrainedAs is null;
        TrainingResult trained = trains ? Train(variant, seed) : Transfer(variant, seed);
        _trained[(variant.Name, seed)] = trained;
        RunResult result = new(
            variant.Name, seed, trained.Steps, trains ? trained.Loss : null, MeanIoU(trained.Graph, _val),
            heldOutDrive, heldOutDrive is null ? null : MeanIoU(trained.Graph, _byHeldOut[true]), trains ? trained.Elapsed.TotalMinutes : null);
        File.AppendAllText(journal, JsonSerializer.Serialize(result) + "\n");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {result.Name} | {seed} | {result.Steps} | {result.Loss:F3} | {result.Val:F4} | {result.HeldOut:F4} | {result.Minutes:F1} |"));
    }

    private TrainingResult Transfer(Variant variant, long seed)
    {
        TrainingResult source = _trained[(variant.TrainedAs!, seed)];
        return source with { Graph = WeightTransfer.Transfer(source.Graph, variant.Build(seed)).Graph };
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
            recipe = recipe with { Teacher = DenseNetwork.Load(teachers!.File(seed)).Graph };
        }

        TrainingResult trained = variant.HasTwoStages ? TrainInTwoStages(variant, seed, recipe) : Train(variant.Build(seed), recipe);
        if (variant == Methods.FloatTwin && teachers is not null)
        {
            RoadData.Named(trained.Graph).Save(teachers.File(seed));
        }

        return trained;
    }

    private TrainingResult TrainInTwoStages(Variant variant, long seed, TrainingOptions recipe)
    {
        TrainingResult first = Train(Methods.FloatTwin.Build(seed), recipe with { Budget = TrainingBudget.OfSteps(steps / 2) });
        DenseGraph start = WeightTransfer.Transfer(first.Graph, variant.Build(seed)).Graph;
        TrainingResult second = Train(start, recipe with { Budget = TrainingBudget.OfSteps(steps - steps / 2) });
        return second with { Steps = first.Steps + second.Steps, Elapsed = first.Elapsed + second.Elapsed };
    }

    private TrainingResult Train(DenseGraph initial, TrainingOptions recipe) =>
        DenseTrainer.Train(initial, DenseTask.Segmentation, () => _byHeldOut[false], recipe);

    private static double MeanIoU(DenseGraph graph, IEnumerable<TrainingSample> samples)
    {
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
