using System.Text.Json;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using static System.FormattableString;

namespace Ablation.Starts;

/// <summary>
/// Trains a target from a start with the recipe of <c>mlbinary train</c> and measures the result. What the journal has is not run again; where networks are kept, one that is there is only measured.
/// </summary>
internal sealed class StartRunner(string folder, int steps, int threads, string journal, string? networks)
{
    private const int Crop = 128;

    private (Target Target, TargetData Data)? _read;

    public void Run(Target target, Start start, long seed)
    {
        if (StartRun.ReadAll(journal).Any(run => (run.Target, run.Start, run.Seed, run.Steps) == (target.Name, start.Name, seed, steps)))
        {
            return;
        }

        TargetData data = Data(target);
        string? kept = networks is null ? null : Path.Combine(Directory.CreateDirectory(networks).FullName, Invariant($"{FileName(target.Name)}-{FileName(start.Name)}-{seed}-{steps}.mlbn"));
        (DenseNetwork network, TrainingResult? result) = File.Exists(kept) ? (DenseNetwork.Load(kept), null) : Train(target, start, seed, data);
        if (kept is not null && result is not null)
        {
            network.Save(kept);
        }

        StartRun done = new(target.Name, start.Name, seed, steps, result?.Loss, target.Measure(network, data), result?.Elapsed.TotalMinutes);
        File.AppendAllText(journal, JsonSerializer.Serialize(done) + "\n");
        Console.WriteLine(Invariant(
            $"{done.Target} | from {done.Start} | seed {seed} | loss {done.Loss:F3} | {string.Join(", ", done.Figures.Select(figure => Invariant($"{figure.Key} {figure.Value:F4}")))} | {done.Minutes:F1} min"));
    }

    private static string FileName(string name) => string.Concat(name.Select(c => char.IsLetterOrDigit(c) ? c : '-'));

    private TargetData Data(Target target)
    {
        if (_read?.Target != target)
        {
            _read = (target, target.Read(folder));
        }

        return _read.Value.Data;
    }

    private (DenseNetwork Network, TrainingResult Result) Train(Target target, Start start, long seed, TargetData data)
    {
        DenseNetwork initial = start.Build(target, data.Size, seed);
        TrainingTask task = TrainingTask.For(target.Task);
        TrainingSample[] samples = [.. data.Train.Select(sample => sample.At(data.Size, task))];
        TrainingResult result = DenseTrainer.Train(initial.Graph, task, () => samples, new()
        {
            Budget = TrainingBudget.OfSteps(steps),
            WorkingSize = data.Size,
            Exposure = initial.Exposure,
            CropHeight = Crop,
            CropWidth = Crop,
            MeasuresInitialStatistics = start.IsTrained,
            Seed = seed,
            Threads = threads,
        });
        return (initial.WithGraph(result.Graph).Freeze(), result);
    }
}
