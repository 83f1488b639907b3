namespace Microsoft.ML.Binary;

/// <summary>
/// Sums in the order in which NumPy adds doubles: blocks of 8,192 one after the other, each halved down to 128 elements, which
/// eight interleaved sums add up (checked against NumPy 1.24).
/// </summary>
/// <remarks>
/// Twice a published figure hangs on the rounding of such a sum and not on its value: when an adaptive threshold equals a level,
/// and when a flat region's mean is not quite its own value. Only there is this used.
/// </remarks>
internal static class NumPySum
{
    private const int Block = 8192;
    private const int Leaf = 128;
    private const int Lanes = 8;

    /// <summary>Sum of <c>values[level]</c> over the levels.</summary>
    public static double Of(ReadOnlySpan<byte> levels, ReadOnlySpan<double> values)
    {
        double sum = 0;
        for (int start = 0; start < levels.Length; start += Block)
        {
            sum += Pairwise(levels.Slice(start, Math.Min(Block, levels.Length - start)), values);
        }

        return sum;
    }

    /// <summary>Sum of <paramref name="count"/> equal values.</summary>
    public static double OfEqual(double value, int count)
    {
        ReadOnlySpan<byte> levels = stackalloc byte[Math.Min(Block, count)];
        double fullBlock = Pairwise(levels, [value]);
        double sum = 0;
        for (; count >= Block; count -= Block)
        {
            sum += fullBlock;
        }

        return sum + Pairwise(levels[..count], [value]);
    }

    private static double Pairwise(ReadOnlySpan<byte> levels, ReadOnlySpan<double> values)
    {
        if (levels.Length > Leaf)
        {
            int half = levels.Length / 2;
            half -= half % Lanes;
            return Pairwise(levels[..half], values) + Pairwise(levels[half..], values);
        }

        double sum = 0;
        int i = 0;
        if (levels.Length >= Lanes)
        {
            Span<double> lanes = stackalloc double[Lanes];
            for (; i + Lanes <= levels.Length; i += Lanes)
            {
                for (int lane = 0; lane < Lanes; lane++)
                {
                    lanes[lane] += values[levels[i + lane]];
                }
            }

            sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
        }

        for (; i < levels.Length; i++)
        {
            sum += values[levels[i]];
        }

        return sum;
    }
}
