using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>Takes one channel out of a row of interleaved bytes, as real values.</summary>
internal static class RgbRow
{
    /// <summary>target[i] = bytes[step * i].</summary>
    /// <param name="bytes">From the first byte wanted to the end of the image: nothing behind it is read.</param>
    /// <param name="step">3 for every pixel, 6 for every other; at most 8.</param>
    /// <param name="target">Receives the values.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ReadOnlySpan<byte> bytes, int step, Span<float> target)
    {
        // Each lane of 32 bits takes one byte: two pixels from each of two registers.
        const byte None = 255;
        byte next = (byte)step;
        Vector128<byte> low = Vector128.Create(0, None, None, None, next, None, None, None, None, None, None, None, None, None, None, None);
        Vector128<byte> high = Vector128.Create(None, None, None, None, None, None, None, None, 0, None, None, None, next, None, None, None);
        ref byte source = ref MemoryMarshal.GetReference(bytes);
        int i = 0;
        if (Avx512Vbmi.IsSupported)
        {
            Vector512<int> places = Vector512<int>.Indices * step;
            Vector512<byte> order = places.AsByte();
            for (; i <= target.Length - 16 && step * i + 128 <= bytes.Length; i += 16)
            {
                Vector512<byte> a = Vector512.LoadUnsafe(ref source, (nuint)(step * i)), b = Vector512.LoadUnsafe(ref source, (nuint)(step * i + 64));
                Vector512<int> values = Avx512Vbmi.PermuteVar64x8x2(a, order, b).AsInt32() & Vector512.Create(255);
                Vector512.ConvertToSingle(values).CopyTo(target[i..]);
            }
        }

        for (; i <= target.Length - 4 && step * (i + 2) + 16 <= bytes.Length; i += 4)
        {
            Vector128<byte> a = Vector128.LoadUnsafe(ref source, (nuint)(step * i)), b = Vector128.LoadUnsafe(ref source, (nuint)(step * (i + 2)));
            Vector128<int> values = (Vector128.Shuffle(a, low) | Vector128.Shuffle(b, high)).AsInt32();
            Vector128.ConvertToSingle(values).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++)
        {
            target[i] = bytes[step * i];
        }
    }
}
