namespace Microsoft.ML.Binary.Training;

/// <summary>A progress report.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="TotalSteps">Steps in all; for a time budget the estimate at the present speed.</param>
/// <param name="Fraction">Part of the budget that is used up, 0..1.</param>
/// <param name="Epoch">Passes over the data, with a fraction.</param>
/// <param name="Loss">Mean loss since the last report, without the cost that a search for widths adds to it.</param>
/// <param name="LearningRate">Of the last step.</param>
/// <param name="ValidationMetric">The latest figure of <see cref="TrainingOptions.Validate"/>, or of what <see cref="TrainingOptions.EarlyStopping"/> holds out, if there is one.</param>
/// <param name="Elapsed">Time since training started, earlier parts of a resumed run included.</param>
/// <param name="Remaining">Estimated time to the end.</param>
/// <example>
/// <code>
/// Progress&lt;TrainingProgress&gt; progress = new(p =&gt; Console.WriteLine($"step {p.Step} of {p.TotalSteps}, loss {p.Loss:F3}"));
/// </code>
/// </example>
public sealed record TrainingProgress(
    int Step, int TotalSteps, double Fraction, double Epoch, double Loss, double LearningRate, double? ValidationMetric, TimeSpan Elapsed, TimeSpan Remaining);
