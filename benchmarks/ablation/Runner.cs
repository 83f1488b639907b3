using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Ablation;

/// <summary>
/// Trains variants one after the other on the same data, and measures them. What the journal has already is not run again, and a run that was
/// interrupted goes on from its last checkpoint.
/// </summary>
internal sealed class Runner(Dataset data, string? heldOutDrive, int steps, int threads, string journal, Teachers? teachers)
{
    private readonly Dictionary<(string Row, long Seed), TrainingResult> _trained = [];

    /// <summary>Trains and measures one variant, and appends its figures to the journal.</summary>
    public void Run(Variant variant, long seed)
    {
        if (IsDone(variant, seed))
        {
            return;
        }

        bool trains = variant.TrainedAs is null;
        TrainingResult trained = trains ? Train(variant, seed) : Transfer(variant, seed);
        _trained[(variant.Name, seed)] = trained;
        Figures figures = data.Measure(trained.Graph);
        RunResult result = new(
            variant.Name, seed, trained.Steps, trains && double.IsFinite(trained.Loss) ? trained.Loss : null, figures.First, heldOutDrive, figures.Second, trains ? trained.Elapsed.TotalMinutes : null)
        {
            Budget = steps,
            Data = data.Name,
        };
        File.AppendAllText(journal, JsonSerializer.Serialize(result) + "\n");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {result.Name} | {seed} | {result.Steps} | {result.Loss:F3} | {result.Val:F4} | {result.HeldOut:F4} | {result.Minutes:F1} |"));
    }

    // A row that others take their weights from in this process has to be trained in it.
    private bool IsDone(Variant variant, long seed) =>
        File.Exists(journal) && !variant.IsTrainedFor && RunResult.ReadAll(journal).Any(
            r => r.IsOf(data) && (r.Name, r.Seed, r.Drive) == (variant.Name, seed, heldOutDrive) && (r.Budget ?? r.Steps) == steps);

    private TrainingResult Transfer(Variant variant, long seed)
    {
        TrainingResult source = _trained[(variant.TrainedAs!, seed)];
        return source with { Graph = WeightTransfer.Transfer(source.Graph, variant.Build(data.Reference(seed))).Graph };
    }

    private TrainingResult Train(Variant variant, long seed)
    {
        TrainingOptions recipe = data.Recipe with { Budget = TrainingBudget.OfSteps(steps), Threads = threads, Seed = seed };
        recipe = variant.Recipe?.Invoke(recipe) ?? recipe;
        if (variant.Distills)
        {
            recipe = recipe with { Teacher = DenseNetwork.Load(teachers!.File(seed)).Graph };
        }

        if (variant.HasTwoStages)
        {
            return TrainInTwoStages(variant, seed, recipe);
        }

        string checkpoint = $"{journal}.{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{data.Name} {variant.Name} {seed} {steps} {heldOutDrive}")).AsSpan(0, 6))}.checkpoint";
        TrainingResult trained = Train(
            variant, variant.Build(data.Reference(seed)), recipe with { CheckpointPath = checkpoint, CheckpointInterval = 500, Resume = File.Exists(checkpoint) });
        File.Delete(checkpoint);
        if (variant == Methods.FloatTwin && teachers is not null)
        {
            data.Named(trained.Graph).Save(teachers.File(seed));
        }

        return trained;
    }

    private TrainingResult TrainInTwoStages(Variant variant, long seed, TrainingOptions recipe)
    {
        TrainingResult first = Train(variant, Methods.FloatTwin.Build(data.Reference(seed)), recipe with { Budget = TrainingBudget.OfSteps(steps / 2) });
        DenseGraph start = WeightTransfer.Transfer(first.Graph, variant.Build(data.Reference(seed))).Graph;
        TrainingResult second = Train(variant, start, recipe with { Budget = TrainingBudget.OfSteps(steps - steps / 2) });
        return second with { Steps = first.Steps + second.Steps, Elapsed = first.Elapsed + second.Elapsed };
    }

    private TrainingResult Train(Variant variant, DenseGraph initial, TrainingOptions recipe) =>
        DenseTrainer.Train(initial, variant.Learns(data.Task), () => data.Train, recipe);
}
