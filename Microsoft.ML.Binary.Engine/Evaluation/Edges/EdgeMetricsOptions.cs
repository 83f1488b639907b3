namespace Microsoft.ML.Binary;

/// <summary>How edges are evaluated.</summary>
/// <example>
/// <code>
/// EdgeMetricsAccumulator accumulator = new(new() { MaxDistance = 0.01, NumberOfThresholds = 50 });
/// </code>
/// </example>
public sealed record EdgeMetricsOptions
{
    /// <summary>Number n of thresholds, at least 2: t = 1/(n + 1) + k (1 - 2/(n + 1)) / (n - 1) for k = 0..n-1. The benchmark's 99 unless told otherwise.</summary>
    public int NumberOfThresholds { get; init; } = 99;

    /// <summary>Largest distance of partners as a share, above 0 and up to 1, of the image's diagonal. The benchmark's 0.0075 unless told otherwise.</summary>
    public double MaxDistance { get; init; } = 0.0075;

    internal double[] Thresholds()
    {
        int n = NumberOfThresholds;
        return [.. Enumerable.Range(0, n).Select(k => (1.0 / (n + 1)) + (k * (1 - (2.0 / (n + 1))) / (n - 1)))];
    }
}
