namespace Microsoft.ML.Binary.Training;

/// <summary>Training was stopped because the loss or the weights were no longer finite.</summary>
/// <example>
/// <code>
/// try
/// {
///     SegmentationTransformer model = trainer.Fit(train);
/// }
/// catch (TrainingDivergedException e)
/// {
///     Console.WriteLine($"step {e.Step}: {e.Message}");                   // a lower learning rate, say
/// }
/// </code>
/// </example>
public sealed class TrainingDivergedException : Exception
{
    internal TrainingDivergedException(string what, int step, string? checkpoint)
        : base($"{what} at step {step}. "
            + (checkpoint is null ? "No checkpoint was written. " : $"The last good checkpoint is '{checkpoint}'. ")
            + "Lower the learning rate, or look for images or masks that do not belong to the set.")
        => (Step, CheckpointPath) = (step, checkpoint);

    /// <summary>The step, counted from 1.</summary>
    public int Step { get; }

    /// <summary>The last good checkpoint, if one was written.</summary>
    public string? CheckpointPath { get; }
}
