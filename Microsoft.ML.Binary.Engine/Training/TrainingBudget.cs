using System.Globalization;

namespace Microsoft.ML.Binary.Training;

/// <summary>The end of training: a number of steps, of passes over the data, or a duration.</summary>
/// <example>
/// <code>
/// TrainingOptions options = new() { Budget = TrainingBudget.OfDuration(TimeSpan.FromMinutes(30)) };      // or OfSteps, OfEpochs, which repeat bit for bit
/// </code>
/// </example>
public sealed record TrainingBudget
{
    private TrainingBudget()
    {
    }

    /// <summary>Optimiser steps, if that is the measure.</summary>
    public int? Steps { get; private init; }

    /// <summary>Passes over the data, if that is the measure.</summary>
    public int? Epochs { get; private init; }

    /// <summary>Wall-clock time, if that is the measure. The schedule follows the clock, so the result depends on the machine.</summary>
    public TimeSpan? Duration { get; private init; }

    /// <summary>The budget in words, for example <c>300 steps</c>.</summary>
    public override string ToString() =>
        Steps is { } steps ? string.Create(CultureInfo.InvariantCulture, $"{steps} steps")
        : Epochs is { } epochs ? string.Create(CultureInfo.InvariantCulture, $"{epochs} epochs")
        : string.Create(CultureInfo.InvariantCulture, $"{Duration!.Value.TotalMinutes:0.######} minutes");

    /// <summary>Ends after a number of steps, at least 1.</summary>
    public static TrainingBudget OfSteps(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        return new() { Steps = steps };
    }

    /// <summary>Ends after a number of passes over the data, at least 1.</summary>
    public static TrainingBudget OfEpochs(int epochs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        return new() { Epochs = epochs };
    }

    /// <summary>Ends when the time is up, longer than zero.</summary>
    public static TrainingBudget OfDuration(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        return new() { Duration = duration };
    }
}
