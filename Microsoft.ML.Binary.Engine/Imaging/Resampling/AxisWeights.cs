namespace Microsoft.ML.Binary.Imaging.Resampling;

/// <summary>
/// How the pixels along one axis are made from others: output i is the sum of <c>Weights[Start[i] + k] * source[First[i] + k]</c> over
/// k in 0 .. Start[i + 1] - Start[i] - 1, divided by <see cref="Total"/>. All are integers, so that nothing is rounded before the end.
/// </summary>
internal sealed class AxisWeights
{
    /// <summary>The largest side, so that a sum of bytes along one axis fits 32 bits.</summary>
    public const int MaxSide = 1 << 22;

    private AxisWeights(int source, int target, int total)
    {
        if (source > MaxSide || target > MaxSide)
        {
            throw new ArgumentException($"A side of {source} pixels cannot be brought to {target}; images that are resized have at most {MaxSide} a side.");
        }

        (Source, Target, Total, First, Start) = (source, target, total, new int[target], new int[target + 1]);
    }

    public int Source { get; }

    public int Target { get; }

    /// <summary>The sum of the weights of every output.</summary>
    public int Total { get; }

    /// <summary>The first pixel that an output takes part of.</summary>
    public int[] First { get; }

    /// <summary>Where an output's weights begin; one entry more than there are outputs.</summary>
    public int[] Start { get; }

    public int[] Weights { get; private set; } = [];

    /// <summary>For images: area averaging where the axis gets shorter, bilinear where it gets longer.</summary>
    public static AxisWeights ForImage(int source, int target) => target <= source ? Area(source, target) : Bilinear(source, target);

    /// <summary>
    /// Output i covers the source from i * source / target to (i + 1) * source / target; a weight is the length that it shares with a pixel,
    /// in units of 1 / target.
    /// </summary>
    public static AxisWeights Area(int source, int target)
    {
        AxisWeights axis = new(source, target, source);
        List<int> weights = [];
        for (int i = 0; i < target; i++)
        {
            long begin = (long)i * source, end = begin + source;
            axis.First[i] = (int)(begin / target);
            for (long pixel = axis.First[i]; pixel * target < end; pixel++)
            {
                weights.Add((int)(Math.Min((pixel + 1) * target, end) - Math.Max(pixel * target, begin)));
            }

            axis.Start[i + 1] = weights.Count;
        }

        axis.Weights = [.. weights];
        return axis;
    }

    /// <summary>
    /// Output i lies at source position (i + 0.5) * source / target - 0.5, between two pixels (the first or last one repeats outside); the
    /// weights are the distances to the other one, in units of 1 / (2 target).
    /// </summary>
    public static AxisWeights Bilinear(int source, int target)
    {
        AxisWeights axis = new(source, target, 2 * target);
        List<int> weights = [];
        for (int i = 0; i < target; i++)
        {
            // Half a target pixel further, so that the quotient cannot be negative.
            long position = (2L * i + 1) * source + target, below = position / (2 * target) - 1;
            int distance = (int)(position % (2 * target));
            axis.First[i] = (int)Math.Max(below, 0);
            if (below < 0 || below + 1 == source)
            {
                weights.Add(2 * target);
            }
            else
            {
                weights.AddRange([2 * target - distance, distance]);
            }

            axis.Start[i + 1] = weights.Count;
        }

        axis.Weights = [.. weights];
        return axis;
    }
}
