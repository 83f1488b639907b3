using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli.Display;

/// <summary>One line a report, for logs.</summary>
internal sealed class PlainTrainingDisplay(Terminal terminal, string? metric) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        string validation = value.Validation is { } figure ? FormattableString.Invariant($"  {metric} {figure:0.0000}") : "";
        terminal.Line(FormattableString.Invariant(
            $"step {value.Step}/{value.TotalSteps}  epoch {value.Epoch:0.00}  loss {value.Loss:0.0000}  lr {value.LearningRate:0.00e+0}{validation}  ")
            + $"elapsed {TrainingDisplay.Duration(value.Elapsed)}  left {TrainingDisplay.Duration(value.Remaining)}");
    }
}
