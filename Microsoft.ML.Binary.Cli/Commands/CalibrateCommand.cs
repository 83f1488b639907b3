using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Training.MixedPrecision;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary calibrate</c>: how long convolutions of every width take on this machine.</summary>
internal static class CalibrateCommand
{
    private const int UsualRuns = 30;

    // What sizes of layers differ by on an idle machine is well below it.
    private const double HighestError = 0.25;

    public static System.CommandLine.Command Create()
    {
        Option<string> output = new OutputFile("--out", "The table to write, for 'mlbinary search --cost latency:FILE'.") { Required = true };
        Option<int?> runs = CommandOption.Number("--runs", "N", $"Runs of each layer in each of three rounds, of all of which the shortest counts. [default: {UsualRuns}]", 1);
        System.CommandLine.Command command = new("calibrate", "Measures how long convolutions with channels of 1, 2, 4 and 8 bits take on this machine. Let nothing else run meanwhile.") { output, runs };
        command.SetAction(parsed =>
        {
            Terminal terminal = Terminal.Of(parsed);
            string path = parsed.GetValue(output)!;
            LatencyTable table = LatencyCalibration.Measure(parsed.GetValue(runs) ?? UsualRuns, kind => terminal.Line($"measuring {kind}"));
            table.Save(path);
            terminal.Line($"{table.Cpu}, {table.Path}");
            foreach (LatencyEntry entry in table.Entries)
            {
                terminal.Line(Invariant($"{entry.Kind,-22} {entry.Bits} bits  {1000 * entry.PerProduct,8:0.00} ps a product, {entry.PerValue,6:0.000} ns a value"));
            }

            if (table.Error > HighestError)
            {
                terminal.Warn(Invariant($"The times do not agree with each other (by up to {table.Error:0%}): something else was running. Measure again when the machine is idle."));
            }

            terminal.Line(Invariant($"The layers measured differ from this by at most {table.Error:0.0%}. Wrote {path}"));
        });
        return command;
    }
}
