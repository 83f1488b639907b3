using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli.Display;

/// <summary>Shows how training goes: in place on a terminal, as lines elsewhere.</summary>
internal static class TrainingDisplay
{
    /// <summary>Steps between two reports: a line in a log is there to stay, a figure on a terminal is not.</summary>
    public static int ReportInterval(Terminal terminal) => terminal.Live is null ? 20 : 2;

    /// <summary>Trains while showing it.</summary>
    /// <param name="terminal">Where to show it.</param>
    /// <param name="metric">Name of the validation figure; null where there is none.</param>
    /// <param name="train">Trains and reports its progress.</param>
    public static TrainingResult Show(Terminal terminal, string? metric, Func<IProgress<TrainingProgress>, TrainingResult> train) =>
        terminal.Live is { } console
            ? LiveTrainingDisplay.Show(console, metric, train)
            : train(new PlainTrainingDisplay(terminal, metric));
}
