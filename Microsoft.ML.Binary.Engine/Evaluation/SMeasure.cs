namespace Microsoft.ML.Binary;

/// <summary>
/// S-measure (Fan et al., Structure-measure: A new way to evaluate foreground maps, ICCV 2017; alpha = 0.5):
/// half how well object and background stand out as a whole, half structural similarity in four quadrants.
/// </summary>
internal static class SMeasure
{
    /// <summary>Distance from 1 to the next double, which the published code adds to denominators.</summary>
    public const double Epsilon = 2.220446049250313e-16;

    private const double ObjectShare = 0.5;

    public static double Score(SaliencyCounts counts)
    {
        if (counts.ObjectPixelCount == 0)
        {
            return 1 - Mean(counts.Object, counts.Background, counts.Values);
        }

        if (counts.ObjectPixelCount == counts.PixelCount)
        {
            return Mean(counts.Object, counts.Background, counts.Values);
        }

        double score = ObjectScore(counts) * ObjectShare + RegionScore(counts) * (1 - ObjectShare);

        // One object or background pixel alone has no variance, nor has an empty or one-pixel quadrant: the score is
        // then NaN, which the published max(0, score) turns into 0.
        return score > 0 ? score : 0;
    }

    private static double ObjectScore(SaliencyCounts counts)
    {
        double share = counts.ObjectPixelCount / (double)counts.PixelCount;
        Span<double> inverted = stackalloc double[SaliencyCounts.Levels];
        for (int level = 0; level < inverted.Length; level++)
        {
            inverted[level] = 1 - counts.Values[level];
        }

        return Distinctness(counts.Object, counts.Values) * share + Distinctness(counts.Background, inverted) * (1 - share);
    }

    private static double Distinctness(ReadOnlySpan<int> pixels, ReadOnlySpan<double> values)
    {
        double mean = Mean(pixels, [], values);
        double squares = 0;
        int count = 0;
        for (int level = 0; level < pixels.Length; level++)
        {
            double deviation = values[level] - mean;
            squares += pixels[level] * (deviation * deviation);
            count += pixels[level];
        }

        double standardDeviation = Math.Sqrt(squares / (count - 1));
        return 2 * mean / (mean * mean + 1 + standardDeviation + Epsilon);
    }

    private static double RegionScore(SaliencyCounts counts)
    {
        double area = counts.PixelCount;
        double leftTop = counts.SplitX * (double)counts.SplitY / area;
        double rightTop = counts.SplitY * (double)(counts.Width - counts.SplitX) / area;
        double leftBottom = (counts.Height - counts.SplitY) * (double)counts.SplitX / area;
        double rightBottom = 1 - leftTop - rightTop - leftBottom;
        return Similarity(counts, 0) * leftTop + Similarity(counts, 1) * rightTop
            + Similarity(counts, 2) * leftBottom + Similarity(counts, 3) * rightBottom;
    }

    private static double Similarity(SaliencyCounts counts, int quadrant)
    {
        ReadOnlySpan<int> inObject = counts.QuadrantObject(quadrant);
        ReadOnlySpan<int> inBackground = counts.QuadrantBackground(quadrant);
        ReadOnlySpan<double> values = counts.Values;
        int objectPixels = 0;
        int pixels = 0;
        for (int level = 0; level < values.Length; level++)
        {
            objectPixels += inObject[level];
            pixels += inObject[level] + inBackground[level];
        }

        double meanMap = Mean(inObject, inBackground, values);
        double meanMask = objectPixels / (double)pixels;
        double squaresMap = 0;
        double products = 0;
        for (int level = 0; level < values.Length; level++)
        {
            double deviation = values[level] - meanMap;
            squaresMap += (inObject[level] + inBackground[level]) * (deviation * deviation);
            products += deviation * (inObject[level] * (1 - meanMask) - inBackground[level] * meanMask);
        }

        double squaresMask = objectPixels * ((1 - meanMask) * (1 - meanMask)) + (pixels - objectPixels) * (meanMask * meanMask);
        double varianceMap = squaresMap / (pixels - 1);
        double varianceMask = squaresMask / (pixels - 1);
        double covariance = products / (pixels - 1);
        double alpha = 4 * meanMap * meanMask * covariance;
        double beta = (meanMap * meanMap + meanMask * meanMask) * (varianceMap + varianceMask);
        if (alpha != 0)
        {
            return alpha / (beta + Epsilon);
        }

        return beta == 0 ? 1 : 0;
    }

    /// <summary>Mean value of the pixels counted in either histogram; NaN if there are none.</summary>
    private static double Mean(ReadOnlySpan<int> first, ReadOnlySpan<int> second, ReadOnlySpan<double> values)
    {
        double sum = 0;
        int count = 0;
        int lastLevel = -1;
        bool flat = true;
        for (int level = 0; level < first.Length; level++)
        {
            int pixels = first[level] + (second.IsEmpty ? 0 : second[level]);
            if (pixels == 0)
            {
                continue;
            }

            flat = lastLevel < 0;
            lastLevel = level;
            sum += pixels * values[level];
            count += pixels;
        }

        // Where map and mask are both flat, the similarity is 1 if the map's variance is 0 and 0 if it is the square of a rounding
        // error. The published code leaves that to how NumPy rounds this mean.
        return flat && count > 0 ? NumPySum.OfEqual(values[lastLevel], count) / count : sum / count;
    }
}
