namespace Microsoft.ML.Binary;

/// <summary>
/// The threshold min(2 * mean, 1) of the adaptive F- and E-measure, where "at least the threshold" is salient.
/// </summary>
internal static class AdaptiveThreshold
{
    /// <summary>Far above the rounding error of a mean, far below the distance of two levels.</summary>
    private const double Tie = 1e-12;

    public static double Of(SaliencyCounts counts, ReadOnlySpan<byte> saliency)
    {
        double sum = 0;
        for (int level = 0; level < SaliencyCounts.Levels; level++)
        {
            sum += counts.Values[level] * (counts.Object[level] + counts.Background[level]);
        }

        double threshold = 2 * (sum / counts.PixelCount);
        for (int level = 0; level < SaliencyCounts.Levels; level++)
        {
            // A level that equals the threshold but for rounding is salient or not by the luck of the summation order.
            // The published figures come from NumPy's, so such a tie is decided by adding up as NumPy does.
            if (Math.Abs(counts.Values[level] - threshold) < Tie)
            {
                return Math.Min(2 * (NumPySum.Of(saliency, counts.Values) / counts.PixelCount), 1);
            }
        }

        return Math.Min(threshold, 1);
    }
}
