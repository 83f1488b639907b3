namespace Microsoft.ML.Binary.Training;

/// <summary>Training was stopped because the loss was no longer a number.</summary>
public sealed class TrainingDivergedException : Exception
{
    internal TrainingDivergedException(int step, double loss, string? checkpoint)
        : base($"The loss became {loss} at step {step}. "
            + (checkpoint is null ? "No checkpoint was written. " : $"The last good checkpoint is '{checkpoint}'. ")
            + "Lower the learning rate, or look for images or masks that do not belong to the set.")
        => (Step, CheckpointPath) = (step, checkpoint);

    /// <summary>The step, counted from 1.</summary>
    public int Step { get; }

    /// <summary>The last good checkpoint, if one was written.</summary>
    public string? CheckpointPath { get; }
}
