using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>For each pixel of a row the channel with the highest value; of equal ones the first.</summary>
internal static class ArgMaxRow
{
    /// <summary>
    /// Adds each pixel's channel, shifted left, to what is there already: four rows of pixels make one row of bytes.
    /// </summary>
    /// <param name="values">Channel c of the row starts at <c>values[c * pitch]</c>.</param>
    /// <param name="channels">Number of channels, at most 256.</param>
    /// <param name="pitch">Floats from one channel to the next.</param>
    /// <param name="indices">The sums.</param>
    /// <param name="shift">0, 8, 16 or 24.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ReadOnlySpan<float> values, int channels, int pitch, Span<int> indices, int shift)
    {
        ref float source = ref MemoryMarshal.GetReference(values);
        ref int target = ref MemoryMarshal.GetReference(indices);
        _ = values[(channels - 1) * pitch + indices.Length - 1];
        int x = 0;
        for (; Vector512.IsHardwareAccelerated && x <= indices.Length - 16; x += 16)
        {
            Vector512<float> best = Vector512.LoadUnsafe(ref source, (nuint)x);
            Vector512<int> index = default;
            for (int c = 1; c < channels; c++)
            {
                Vector512<float> value = Vector512.LoadUnsafe(ref source, (nuint)(c * pitch + x));
                Vector512<int> better = Vector512.GreaterThan(value, best).AsInt32();
                best = Vector512.ConditionalSelect(better.AsSingle(), value, best);
                index = Vector512.ConditionalSelect(better, Vector512.Create(c), index);
            }

            (Vector512.LoadUnsafe(ref target, (nuint)x) + (index << shift)).StoreUnsafe(ref target, (nuint)x);
        }

        for (; x <= indices.Length - Vector<int>.Count; x += Vector<int>.Count)
        {
            Vector<float> best = Vector.LoadUnsafe(ref source, (nuint)x);
            Vector<int> index = default;
            for (int c = 1; c < channels; c++)
            {
                Vector<float> value = Vector.LoadUnsafe(ref source, (nuint)(c * pitch + x));
                Vector<int> better = Vector.GreaterThan(value, best);
                best = Vector.ConditionalSelect(better, value, best);
                index = Vector.ConditionalSelect(better, new Vector<int>(c), index);
            }

            (new Vector<int>(indices[x..]) + (index << shift)).CopyTo(indices[x..]);
        }

        for (; x < indices.Length; x++)
        {
            int best = 0;
            for (int c = 1; c < channels; c++)
            {
                best = values[c * pitch + x] > values[best * pitch + x] ? c : best;
            }

            indices[x] += best << shift;
        }
    }
}
