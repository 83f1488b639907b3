namespace Microsoft.ML.Binary.Training;

/// <summary>
/// Sets some of the training samples aside, measures the network on them again and again, and makes the best one the result (by mean IoU, for saliency by
/// the mean absolute error, for edges by ODS F; of several tasks by the figure of the first); training ends early where nothing better has come for a while.
/// </summary>
/// <example>
/// <code>
/// TrainingOptions options = new() { EarlyStopping = new() { HoldOut = 0.2f, Patience = 5 } };
/// </code>
/// </example>
public sealed record EarlyStopping
{
    /// <summary>
    /// Share of the samples that is set aside, above 0 and at most one half: every so manieth in the order in which they are read, so for pictures
    /// in a series put whole scenes aside yourself and use <see cref="TrainingOptions.Validate"/>. They are kept in memory.
    /// </summary>
    public float HoldOut { get; init; } = 0.1f;

    /// <summary>Steps between two measurements, at least 1. A measurement estimates batch-norm statistics anew, which costs as much as a dozen steps.</summary>
    public int Interval { get; init; } = 100;

    /// <summary>Training ends after so many measurements without a new best one; 0 never ends it early.</summary>
    public int Patience { get; init; } = 10;

    internal void Check()
    {
        TrainingOptions.Check(HoldOut is > 0 and <= 0.5f, nameof(HoldOut), HoldOut, "above 0 and at most 0.5");
        TrainingOptions.Check(Interval >= 1, nameof(Interval), Interval, "at least 1");
        TrainingOptions.Check(Patience >= 0, nameof(Patience), Patience, "at least 0");
    }
}
