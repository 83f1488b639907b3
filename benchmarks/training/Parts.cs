using System.Diagnostics;

namespace Microsoft.ML.Binary.TrainingBenchmark;

/// <summary>Where the time of a step goes: milliseconds forward and backward by type of node, and what lies outside of the nodes.</summary>
internal sealed class Parts
{
    private readonly Dictionary<string, (double Forward, double Backward)> _times = [];
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>Books the time since the last call on a part.</summary>
    public void Done(string part, bool forward)
    {
        double milliseconds = Stopwatch.GetElapsedTime(_last).TotalMilliseconds;
        (double ahead, double back) = _times.GetValueOrDefault(part);
        _times[part] = forward ? (ahead + milliseconds, back) : (ahead, back + milliseconds);
        _last = Stopwatch.GetTimestamp();
    }

    public void Clear() => _times.Clear();

    public void Print(TextWriter output, int steps)
    {
        output.WriteLine("| part | forward, ms | backward, ms |\n| --- | ---: | ---: |");
        foreach ((string part, (double forward, double backward)) in _times.OrderByDescending(part => part.Value.Forward + part.Value.Backward))
        {
            output.WriteLine($"| {part} | {forward / steps:F1} | {backward / steps:F1} |");
        }
    }
}
