using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Cli.Predictions;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary compare</c>: which of two models is better, and how sure that is.</summary>
internal static class CompareCommand
{
    public static System.CommandLine.Command Create()
    {
        PredictionOptions predictions = new(sources: 2);
        Option<string> json = new OutputFile("--json", "Write the figures to this file too.");
        System.CommandLine.Command command = new(
            "compare", "Compares two models, or two tools' predictions, on the same images: differences with confidence intervals (paired bootstrap).");
        Option<bool> failFast = CommandOption.FailFast();
        predictions.AddTo(command);
        command.Add(failFast);
        command.Add(json);
        command.SetAction(parsed => Run(predictions, parsed, parsed.GetValue(json), new Failures(parsed.GetValue(failFast)), Terminal.Of(parsed)));
        return command;
    }

    private static int Run(PredictionOptions options, ParseResult parsed, string? json, Failures failures, Terminal terminal)
    {
        IReadOnlyList<(string Name, IPredictionSource Source)> sources = options.Open(parsed, terminal);
        (string firstName, IPredictionSource first) = sources[0];
        (string secondName, IPredictionSource second) = sources[1];
        using IPredictionSource _ = first, __ = second;
        if (first.Task != second.Task)
        {
            throw new ArgumentException($"{firstName} is for {first.Task} and {secondName} for {second.Task}; only models of the same task can be compared.");
        }

        ClassList.CheckSame(firstName, first.ClassNames, secondName, second.ClassNames);
        return failures.Listed(terminal, first.Names.Count, "compared", () =>
        {
            (ComparedMeasure[] measures, IEnumerable<string> warnings) = CountDisplay.Show(terminal, "evaluated", first.Names.Count, done =>
            {
                PredictionEvaluation both = new(first, Environment.ProcessorCount, done, failures);
                return CliTask.Of(first.Task).Compare(both, second);
            });
            ComparisonTable table = new(firstName, secondName, measures);
            string[] doubts = [.. warnings.Distinct()];
            Array.ForEach(doubts, terminal.Warn);
            terminal.Line(table.ToString());
            OutputFile.Save(json, path => table.SaveJson(path, doubts, failures));
        });
    }
}
