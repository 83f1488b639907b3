namespace Microsoft.ML.Binary.TrainingBenchmark;

/// <summary>Runs both sides step by step in turn, so that what disturbs the machine disturbs both alike, and prints a row for each number of threads.</summary>
/// <param name="output">Where the table goes.</param>
/// <param name="folder">What both sides read.</param>
/// <param name="rival">Command of the other side, without the number of threads after the folder; empty to run alone.</param>
/// <param name="warmUp">Steps before those that are timed.</param>
/// <param name="steps">Steps that are timed.</param>
internal sealed class Comparison(TextWriter output, string folder, string[] rival, int warmUp, int steps)
{
    private const int ComparedLosses = 3;

    private string _versions = "", _losses = "";

    public void PrintHeader(string step)
    {
        output.WriteLine($"A training step of {step}; milliseconds, minimum / median of {steps} steps after {warmUp}.\n");
        output.WriteLine("| threads | ours | PyTorch | ratio | peak memory, ours | peak memory, PyTorch |");
        output.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: |");
    }

    public void PrintRow(int threads)
    {
        string self = typeof(Comparison).Assembly.Location;
        using Rival ours = new(threads, "dotnet", self, "--worker", folder, "--threads", $"{threads}");
        using Rival? theirs = rival is [var program, var script, var data, .. var options]
            ? new(threads, program, [script, data, $"{threads}", .. options])
            : null;
        if (theirs is not null && ours.Parameters != theirs.Parameters)
        {
            throw new InvalidOperationException($"Not the same network: {ours.Parameters} trained parameters here, {theirs.Parameters} there.");
        }

        for (int i = 0; i < warmUp + steps; i++)
        {
            ours.Step(counts: i >= warmUp);
            theirs?.Step(counts: i >= warmUp);
        }

        string Times(Rival? side) => side is null ? "" : $"{side.Minimum:F0} / {side.Median:F0}";
        string Memory(Rival? side) => side is null ? "" : $"{side.PeakMemory():F0} MiB";
        string ratio = theirs is null ? "" : $"**{ours.Minimum / theirs.Minimum:F2}** / {ours.Median / theirs.Median:F2}";
        output.WriteLine($"| {threads} | {Times(ours)} | {Times(theirs)} | {ratio} | {Memory(ours)} | {Memory(theirs)} |");
        _versions = $"{ours.Parameters:N0} trained parameters; {ours.Version}{(theirs is null ? "" : $", {theirs.Version}")}";
        _losses = $"Losses of the first steps, ours: {FirstLosses(ours)}{(theirs is null ? "" : $"; PyTorch: {FirstLosses(theirs)}")}";
    }

    public void PrintLosses() => output.WriteLine($"\n{_versions}. {_losses}.");

    private static string FirstLosses(Rival side) => string.Join(", ", side.Losses.Take(ComparedLosses).Select(loss => $"{loss:F5}"));
}
