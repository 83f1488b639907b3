namespace Microsoft.ML.Binary.Cli.Display;

/// <summary>The course of the loss as a row of bars: each the mean over an equal part of the budget.</summary>
internal sealed class LossCurve(int width)
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    private readonly double[] _sums = new double[width];
    private readonly int[] _counts = new int[width];

    /// <summary>Adds a loss that was seen when a part of the budget, 0..1, was used up.</summary>
    public void Add(double fraction, double loss)
    {
        int part = Math.Min(width - 1, (int)(fraction * width));
        _sums[part] += loss;
        _counts[part]++;
    }

    public override string ToString()
    {
        double[] means = [.. _sums.Zip(_counts, (sum, count) => count == 0 ? double.NaN : sum / count)];
        double[] known = [.. means.Where(double.IsFinite)];
        double lowest = known.Length == 0 ? 0 : known.Min(), range = known.Length == 0 ? 0 : known.Max() - lowest;
        return string.Concat(means.Select(Bar));

        char Bar(double mean) => !double.IsFinite(mean) ? ' ' : Bars[range > 0 ? (int)Math.Round((mean - lowest) / range * (Bars.Length - 1)) : 0];
    }
}
