using System.Collections.Immutable;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Cli.Predictions;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Quantization;
using Microsoft.ML.Binary.Reporting;
using Microsoft.ML.Binary.Training;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>A search over widths: what it was told, and its run.</summary>
internal sealed record WidthSearchJob
{
    public const int UsualCalibration = 8, UsualPoints = 20;

    public required string Model { get; init; }

    public required string Images { get; init; }

    public required string Masks { get; init; }

    public required ImageDimensions Size { get; init; }

    public required BitRange Bits { get; init; }

    /// <summary>Whether each configuration is evaluated; otherwise its accuracy is predicted from sensitivities.</summary>
    public required bool EvaluatesEach { get; init; }

    public required int Calibration { get; init; }

    /// <summary>How many configurations of the front are measured and shown at most.</summary>
    public required int Points { get; init; }

    /// <summary>Other networks to show beside the front.</summary>
    public required IReadOnlyList<string> Compared { get; init; }

    public required string Output { get; init; }

    public required Accelerator Accelerator { get; init; }

    public required MapperOptions Mapper { get; init; }

    public required WidthSearchOptions Search { get; init; }

    public void Run(Terminal terminal)
    {
        ModelSource source = ModelSource.Load(Model);
        DenseNetwork network = source.Network.WithWorkingSize(source.WorkingSize);
        ModelSource[] compared = [.. Compared.Select(ModelSource.Load)];
        foreach (ModelSource other in compared)
        {
            if (other.Network.Task != network.Task)
            {
                throw new ArgumentException($"{other.Name} cannot be compared with {source.Name}: it is for {other.Network.Task}, not {network.Task}.");
            }

            ClassList.CheckSame(source.Name, network.ClassNames, other.Name, other.Network.ClassNames);
        }

        foreach (ModelSource model in compared.Prepend(source).DistinctBy(model => model.Name))
        {
            model.WarnOfViews(terminal, "here it looks once, at the size of that, and reduces attention as it was trained.");
        }

        IReadOnlyList<ImagePair> pairs = ImageFolder.Pair(Images, Masks);
        Directory.CreateDirectory(Output);

        ImagePair[] chosen = [.. Enumerable.Range(0, Math.Min(Calibration, pairs.Count)).Select(i => pairs[(int)((long)i * pairs.Count / Math.Min(Calibration, pairs.Count))])];
        TrainingSample[] samples = [.. chosen.Select(pair => LabelledImages.Read(pair, source.Network.Task, source.Network.Graph.LogitChannels, ClassList.ColorsOf(source.Network.Palette)))];
        int threads = Mapper.Threads == 0 ? Environment.ProcessorCount : Mapper.Threads;
        PostTrainingQuantization quantization = new(network, [.. samples.Select(sample => sample.Image)], threads);
        ImmutableArray<int> widths = WidthSearch.DistinctWidths(Accelerator, Bits.Lowest, Bits.Highest, Mapper.Counting);
        string others = widths.Length <= Bits.Highest - Bits.Lowest ? $"; others of {Bits} cost what the next of these does on {Accelerator.Name}" : "";
        terminal.Line($"{source.Name}: {Plural.Of(quantization.Layers.Length, "layer")}, widths {string.Join(", ", widths)} bits{others}");

        Func<IReadOnlyList<LayerWidths>, double> accuracy = EvaluatesEach ? Evaluate : Sensitivity(terminal, quantization, widths, samples).Accuracy;
        Mapper mapper = new(Accelerator, Mapper);
        WidthSearch search = new(mapper, Workloads(source), quantization.Layers, widths, accuracy, Search);
        int reported = 0;
        WidthFront front = search.Run(done =>
        {
            if (done >= reported + 50)
            {
                terminal.Line($"looked at {done} configurations");
                reported = done;
            }
        });

        // What the search went by may be a prediction; what is reported is measured.
        ImmutableArray<WidthPoint> points = front.Spread(Points);
        terminal.Line($"measuring {Plural.Of(points.Length + front.Uniform.Length + compared.Length, "configuration")} on {Plural.Of(pairs.Count, "image")}");
        string measure = CliTask.Of(source.Network.Task).AccuracyName;
        WidthSearchResult result = new(
            source.Name, quantization.Layers, EvaluatesEach ? measure : "the added sensitivities of layers, exp(-loss)", measure, mapper.Objective.First, front.Evaluations,
            [.. points.Select((point, i) => Point(Invariant($"front {i + 1}"), point))],
            [.. front.Uniform.Zip(widths, (point, width) => Point($"{width} bit{(width == 1 ? "" : "s")}", point)), .. compared.Select(Compare)]);
        Save(source, result);
        foreach (string line in WidthSearchText.Lines(result))
        {
            terminal.Line(line);
        }

        terminal.Line($"Wrote front.html, front.csv, front.json and {Plural.Of(result.Front.Length, "table")} of widths to {Output}");

        double Evaluate(IReadOnlyList<LayerWidths> configuration)
        {
            using QuantizedPredictions predictions = new(network, quantization, configuration, pairs);
            return MeasureAll(predictions);
        }

        double MeasureAll(IPredictionSource predictions)
        {
            PredictionEvaluation evaluation = new(predictions, threads);
            return CliTask.Of(source.Network.Task).Accuracy(evaluation);
        }

        MeasuredPoint Point(string name, WidthPoint point) => new(
            name, point.Widths, point.Accuracy, EvaluatesEach ? point.Accuracy : Evaluate(point.Widths), mapper.Map(search.Apply(point.Widths)));

        MeasuredPoint Compare(ModelSource other)
        {
            using ModelPredictions predictions = new(other.Network, pairs, views: new() { Size = other.Views.Size });
            return new(other.Name, [], null, MeasureAll(predictions), mapper.Map(Workloads(other)));
        }
    }

    private static SensitivityTable Sensitivity(Terminal terminal, PostTrainingQuantization quantization, ImmutableArray<int> widths, TrainingSample[] samples)
    {
        SensitivityTable table = quantization.MeasureSensitivity(
            widths, samples, done => terminal.Line($"sensitivity of {Plural.Of(quantization.Layers.Length, "layer")} measured on {done} of {Plural.Of(samples.Length, "image")}"));
        terminal.Line(Invariant($"loss of the network as it is {table.BaseLoss:0.0000}"));
        return table;
    }

    private ImmutableArray<Workload> Workloads(ModelSource source)
    {
        ImmutableArray<Workload> workloads = NetworkWorkloads.Of(source.Network.Graph, Size.Height, Size.Width);
        return Search.AsPublished ? [.. workloads.Select(workload => workload.AsPublished())] : workloads;
    }

    private string PathOf(int point) => Path.Combine(Output, Invariant($"front-{point}.json"));

    private void Save(ModelSource source, WidthSearchResult result)
    {
        foreach ((int index, MeasuredPoint point) in result.Front.Index())
        {
            result.Table(point).Save(PathOf(index + 1));
        }

        // Points of an earlier search would look like those of this one.
        for (int index = result.Front.Length + 1; PathOf(index) is var left && File.Exists(left); index++)
        {
            File.Delete(left);
        }

        result.SaveCsv(Path.Combine(Output, "front.csv"));
        result.SaveJson(Path.Combine(Output, "front.json"));
        result.SaveHtml(Path.Combine(Output, "front.html"), new ReportOptions
        {
            Title = $"{source.Name}: bit widths on {Accelerator.Name}",
            Facts =
            [
                new("Network", "Name", source.Name), new("Network", "Costs are for", Size.ToString()), new("Data", "Images", Images), new("Data", "Masks", Masks),
                new("Quantisation", "Method", "After training, without training again: a grid of equally spaced values for each output channel's weights, one for each map"),
                new("Quantisation", "Grids and sensitivities", Plural.Of(Calibration, "image") + " of the folder, at most"),
            ],
        });
    }
}
