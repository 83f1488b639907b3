namespace Microsoft.ML.Binary.Evaluation;

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
                return Math.Min(2 * (PairwiseSum(saliency, counts.Values) / counts.PixelCount), 1);
            }
        }

        return Math.Min(threshold, 1);
    }

    /// <summary>Sum of the pixels' values in NumPy's order: halves down to 128 elements, then eight interleaved sums.</summary>
    private static double PairwiseSum(ReadOnlySpan<byte> saliency, ReadOnlySpan<double> values)
    {
        const int Lanes = 8;
        const int Block = 128;
        if (saliency.Length > Block)
        {
            int half = saliency.Length / 2;
            half -= half % Lanes;
            return PairwiseSum(saliency[..half], values) + PairwiseSum(saliency[half..], values);
        }

        double sum = 0;
        int i = 0;
        if (saliency.Length >= Lanes)
        {
            Span<double> lanes = stackalloc double[Lanes];
            for (; i + Lanes <= saliency.Length; i += Lanes)
            {
                for (int lane = 0; lane < Lanes; lane++)
                {
                    lanes[lane] += values[saliency[i + lane]];
                }
            }

            sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
        }

        for (; i < saliency.Length; i++)
        {
            sum += values[saliency[i]];
        }

        return sum;
    }
}
