namespace Microsoft.ML.Binary;

/// <summary>
/// E-measure (Fan et al., Enhanced-alignment Measure for Binary Foreground Map Evaluation, IJCAI 2018).
/// </summary>
/// <remarks>
/// For a thresholded map the enhanced alignment takes one of four values per pixel (salient or not, object or not), so
/// its sum over the image follows from four counts and needs no pass over the pixels.
/// </remarks>
internal static class EMeasure
{
    /// <summary>Fills a curve of 256 values; element t is for "salient where the level is at least t".</summary>
    public static void Curve(SaliencyCounts counts, Span<double> e)
    {
        Span<int> hits = stackalloc int[SaliencyCounts.Levels];
        Span<int> predicted = stackalloc int[SaliencyCounts.Levels];
        FMeasure.PixelsAtLeast(counts, hits, predicted);
        for (int t = 0; t < SaliencyCounts.Levels; t++)
        {
            e[t] = Score(counts, hits[t], predicted[t]);
        }
    }

    /// <summary>E-measure at the image's own threshold.</summary>
    public static double Adaptive(SaliencyCounts counts, double threshold)
    {
        (int hits, int predicted) = FMeasure.PixelsAtLeast(counts, threshold);
        return Score(counts, hits, predicted);
    }

    private static double Score(SaliencyCounts counts, int hits, int predicted)
    {
        int pixels = counts.PixelCount;
        int objectPixels = counts.ObjectPixelCount;
        double sum;
        if (objectPixels == 0)
        {
            sum = pixels - predicted;
        }
        else if (objectPixels == pixels)
        {
            sum = predicted;
        }
        else
        {
            double meanPrediction = predicted / (double)pixels;
            double meanMask = objectPixels / (double)pixels;
            int misses = objectPixels - hits;
            sum = hits * Alignment(1 - meanPrediction, 1 - meanMask)
                + (predicted - hits) * Alignment(1 - meanPrediction, -meanMask)
                + misses * Alignment(-meanPrediction, 1 - meanMask)
                + (pixels - predicted - misses) * Alignment(-meanPrediction, -meanMask);
        }

        // The definition divides by one pixel less than there are; epsilon alone remains for an image of one pixel.
        return sum / (pixels - 1 + SMeasure.Epsilon);
    }

    private static double Alignment(double prediction, double mask)
    {
        double aligned = 2 * (prediction * mask) / (prediction * prediction + mask * mask + SMeasure.Epsilon);
        return (aligned + 1) * (aligned + 1) / 4;
    }
}
