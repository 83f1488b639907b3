namespace Microsoft.ML.Binary;

/// <summary>
/// Mean absolute error, and precision, recall and F-measure of a saliency map over the 256 thresholds
/// (Achanta et al., Frequency-tuned salient region detection, CVPR 2009; beta^2 = 0.3).
/// </summary>
internal static class FMeasure
{
    private const double BetaSquared = 0.3;

    /// <summary>Mean of |saliency - mask| (Perazzi et al., Saliency filters, CVPR 2012).</summary>
    public static double MeanAbsoluteError(SaliencyCounts counts)
    {
        double sum = 0;
        for (int level = 0; level < SaliencyCounts.Levels; level++)
        {
            sum += counts.Object[level] * (1 - counts.Values[level]);
            sum += counts.Background[level] * counts.Values[level];
        }

        return sum / counts.PixelCount;
    }

    /// <summary>Fills three curves of 256 values; element t is for "salient where the level is at least t".</summary>
    public static void Curves(SaliencyCounts counts, Span<double> precision, Span<double> recall, Span<double> f)
    {
        Span<int> hits = stackalloc int[SaliencyCounts.Levels];
        Span<int> predicted = stackalloc int[SaliencyCounts.Levels];
        PixelsAtLeast(counts, hits, predicted);
        double objectPixels = Math.Max(counts.ObjectPixelCount, 1);
        for (int t = 0; t < SaliencyCounts.Levels; t++)
        {
            precision[t] = hits[t] / (double)Math.Max(predicted[t], 1);
            recall[t] = hits[t] / objectPixels;
            f[t] = Score(precision[t], recall[t]);
        }
    }

    /// <summary>F-measure at the image's own threshold, min(2 * mean saliency, 1).</summary>
    public static double Adaptive(SaliencyCounts counts, double threshold)
    {
        (int hits, int predicted) = PixelsAtLeast(counts, threshold);
        return hits == 0 ? 0 : Score(hits / (double)predicted, hits / (double)counts.ObjectPixelCount);
    }

    /// <summary>For each threshold t: object pixels, and all pixels, whose normalised level is at least t.</summary>
    public static void PixelsAtLeast(SaliencyCounts counts, Span<int> hits, Span<int> predicted)
    {
        hits.Clear();
        predicted.Clear();
        for (int level = 0; level < SaliencyCounts.Levels; level++)
        {
            int t = counts.ThresholdLevels[level];
            hits[t] += counts.Object[level];
            predicted[t] += counts.Object[level] + counts.Background[level];
        }

        for (int t = SaliencyCounts.Levels - 2; t >= 0; t--)
        {
            hits[t] += hits[t + 1];
            predicted[t] += predicted[t + 1];
        }
    }

    /// <summary>Object pixels, and all pixels, whose normalised saliency is at least <paramref name="threshold"/>.</summary>
    public static (int Hits, int Predicted) PixelsAtLeast(SaliencyCounts counts, double threshold)
    {
        int hits = 0;
        int predicted = 0;
        for (int level = 0; level < SaliencyCounts.Levels; level++)
        {
            if (counts.Values[level] >= threshold)
            {
                hits += counts.Object[level];
                predicted += counts.Object[level] + counts.Background[level];
            }
        }

        return (hits, predicted);
    }

    /// <summary>F-measure of a precision and a recall.</summary>
    public static double Score(double precision, double recall)
    {
        double numerator = (1 + BetaSquared) * precision * recall;
        return numerator == 0 ? 0 : numerator / (BetaSquared * precision + recall);
    }
}
