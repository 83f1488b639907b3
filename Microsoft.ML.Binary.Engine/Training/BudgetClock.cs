using System.Diagnostics;

namespace Microsoft.ML.Binary.Training;

/// <summary>How much of a training budget is used up.</summary>
internal sealed class BudgetClock
{
    private readonly long? _totalSteps;
    private readonly TimeSpan? _duration;
    private readonly TimeSpan _before;
    private readonly int _firstStep;
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>Starts the clock; a resumed run brings the steps and the time it has behind it.</summary>
    public BudgetClock(TrainingBudget budget, int samples, int batchSize, int step, TimeSpan elapsed)
    {
        _totalSteps = budget.Epochs is { } epochs ? ((long)epochs * samples + batchSize - 1) / batchSize : budget.Steps;
        (_duration, _before, _firstStep) = (budget.Duration, elapsed, step);
    }

    /// <summary>Training time, earlier parts of a resumed run included.</summary>
    public TimeSpan Elapsed => _before + _watch.Elapsed;

    /// <summary>Whether so many steps, or the time so far, are more than the budget.</summary>
    public bool IsExceeded(int step) => _totalSteps is { } total ? step > total : Elapsed > _duration;

    /// <summary>Part of the budget used up when so many steps are done, 0..1.</summary>
    public double Fraction(int step) => Math.Min(1, _totalSteps is { } total ? step / (double)total : Elapsed / _duration!.Value);

    /// <summary>Steps of the whole run; for a time budget estimated from the speed so far.</summary>
    public int TotalSteps(int step)
    {
        if (_totalSteps is { } total)
        {
            return (int)Math.Min(total, int.MaxValue);
        }

        double fraction = Fraction(step);
        return fraction > 0 ? (int)Math.Max(step, Math.Round(step / fraction)) : step;
    }

    /// <summary>Estimated time to the end.</summary>
    public TimeSpan Remaining(int step)
    {
        if (_duration is { } duration)
        {
            return duration > Elapsed ? duration - Elapsed : TimeSpan.Zero;
        }

        int done = step - _firstStep;
        double ticks = done == 0 ? 0 : _watch.Elapsed.Ticks * ((_totalSteps!.Value - step) / (double)done);
        return ticks < TimeSpan.MaxValue.Ticks ? new TimeSpan((long)ticks) : TimeSpan.MaxValue;
    }
}
