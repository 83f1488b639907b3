namespace Microsoft.ML.Binary.Kernels;

/// <summary>Thresholds of values to which a shift is added first: comparing the values themselves with them gives the same bits, without the sum.</summary>
internal static class ShiftedThreshold
{
    /// <summary>The least x with x + shift, rounded, at least the threshold, which is finite; NaN, which nothing is at least, where there is none.</summary>
    public static float Of(float shift, float threshold)
    {
        // As a rule the difference is it, or a neighbour.
        float x = threshold - shift;
        if (Reaches(x))
        {
            float below = MathF.BitDecrement(x);
            return !Reaches(below) ? x : !Reaches(MathF.BitDecrement(below)) ? below : Search();
        }

        float above = MathF.BitIncrement(x);
        return Reaches(above) ? above : Search();

        bool Reaches(float value) => value + shift >= threshold;

        // Rounded sums grow with x, so the numbers of all floats in ascending order can be halved.
        float Search()
        {
            long low = Number(float.NegativeInfinity), high = Number(float.PositiveInfinity);
            if (!Reaches(float.PositiveInfinity))
            {
                return float.NaN;
            }

            while (low < high)
            {
                long middle = (low + high) >> 1;
                (low, high) = Reaches(Float(middle)) ? (low, middle) : (middle + 1, high);
            }

            return Float(high);
        }
    }

    private static long Number(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value);
        return bits >= 0 ? bits : -(long)(bits & int.MaxValue);
    }

    private static float Float(long number) => number >= 0 ? BitConverter.Int32BitsToSingle((int)number) : -BitConverter.Int32BitsToSingle((int)-number);
}
