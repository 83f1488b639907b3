using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>Merges two rows element by element, or takes one apart.</summary>
internal static class Interleave
{
    /// <summary>target[2 i] = even[i], target[2 i + 1] = odd[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Merge(ReadOnlySpan<float> even, ReadOnlySpan<float> odd, Span<float> target)
    {
        int count = target.Length / 2, i = 0;
        even = even[..count];
        odd = odd[..count];
        ref float a = ref MemoryMarshal.GetReference(even), b = ref MemoryMarshal.GetReference(odd), t = ref MemoryMarshal.GetReference(target);
        if (Avx512F.IsSupported)
        {
            Vector512<int> order = Vector512<int>.Indices, low = (order >>> 1) + ((order & Vector512<int>.One) << 4), high = low + Vector512.Create(8);
            for (; i <= count - 16; i += 16)
            {
                Vector512<float> x = Vector512.LoadUnsafe(ref a, (nuint)i), y = Vector512.LoadUnsafe(ref b, (nuint)i);
                Avx512F.PermuteVar16x32x2(x, low, y).StoreUnsafe(ref t, (nuint)(2 * i));
                Avx512F.PermuteVar16x32x2(x, high, y).StoreUnsafe(ref t, (nuint)(2 * i + 16));
            }
        }

        if (Avx.IsSupported)
        {
            for (; i <= count - 8; i += 8)
            {
                Vector256<float> x = Vector256.LoadUnsafe(ref a, (nuint)i), y = Vector256.LoadUnsafe(ref b, (nuint)i);
                Vector256<float> low = Avx.UnpackLow(x, y), high = Avx.UnpackHigh(x, y);
                Avx.Permute2x128(low, high, 0x20).StoreUnsafe(ref t, (nuint)(2 * i));
                Avx.Permute2x128(low, high, 0x31).StoreUnsafe(ref t, (nuint)(2 * i + 8));
            }
        }

        for (; i <= count - 4; i += 4)
        {
            Vector128<float> x = Vector128.LoadUnsafe(ref a, (nuint)i), y = Vector128.LoadUnsafe(ref b, (nuint)i);
            Low(x, y).StoreUnsafe(ref t, (nuint)(2 * i));
            High(x, y).StoreUnsafe(ref t, (nuint)(2 * i + 4));
        }

        for (; i < count; i++)
        {
            target[2 * i] = even[i];
            target[2 * i + 1] = odd[i];
        }
    }

    /// <inheritdoc cref="Merge(ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Merge(ReadOnlySpan<ushort> even, ReadOnlySpan<ushort> odd, Span<ushort> target)
    {
        int count = target.Length / 2, i = 0;
        even = even[..count];
        odd = odd[..count];
        ref ushort a = ref MemoryMarshal.GetReference(even), b = ref MemoryMarshal.GetReference(odd), t = ref MemoryMarshal.GetReference(target);
        if (Avx512BW.IsSupported)
        {
            Vector512<ushort> order = Vector512<ushort>.Indices;
            Vector512<ushort> low = (order >>> 1) + ((order & Vector512<ushort>.One) << 5), high = low + Vector512.Create((ushort)16);
            for (; i <= count - 32; i += 32)
            {
                Vector512<ushort> x = Vector512.LoadUnsafe(ref a, (nuint)i), y = Vector512.LoadUnsafe(ref b, (nuint)i);
                Avx512BW.PermuteVar32x16x2(x, low, y).StoreUnsafe(ref t, (nuint)(2 * i));
                Avx512BW.PermuteVar32x16x2(x, high, y).StoreUnsafe(ref t, (nuint)(2 * i + 32));
            }
        }

        for (; i <= count - 8; i += 8)
        {
            // A widened value beside another, shifted to its upper half, is the pair.
            (Vector128<uint> x0, Vector128<uint> x1) = Vector128.Widen(Vector128.LoadUnsafe(ref a, (nuint)i));
            (Vector128<uint> y0, Vector128<uint> y1) = Vector128.Widen(Vector128.LoadUnsafe(ref b, (nuint)i));
            (x0 | (y0 << 16)).AsUInt16().StoreUnsafe(ref t, (nuint)(2 * i));
            (x1 | (y1 << 16)).AsUInt16().StoreUnsafe(ref t, (nuint)(2 * i + 8));
        }

        for (; i < count; i++)
        {
            target[2 * i] = even[i];
            target[2 * i + 1] = odd[i];
        }
    }

    /// <summary>target[i] = source[2 i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Even(ReadOnlySpan<float> source, Span<float> target)
    {
        int i = 0;
        source = source[..Math.Max(0, 2 * target.Length - 1)];
        ref float s = ref MemoryMarshal.GetReference(source), t = ref MemoryMarshal.GetReference(target);
        if (Avx512F.IsSupported)
        {
            Vector512<int> even = Vector512<int>.Indices << 1;
            for (; i <= target.Length - 17; i += 16)
            {
                Vector512<float> x = Vector512.LoadUnsafe(ref s, (nuint)(2 * i)), y = Vector512.LoadUnsafe(ref s, (nuint)(2 * i + 16));
                Avx512F.PermuteVar16x32x2(x, even, y).StoreUnsafe(ref t, (nuint)i);
            }
        }

        for (; i < target.Length - 4; i += 4)
        {
            EvenOf(Vector128.LoadUnsafe(ref s, (nuint)(2 * i)), Vector128.LoadUnsafe(ref s, (nuint)(2 * i + 4))).StoreUnsafe(ref t, (nuint)i);
        }

        for (; i < target.Length; i++)
        {
            target[i] = source[2 * i];
        }
    }

    /// <summary>a0, b0, a1, b1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Low(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    /// <summary>a2, b2, a3, b3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> High(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> EvenOf(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.Shuffle(a, b, 0b10_00_10_00)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.UnzipEven(a, b)
        : Vector128.Create(a[0], a[2], b[0], b[2]);
}
