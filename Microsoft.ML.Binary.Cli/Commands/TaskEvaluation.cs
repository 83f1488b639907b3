using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Cli.Predictions;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Reporting;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary evaluate --tasks</c>: all tasks of a model and, with models of one task each, what sharing an encoder gains or costs.</summary>
internal static class TaskEvaluation
{
    private const string SingleField = "single", GainField = "gainPercent";

    /// <returns>The exit code.</returns>
    public static int Run(
        string file, IReadOnlyList<(string Name, string Model)> alone, PredictionOptions options, ParseResult parsed, OutputFiles files, Failures failures, Terminal terminal)
    {
        (ModelSource model, string images, ImageFolderOptions folders) = options.OpenTasks(parsed, terminal);
        ViewOptions views = options.Views(parsed, model);
        TaskData data = TaskData.Open(file, images, folders, model.Network);
        if (files.Json is not null && data.Tasks.FirstOrDefault(task => task.Name is SingleField or GainField or EvaluateCommand.FailuresField) is { } taken)
        {
            throw new InvalidDataException($"{file}: the name of the task '{taken.Name}' is that of another field in the file of --json. Leave --json out; --html has the figures too.");
        }

        TaskPredictions predictions = new(model.Network, data, views);
        (string Task, TaskPredictions Predictions)[] singles = [.. alone.Select(single => Single(single, data, source => options.Views(parsed, source)))];
        if (singles.Length > 0 && data.Tasks.FirstOrDefault(task => singles.All(single => single.Task != task.Name)) is { } lacking)
        {
            throw new InvalidDataException($"--single names no model of task '{lacking.Name}'; give one for each of {string.Join(", ", data.Tasks.Select(task => $"'{task.Name}'"))}.");
        }

        return failures.Listed(terminal, data.Images.Count, "evaluated", () =>
        {
            (MultiTaskMetrics metrics, TaskMetrics[] others) = CountDisplay.Show(terminal, "evaluated", data.Images.Count, done => Measure(predictions, singles, done, failures));
            terminal.Line(metrics.ToString());
            double? gain = others.Length > 0 && others.All(task => task.Figure > 0) ? metrics.GainOver(others) : null;
            Compare(metrics, others, gain, terminal);
            OutputFile.Save(files.Json, path =>
            {
                JsonObject json = JsonNode.Parse(metrics.ToJson())!.AsObject();
                if (gain is { } percent)
                {
                    json[SingleField] = new JsonObject(others.Select(task => KeyValuePair.Create<string, JsonNode?>(task.Name, task.Figure)));
                    json[GainField] = percent;
                }

                EvaluateCommand.SaveJson(path, json, failures);
            });
            OutputFile.Save(files.Html, path => metrics.SaveHtml(path, new()
            {
                Title = Path.GetFileName(model.Name),
                Facts = [.. ModelPredictions.FactsOf(model.Network, model.Name, views), new("Data", "Images", images), new("Data", "Tasks", file)],
                Alone = gain is null ? [] : others,
                Palettes = metrics.Tasks.ToDictionary(task => task.Name, task => Palette.Of(model.Network.Head(task.Name).Palette)),
                Examples = [.. data.Without(failures).Take(4).Select(predictions.Example)],
            }));
        });
    }

    /// <summary>The figures of a network and of those of one task each, all of the images that none of them fails on.</summary>
    private static (MultiTaskMetrics Together, TaskMetrics[] Alone) Measure(
        TaskPredictions together, (string Task, TaskPredictions Predictions)[] singles, Action<int> done, Failures failures)
    {
        while (true)
        {
            MultiTaskMetrics metrics = together.Measure(Environment.ProcessorCount, evaluated: done, failures: failures);
            int failed = failures.List.Count;
            TaskMetrics[] alone = [.. singles.Select(single => single.Predictions.Measure(Environment.ProcessorCount, single.Task, failures: failures).Tasks[0])];
            if (failures.List.Count == failed)
            {
                return (metrics, alone);
            }
        }
    }

    private static void Compare(MultiTaskMetrics metrics, TaskMetrics[] alone, double? gain, Terminal terminal)
    {
        foreach (TaskMetrics own in alone)
        {
            terminal.Line(Invariant($"{own.Name}: {own.FigureName} {metrics[own.Name].Figure:F4} together, {own.Figure:F4} alone"));
        }

        if (alone.Length > 0)
        {
            terminal.Line(gain is { } percent
                ? $"Delta_m {percent.ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture)} %"
                : $"Delta_m is not defined: a network of its own finds nothing of {string.Join(", ", alone.Where(task => !(task.Figure > 0)).Select(task => task.Name))}.");
        }
    }

    /// <summary>The model of one task, and the head of it that is meant: that of the task's name, or the only one.</summary>
    private static (string Task, TaskPredictions Predictions) Single((string Name, string Model) single, TaskData data, Func<ModelSource, ViewOptions> views)
    {
        TaskHead task = data.Heads.FirstOrDefault(head => head.Name.Equals(single.Name, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidDataException($"--single names a task '{single.Name}'; there are {string.Join(", ", data.Heads.Select(head => $"'{head.Name}'"))}.");
        ModelSource source = ModelSource.Load(single.Model);
        DenseNetwork network = source.Network;
        TaskHead head = network.Heads.FirstOrDefault(head => head.Name.Equals(task.Name, StringComparison.OrdinalIgnoreCase)) ?? network.Heads[0];
        if (head.Task != task.Task || head.Channels != task.Channels)
        {
            throw new InvalidDataException(
                $"{single.Model}: task '{task.Name}' is one of {task.Task.Name}{(task.Task.HasClasses ? $" with {task.Channels} classes" : "")}, and this is a network for {head.Task.Name}{(head.Task.HasClasses ? $" with {head.Channels}" : "")}.");
        }

        ClassList.CheckSame($"task '{task.Name}'", task.ClassNames, single.Model, head.ClassNames);
        try
        {
            CompiledNetwork.Compile(network, new() { Views = views(source) }).Dispose();
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{single.Model}: {ErrorText.Of(e)}", e);
        }

        return (task.Name, new(Renamed(network.Alone(head), task.Name), data, views(source)));
    }

    private static DenseNetwork Renamed(DenseNetwork network, string task) => new(
        network.Graph, [new(task, network.Task, network.ClassNames, network.Palette)], network.Provenance, network.WorkingSize, network.Exposure);
}
