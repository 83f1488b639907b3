using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using static System.FormattableString;

namespace MultiTask;

/// <summary>Trains rows on a set with equal budgets and measures them. A run that was interrupted goes on from its last checkpoint.</summary>
internal sealed class Runner(TaskSet set, NetworkPreset preset, int steps, int threads, Journal journal)
{
    public void Execute(Row row, long seed)
    {
        if (journal.Runs.Any(run => (run.Set, run.Row, run.Preset, run.Seed, run.Steps) == (set.Name, row.Name, preset.ToString(), seed, steps)))
        {
            return;
        }

        DenseNetwork initial = row.Build(set, preset, seed);
        TrainingSample[] samples = [.. set.Train.Select(sample => row.Sample(set, sample))];
        string checkpoint = Invariant($"{journal.Path}.{set.Name}-{string.Concat(row.Name.Select(c => char.IsLetterOrDigit(c) ? c : '-'))}-{preset}-{seed}-{steps}.checkpoint");
        TrainingResult result = DenseTrainer.TrainTasks(initial, row.Tasks(set), () => samples, new()
        {
            Budget = TrainingBudget.OfSteps(steps),
            CropWidth = set.Crop.Width,
            CropHeight = set.Crop.Height,
            AverageDecay = 0.99f,
            FeatureTeacher = row.IsTaught ? DenseNetwork.Load(Twin(seed)).Graph : null,
            TaskWeighting = row.Weighting,
            Seed = seed,
            Threads = threads,
            CheckpointPath = checkpoint,
            Resume = File.Exists(checkpoint),
        });
        File.Delete(checkpoint);
        DenseNetwork trained = initial.WithGraph(result.Graph);
        if (row == Row.FloatTogether)
        {
            trained.Save(Twin(seed));
        }

        Run done = new(set.Name, row.Name, preset.ToString(), seed, steps, result.Loss, Figures.Of(trained.Freeze(), set), result.Elapsed.TotalMinutes);
        journal.Add(done);
        Console.WriteLine(Invariant($"{done.Set} | {done.Row} | seed {seed} | loss {done.Loss:F3} | {string.Join(", ", done.Figures.Select(head => $"{head.Key}: {string.Join(", ", head.Value.Select(figure => Invariant($"{figure.Key} {figure.Value:F4}")))}"))} | {done.Minutes:F1} min"));
    }

    private string Twin(long seed) => Invariant($"{journal.Path}.{set.Name}-twin-{preset}-{seed}-{steps}.mlbn");
}
