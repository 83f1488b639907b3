using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Signs of dot * scale + offset without the arithmetic: since rounding keeps order, that is at least a threshold exactly when the
/// mismatch count lies on one side of a whole number, which is found once. So a convolution of which only the signs are wanted compares
/// counts and packs the bits.
/// </summary>
/// <param name="Limits">For each channel: the sign is -1 above this count (or, turned, up to it).</param>
/// <param name="Turned">For each channel all ones where it is turned, else zero.</param>
internal sealed record CountThresholds(ushort[] Limits, ushort[] Turned)
{
    /// <summary>Finds the whole numbers for channels with K products, whose sign is +1 where (K - 2 count) * scale + offset >= threshold.</summary>
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

    /// <summary>Packs a plane of channels, from channel <paramref name="first"/> on.</summary>
    /// <param name="counts">A row of mismatch counts for each of them.</param>
    /// <param name="first">The plane's first channel.</param>
    /// <param name="channels">Number of channels, at most 8.</param>
    /// <param name="nibbles">Receives as many nibbles as a row has counts, a multiple of <see cref="PlaneLayout.Tile"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(ReadOnlySpan<ushort> counts, int first, int channels, Span<byte> nibbles)
    {
        int pixels = nibbles.Length;
        ref ushort source = ref MemoryMarshal.GetReference(counts[..(channels * pixels)]);
        ref byte target = ref MemoryMarshal.GetReference(nibbles);
        for (int p = 0; p < pixels; p += Vector<byte>.Count)
        {
            Vector<ushort> low = default, high = default;
            for (int c = 0; c < channels; c++)
            {
                Vector<ushort> limit = new(Limits[first + c]), turned = new(Turned[first + c]), bit = new((ushort)(1 << c));
                nuint at = (nuint)(c * pixels + p);
                low |= (Vector.GreaterThan(Vector.LoadUnsafe(ref source, at), limit) ^ turned) & bit;
                high |= (Vector.GreaterThan(Vector.LoadUnsafe(ref source, at + (nuint)Vector<ushort>.Count), limit) ^ turned) & bit;
            }

            Vector.Narrow(low, high).StoreUnsafe(ref target, (nuint)p);
        }
    }
}
