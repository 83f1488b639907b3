namespace Microsoft.ML.Binary;

/// <summary>
/// Draws images with replacement. A draw is handed on as "how often each image was drawn", so that a statistic adds up each
/// image once, and two models can be given the very same draws.
/// </summary>
internal static class Bootstrap
{
    /// <summary>Interval of a statistic; resamples where it is undefined (NaN) are left out.</summary>
    public static ConfidenceInterval Interval(double estimate, int imageCount, BootstrapOptions? options, Func<int[], double> statistic)
    {
        options ??= new BootstrapOptions();
        double[] sorted = Resample(imageCount, options, statistic);
        return Interval(estimate, sorted, options.Level);
    }

    /// <summary>Comparison of a statistic between two models, both resampled by the same draws.</summary>
    public static PairedComparison Compare(
        double first, double second, int imageCount, BootstrapOptions? options, Func<int[], double> firstStatistic, Func<int[], double> secondStatistic)
    {
        options ??= new BootstrapOptions();
        double[] sorted = Resample(imageCount, options, draws => secondStatistic(draws) - firstStatistic(draws));
        double notAbove = (sorted.Count(difference => difference <= 0) + 1.0) / (sorted.Length + 1);
        double notBelow = (sorted.Count(difference => difference >= 0) + 1.0) / (sorted.Length + 1);
        double p = Math.Min(1, 2 * Math.Min(notAbove, notBelow));
        return new PairedComparison(first, second, Interval(second - first, sorted, options.Level), p, imageCount);
    }

    private static double[] Resample(int imageCount, BootstrapOptions options, Func<int[], double> statistic)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Resamples, 1, nameof(options.Resamples));
        if (!(options.Level is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Level, "The confidence level must be between 0 and 1, 0.95 for instance.");
        }

        ulong state = (ulong)options.Seed;
        var draws = new int[imageCount];
        var values = new List<double>(options.Resamples);
        for (int resample = 0; resample < options.Resamples; resample++)
        {
            Array.Clear(draws);
            for (int i = 0; i < imageCount; i++)
            {
                draws[(int)Math.BigMul(NextRandom(ref state), (ulong)imageCount, out _)]++;
            }

            double value = statistic(draws);
            if (!double.IsNaN(value))
            {
                values.Add(value);
            }
        }

        values.Sort();
        return [.. values];
    }

    private static ConfidenceInterval Interval(double estimate, double[] sorted, double level)
    {
        double tail = (1 - level) / 2;
        return new ConfidenceInterval(estimate, Quantile(sorted, tail), Quantile(sorted, 1 - tail), level);
    }

    /// <summary>Quantile with linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996).</summary>
    private static double Quantile(double[] sorted, double q)
    {
        if (sorted.Length == 0)
        {
            return double.NaN;
        }

        double position = q * (sorted.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the same draws on every .NET version, unlike System.Random's promise.</summary>
    private static ulong NextRandom(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
