using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Signs of dot * scale + offset without the arithmetic: since rounding keeps order, that is at least a threshold exactly when the
/// mismatch count lies on one side of an integer, which is found once. So a convolution of which only the signs are wanted compares
/// counts and packs the bits.
/// </summary>
/// <param name="Limits">For each channel: the sign is -1 above this count (or, turned, up to it).</param>
/// <param name="Turned">For each channel all ones where it is turned, else zero.</param>
internal sealed record CountThresholds(ushort[] Limits, ushort[] Turned)
{
    /// <summary>Finds the integers for channels with K products, whose sign is +1 where (K - 2 count) * scale + offset >= threshold.</summary>
    public static CountThresholds Find(int products, int channels, Func<int, float, float> affine, ReadOnlySpan<float> thresholds)
    {
        CountThresholds result = new(new ushort[channels], new ushort[channels]);
        for (int c = 0; c < channels; c++)
        {
            float threshold = thresholds[c];
            bool first = IsPositive(0);
            int low = 0, high = products + 1;
            while (high - low > 1)
            {
                int middle = (low + high) / 2;
                (low, high) = IsPositive(middle) == first ? (middle, high) : (low, middle);
            }

            // Up to 'low' mismatches the sign is that without any.
            result.Limits[c] = (ushort)low;
            result.Turned[c] = first ? (ushort)0 : ushort.MaxValue;

            bool IsPositive(int count) => affine(c, products - 2 * count) >= threshold;
        }

        return result;
    }

    /// <summary>See <see cref="KernelSet.PackSigns(ReadOnlySpan{ushort}, CountThresholds, int, int, Span{byte})"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Pack<V>(ushort* counts, int first, int channels, byte* signs, int pixels) where V : struct, ILanes<V>
    {
        ReadOnlySpan<ushort> limits = Limits.AsSpan(first, channels), turned = Turned.AsSpan(first, channels);
        for (int p = 0; p < pixels; p += 2 * V.CountOf16)
        {
            V low = V.BroadcastInt32(0), high = low;
            ushort* source = counts + p;
            for (int c = 0; c < limits.Length; c++, source += pixels)
            {
                V limit = V.BroadcastUInt16(limits[c]), turn = V.BroadcastUInt16(turned[c]), bit = V.BroadcastUInt16((ushort)(1 << c));
                low |= (V.GreaterUInt16(V.LoadUInt16(source), limit) ^ turn) & bit;
                high |= (V.GreaterUInt16(V.LoadUInt16(source + V.CountOf16), limit) ^ turn) & bit;
            }

            V.StoreUInt16AsUInt8(low, high, signs + p);
        }
    }
}
