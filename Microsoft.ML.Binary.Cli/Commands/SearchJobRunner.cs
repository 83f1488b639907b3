using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Reporting;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.MixedPrecision;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>What <c>mlbinary search</c> was asked for, beside what it has in common with training.</summary>
/// <param name="Options">How to search.</param>
/// <param name="Folder">Where results go.</param>
/// <param name="TargetBytes">The most that the file of the network may have.</param>
/// <param name="Uniform">Widths of networks to train for comparison.</param>
internal sealed record SearchSettings(MixedPrecisionOptions Options, string Folder, int? TargetBytes, ImmutableArray<byte> Uniform);

/// <summary>One run of <c>mlbinary search</c>.</summary>
internal sealed class SearchJobRunner
{
    /// <summary>Name of checkpoints in the folder of results, without their ending.</summary>
    public const string CheckpointName = "search";

    private const string RestName = "rest";

    private const int MeasuredRuns = 30;

    private readonly SearchSettings _settings;
    private readonly Terminal _terminal;
    private readonly SingleTaskRunner _training;
    private readonly MixedPrecisionOptions _options;

    // Names of the networks; the uniform ones come last.
    private readonly string[] _names;

    // Nanoseconds of what is no convolution of signs, where there is a target of time.
    private readonly double? _rest;

    private SearchJobRunner(TrainingJob job, SearchSettings settings, Terminal terminal)
    {
        Directory.CreateDirectory(settings.Folder);
        (_settings, _terminal, _training) = (settings, terminal, new SingleTaskRunner(job, terminal));
        CheckImage();
        MixedPrecisionOptions options = settings.Options with { Training = _training.Options() with { Completed = null, Validate = null } };
        _options = settings.TargetBytes is { } bytes ? options with { Limit = MixedPrecisionSearch.BitsWithin(_training.Unfrozen(Search("at most 000000000000 bits")), bytes, options.Precisions) }
            : options.Limit is { } time ? options with { Limit = time - (_rest = Rest(time)) }
            : options;
        double lowest = MixedPrecisionSearch.LowestCost(_training.InitialGraph, _options);
        _names =
        [
            .. _options.Limit is null ? _options.Strengths.Select(strength => $"l{strength.ToString(CultureInfo.InvariantCulture)}") : ["target"],
            .. settings.Uniform.Select(width => $"w{width}"),
        ];
        if (_options.Limit < lowest)
        {
            throw new ArgumentException(Invariant($"--target-ms is {settings.Options.Limit / 1e6}, and the fastest network that the precisions allow takes about {(_rest + lowest) / 1e6:0.00} ms. Raise it, or start from a smaller network."));
        }
    }

    /// <summary>Searches and writes the front.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(TrainingJob job, SearchSettings settings, Terminal terminal) => new SearchJobRunner(job, settings, terminal).Run();

    // Those of this search, and not what else lies in the folder. The first network's is called after the search.
    private IEnumerable<string> Checkpoints => _names.Skip(1).Prepend(CheckpointName).Concat(_rest is null ? [] : [RestName]).Select(CheckpointOf);

    private int Run()
    {
        _training.Announce();
        if (!_training.Resumes)
        {
            // What an earlier search left would be taken for this one's where it goes on. The first is replaced, as train does, when there is another.
            Checkpoints.Skip(1).Where(File.Exists).ToList().ForEach(File.Delete);
        }

        if (_rest is { } rest)
        {
            AtomicFile.Write(CheckpointOf(RestName), Encoding.UTF8.GetBytes(rest.ToString(CultureInfo.InvariantCulture)));
        }

        List<Found> found = [];
        using Interruption interruption = new(_terminal);
        foreach ((int index, double strength) in (_options.Limit is null ? _options.Strengths : [1]).Index())
        {
            if (!interruption.Token.IsCancellationRequested)
            {
                MixedPrecisionOptions options = _options with { Strengths = [strength], Training = WithCheckpoint(index == 0 ? CheckpointName : _names[index], isFirst: index == 0) };
                Add(found, _names[index], Search(options, interruption.Token), isUniform: false);
            }
        }

        foreach (byte width in _settings.Uniform.Where(_ => !interruption.Token.IsCancellationRequested))
        {
            // Widths of one network are no choice, but its training goes through the same phases.
            MixedPrecisionOptions options = _options with { Precisions = [width], Limit = null, Strengths = [1], Training = WithCheckpoint($"w{width}", isFirst: false) };
            Add(found, $"w{width}", Search(options, interruption.Token), isUniform: true);
        }

        if (interruption.Token.IsCancellationRequested)
        {
            _terminal.Line($"Stopped early. To go on, give the same command with --resume; what was found so far is in {_settings.Folder}.");
            return CommandLineTool.Interrupted;
        }

        Report(found);
        Checkpoints.ToList().ForEach(File.Delete);
        return 0;
    }

    private static KeyValuePair<string, string> Search(string how) => KeyValuePair.Create("search", how);

    private string CheckpointOf(string name) => Path.Combine(_settings.Folder, name + TrainingJobRunner.CheckpointEnding);

    // A network that has no checkpoint yet starts anew where the search goes on.
    private TrainingOptions WithCheckpoint(string name, bool isFirst)
    {
        string path = CheckpointOf(name);
        return _options.Training with { CheckpointPath = path, ResumePath = null, Resume = _options.Training.Resume && (isFirst || File.Exists(path)) };
    }

    private SearchPoint Search(MixedPrecisionOptions options, CancellationToken cancellation)
    {
        SearchPoint? point = null;
        TrainingDisplay.Show(_terminal, metric: null, progress =>
        {
            point = MixedPrecisionSearch.Run(_training.InitialGraph, _training.Task, _training.ReadData, options, new Relay(progress), cancellation).Single();
            return point.Result;
        });
        return point!;
    }

    private void Add(List<Found> found, string name, SearchPoint point, bool isUniform)
    {
        if (point.Result.Steps == 0)
        {
            return;
        }

        DenseNetwork network = _training.Network(
            point.Result, Search(point.Strength is { } strength ? Invariant($"{_options.Cost.Name}, lambda {strength}") : Invariant($"at most {_options.Limit:0} {_options.Cost.Unit}")));
        string path = Path.Combine(_settings.Folder, name + ".mlbn");
        ModelWriter.Save(network, path);
        long bytes = OutputFile.SizeOf(path);
        double accuracy = _training.Accuracy(network);
        found.Add(new(name, network, point, bytes, accuracy, isUniform));
        _terminal.Line(Invariant($"{name}: {CliTask.Of(network.Task).AccuracyName} {accuracy:0.0000}, {bytes:N0} bytes"));
        if (!isUniform && _settings.TargetBytes is { } target && bytes > target)
        {
            throw new InvalidDataException(Invariant($"{path} has {bytes} bytes, more than the {target} that were asked for."));
        }
    }

    private void Report(List<Found> found)
    {
        double[] times = Measure([.. found.Select(one => one.Network)]);
        ImmutableArray<byte> widths = ChannelQuantizer.Widths;
        PrecisionFront front = new(
            CliTask.Of(_training.Task.Task).AccuracyName, $"{_options.Cost.Name}, {_options.Cost.Unit}",
            [.. found.Select((one, i) => new PrecisionPoint(
                one.Name, one.Accuracy, one.Bytes, times[i], MixedPrecisionSearch.CostOf(one.Network.Graph, _options.Cost, _options.ImageHeight, _options.ImageWidth), one.IsUniform,
                [.. one.Point.Layers.Select(layer => (layer.Shape.Name, (IReadOnlyList<int>)[.. widths.Select(width => layer.Bits.Count(bits => bits == width))]))]))]);
        front.SaveCsv(Path.Combine(_settings.Folder, "front.csv"));
        front.SaveHtml(Path.Combine(_settings.Folder, "front.html"), new ReportOptions
        {
            Title = "Mixed precision, channel by channel",
            Facts =
            [
                new("Search", "Cost", $"{_options.Cost.Name}, {_options.Cost.Unit}"), new("Search", "Precisions", string.Join(", ", _options.Precisions)),
                new("Search", "Costs and time are for", $"{_options.ImageWidth}x{_options.ImageHeight}"), new("Search", "Budget of a network", _options.Training.Budget.ToString()),
                new("Search", "Accuracy was measured on", _training.Validates ? "the images to validate on" : "the training images"),
                new("Search", "Time", $"least of {MeasuredRuns} runs, networks in turn, one thread"),
            ],
        });
        foreach (PrecisionPoint point in front.Points)
        {
            string dominated = front.IsDominatedInBytes(point) ? " (dominated)" : "";
            _terminal.Line(Invariant($"{point.Name,-8} {front.AccuracyName} {point.Accuracy:0.0000}  {point.Bytes,10:N0} bytes  {point.Milliseconds,7:0.00} ms{dominated}"));
        }

        _terminal.Line($"Wrote {Plural.Of(found.Count, "network")}, front.csv and front.html to {_settings.Folder}");
    }

    /// <summary>Milliseconds of each network, one run of each after the other.</summary>
    private double[] Measure(DenseNetwork[] networks)
    {
        RgbImage image = new(_settings.Options.ImageWidth, _settings.Options.ImageHeight);
        new Random(1).NextBytes(image.Pixels);
        CompiledNetwork[] compiled = [.. networks.Select(Compile)];
        double[] times = [.. networks.Select(_ => double.PositiveInfinity)];
        float[] logits = new float[networks.Max(network => network.Graph.LogitChannels) * image.Width * image.Height];
        try
        {
            for (int run = 0; run < MeasuredRuns + 3; run++)
            {
                for (int i = 0; i < compiled.Length; i++)
                {
                    Span<float> target = logits.AsSpan(0, networks[i].Graph.LogitChannels * image.Width * image.Height);
                    long start = Stopwatch.GetTimestamp();
                    compiled[i].PredictLogits(image, target);
                    times[i] = run < 3 ? times[i] : Math.Min(times[i], Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }
        }
        finally
        {
            Array.ForEach(compiled, network => network.Dispose());
        }

        return times;
    }

    private static CompiledNetwork Compile(DenseNetwork network) => CompiledNetwork.Compile(network.Graph, new() { Threads = 1 });

    /// <summary>Checks that time can be measured on an image of the size that was asked for, before networks are trained for it.</summary>
    private void CheckImage()
    {
        (int width, int height) = (_settings.Options.ImageWidth, _settings.Options.ImageHeight);
        DenseNetwork widest = OfWidth(_settings.Options.Precisions[^1]);
        ImageTooLargeException? problem = null;
        try
        {
            using CompiledNetwork compiled = Compile(widest);
            compiled.Prepare(width, height);
        }
        catch (ImageTooLargeException e)
        {
            problem = e;
        }

        if (problem is not null || (long)widest.Graph.LogitChannels * width * height > Array.MaxLength)
        {
            throw new ArgumentException($"--image is {width}x{height}, on which time is measured, and is too large for the network to see at once; give a smaller size.", problem);
        }
    }

    /// <summary>The network to start from with one width in every channel of its convolutions of signs.</summary>
    private DenseNetwork OfWidth(byte bits) => _training.Network(new TrainingResult(WidthGraphs.Uniform(_training.InitialGraph, bits), 0, 0, null, TimeSpan.Zero, false));

    /// <summary>
    /// Nanoseconds of all of an image's work that is no convolution of signs: measured where the search begins, and kept beside its checkpoints, as no second measurement gives the same and a
    /// search that goes on must have the limit that it had.
    /// </summary>
    private double Rest(double target)
    {
        string kept = CheckpointOf(RestName);
        double rest;
        if (_training.Resumes && File.Exists(kept))
        {
            rest = double.TryParse(File.ReadAllText(kept), CultureInfo.InvariantCulture, out double nanoseconds) && double.IsFinite(nanoseconds)
                ? nanoseconds
                : throw new InvalidDataException($"{kept} must hold the nanoseconds that the search measured when it began. Leave --resume out to start anew.");
        }
        else
        {
            rest = 1e6 * Measure([OfWidth(0)])[0];
        }

        _terminal.Line(Invariant($"Of {target / 1e6:0.00} ms all that is no convolution of signs takes {rest / 1e6:0.00} ms."));
        return rest;
    }

    private sealed record Found(string Name, DenseNetwork Network, SearchPoint Point, long Bytes, double Accuracy, bool IsUniform);

    private sealed class Relay(IProgress<TrainingProgress> progress) : IProgress<SearchProgress>
    {
        public void Report(SearchProgress value) => progress.Report(value.Training);
    }
}
