using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>From mismatch counts to dot products of signs: K - 2 count for K products.</summary>
internal static class MismatchCounts
{
    /// <summary>Converts a row.</summary>
    public static void ToDots(ReadOnlySpan<ushort> counts, int products, Span<float> dots)
    {
        counts = counts[..dots.Length];
        ref ushort source = ref MemoryMarshal.GetReference(counts);
        ref float target = ref MemoryMarshal.GetReference(dots);
        Vector<int> all = new(products);
        int i = 0, lanes = Vector<float>.Count;
        for (; i <= counts.Length - 2 * lanes; i += 2 * lanes)
        {
            Vector.Widen(Vector.LoadUnsafe(ref source, (nuint)i), out Vector<uint> low, out Vector<uint> high);
            Vector.ConvertToSingle(all - Vector.AsVectorInt32(low + low)).StoreUnsafe(ref target, (nuint)i);
            Vector.ConvertToSingle(all - Vector.AsVectorInt32(high + high)).StoreUnsafe(ref target, (nuint)(i + lanes));
        }

        for (; i < counts.Length; i++)
        {
            dots[i] = products - 2 * counts[i];
        }
    }
}
