using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli.Display;

/// <summary>One line a report, for logs.</summary>
internal sealed class PlainTrainingDisplay(Terminal terminal, string? metric) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        string validation = value.ValidationMetric is { } figure ? FormattableString.Invariant($"  {metric} {Figure.Of(figure)}") : "";
        terminal.Line(FormattableString.Invariant(
            $"step {value.Step}/{value.TotalSteps}  epoch {value.Epoch:0.00}  loss {Figure.Of(value.Loss)}  lr {value.LearningRate:0.00e+0}{validation}  ")
            + $"elapsed {Figure.Of(value.Elapsed)}  left {Figure.Of(value.Remaining)}");
    }
}
