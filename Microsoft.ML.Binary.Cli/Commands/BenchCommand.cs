using System.CommandLine;
using System.Diagnostics;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Messages;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary bench</c>: how long one image takes, from its pixels to its mask.</summary>
internal static class BenchCommand
{
    private const int UsualRuns = 50, WarmUpRuns = 10;

    // Long enough for the JIT's second tier, which compiles in the background what is still worth it: the hot loops are compiled well at once.
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(1);

    public static System.CommandLine.Command Create()
    {
        Option<string> model = CommandOption.Text("--model", "MODEL|PRESET", ModelSource.MeaningWithPresets, required: true);
        Option<ImageDimensions?> size = CommandOption.Size("--size", "Size of the image.", required: true);
        Option<int?> threads = CommandOption.Number("--threads", "T", "Threads that work on the image. [default: 0, all cores]", 0);
        Option<int?> runs = CommandOption.Number("--runs", "N", $"Runs that are measured. [default: {UsualRuns}]", 1);
        Option<Precision?> precision = CommandOption.Choice<Precision>("--precision", "Of a preset. [default: binary]");
        Option<int?> classes = CommandOption.Number("--classes", "N", $"Of a preset. [default: {ModelSource.UsualClasses}]", 2);
        Option<string> json = new OutputFile("--json", "Write the figures to this file too.");
        Option<bool> profile = new("--profile") { Description = "Also print the time of each step, on one thread." };
        Option<bool> interpreter = new("--interpreter") { Description = "Also time one run of the reference interpreter, which is slow." };
        ViewArguments views = new(compares: true);
        System.CommandLine.Command command =
            new("bench", "Measures how long one image takes.") { model, size, threads, runs, precision, classes, profile, interpreter, json };
        views.AddTo(command);
        command.SetAction(parsed => Run(
            () => ModelSource.Resolve(parsed.GetValue(model)!, parsed.GetValue(precision), parsed.GetValue(classes)),
            saved => views.AllOf(parsed, saved),
            parsed.GetValue(size)!.Value,
            parsed.GetValue(threads) ?? 0,
            parsed.GetValue(runs) ?? UsualRuns,
            parsed.GetValue(profile),
            parsed.GetValue(interpreter),
            parsed.GetValue(json),
            Terminal.Of(parsed)));
        return command;
    }

    private static void Run(
        Func<ModelSource> resolve, Func<ViewOptions, IReadOnlyList<ViewOptions>> views, ImageDimensions size, int threads, int runs, bool profile, bool interpreter, string? json,
        Terminal terminal)
    {
        threads = threads == 0 ? Environment.ProcessorCount : threads;
        if (views(ViewOptions.AsTrained).Count == 1)
        {
            Measure(resolve, saved => views(saved)[0], size, threads, runs, profile, interpreter, json, terminal);
            return;
        }

        if (profile || interpreter)
        {
            throw new ArgumentException("--profile and --interpreter take one reduction of attention, and --attention-reduction has several.");
        }

        ModelSource source = resolve();
        ReductionBench.Row[] rows = ReductionBench.Run(source.Network, views(source.Views), NoiseOf(size), threads, runs, Prediction);
        terminal.Line($"{source.Name}, {size}, {Plural.Of(threads, "thread")}, {Plural.Of(runs, "run")} each, in turn");
        ReductionBench.Lines(rows).ToList().ForEach(terminal.Line);
        if (json is not null)
        {
            JsonFile.Write(json, new { Model = source.Name, size.Width, size.Height, Threads = threads, Runs = runs, Reductions = rows });
        }
    }

    private static RgbImage NoiseOf(ImageDimensions size)
    {
        RgbImage image = new(size.Width, size.Height);
        new Random(1).NextBytes(image.Pixels);
        return image;
    }

    private static void Measure(
        Func<ModelSource> resolve, Func<ViewOptions, ViewOptions> views, ImageDimensions size, int threads, int runs, bool profile, bool interpreter, string? json,
        Terminal terminal)
    {
        StartUp startUp = new(resolve, views, size.Width, size.Height, threads);
        ModelSource source = startUp.Source;
        using CompiledNetwork network = startUp.Network;
        RgbImage image = NoiseOf(size);
        Action predict = Prediction(network, source.Network.Task, image);
        long start = Stopwatch.GetTimestamp();
        predict();
        TimeSpan firstImage = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        for (int run = 0; run < WarmUpRuns || Stopwatch.GetElapsedTime(start) < WarmUpTime; run++)
        {
            predict();
        }

        double[] times = new double[runs];
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        for (int run = 0; run < runs; run++)
        {
            start = Stopwatch.GetTimestamp();
            predict();
            times[run] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        allocated = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / runs;
        Array.Sort(times);
        double median = (times[(runs - 1) / 2] + times[runs / 2]) / 2;
        IReadOnlyList<ImageView> seen = network.Views(size.Width, size.Height);
        AttentionReduction reduction = views(source.Views).AttentionReduction;
        long macs = seen.Sum(view => CostModel.Measure(reduction.In(source.Network.Graph, view.Height, view.Width), view.Height, view.Width).Macs.Total);
        terminal.Line($"{source.Name}, {size}, {Plural.Of(threads, "thread")}, {Plural.Of(runs, "run")}");
        if (seen is not [var only] || only != new ImageView(size.Width, size.Height, Mirrored: false))
        {
            terminal.Line($"seen at {string.Join(", ", seen.Select(view => $"{view.Width}x{view.Height}{(view.Mirrored ? " mirrored" : "")}"))}");
        }

        terminal.Line(Invariant($"min {times[0]:0.00} ms, median {median:0.00} ms, {allocated} bytes allocated a run, {macs / times[0] / 1e6:0} GMAC/s at best"));
        terminal.Line(startUp.Memory());
        string what = source.IsPreset ? "compile" : "load and compile";
        TimeSpan warm = startUp.Warm();
        terminal.Line(Invariant($"{what} {startUp.Cold.TotalMilliseconds:0} ms, the first image {firstImage.TotalMilliseconds:0} ms; {what} again {warm.TotalMilliseconds:0.0} ms"));
        if (profile)
        {
            foreach (string line in ProfileTable.Lines(network.Profile(image, runs)))
            {
                terminal.Line(line);
            }
        }

        if (interpreter)
        {
            start = Stopwatch.GetTimestamp();
            ReferenceViews.Logits(source.Network, image, views(source.Views));
            terminal.Line(Invariant($"reference interpreter {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms"));
        }

        if (json is not null)
        {
            JsonFile.Write(json, new
            {
                Model = source.Name,
                size.Width,
                size.Height,
                Threads = threads,
                Runs = runs,
                Milliseconds = new
                {
                    Min = times[0],
                    Median = median,
                    ColdStart = startUp.Cold.TotalMilliseconds,
                    FirstImage = firstImage.TotalMilliseconds,
                    WarmStart = warm.TotalMilliseconds,
                },
                AllocatedBytesPerRun = allocated,
            });
        }
    }

    private static Action Prediction(CompiledNetwork network, DenseTask task, RgbImage image)
    {
        byte[] labels = new byte[task.HasClasses ? image.Width * image.Height : 0];
        float[] probabilities = new float[task.HasClasses ? 0 : image.Width * image.Height];
        return task.HasClasses ? () => network.PredictLabels(image, labels) : () => network.PredictSaliency(image, probabilities);
    }
}
