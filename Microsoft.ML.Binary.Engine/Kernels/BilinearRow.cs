using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// One row of a map enlarged 2 or 4 times with half-pixel centres and clamped edges: source position (o + 0.5) / factor - 0.5; rows are
/// blended first, then columns, each as a + w * (b - a) with the three operations rounded separately.
/// </summary>
internal static class BilinearRow
{
    /// <summary>The two source positions and the weight of the second for output position <paramref name="index"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (int First, int Second, float Weight) Source(int index, int factor, int size)
    {
        float position = (index + 0.5f) / factor - 0.5f;
        int first = (int)MathF.Floor(position);
        return (Math.Max(first, 0), Math.Min(first + 1, size - 1), position - first);
    }

    /// <summary>Floats of a source row that are read: its columns in whole registers. What lies behind the row does not matter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Padded(int width) => (width + 15) / 16 * 16;

    /// <summary>Floats that <see cref="Run"/> works in for a source of so many columns.</summary>
    public static int Scratch(int width) => 9 * (Padded(width) + 2);

    /// <summary>Blends two source rows and enlarges the result.</summary>
    /// <param name="top">The upper source row, of <see cref="Padded"/> columns.</param>
    /// <param name="bottom">The lower source row, of <see cref="Padded"/> columns.</param>
    /// <param name="down">Weight of the lower one.</param>
    /// <param name="factor">2 or 4.</param>
    /// <param name="target">Receives factor times as many columns as the source has.</param>
    /// <param name="scratch">At least <see cref="Scratch"/> floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, float down, int factor, Span<float> target, Span<float> scratch)
    {
        int width = target.Length / factor, pitch = Padded(width);
        if (factor == 2 && Avx512F.IsSupported)
        {
            Double(ref MemoryMarshal.GetReference(top), ref MemoryMarshal.GetReference(bottom), down, width, ref MemoryMarshal.GetReference(target));
            return;
        }

        Span<float> phases = scratch[..(factor * pitch)], rest = scratch[phases.Length..];
        RunPhases(top, bottom, down, width, factor, phases, rest);
        ReadOnlySpan<float> first = phases[..width], second = phases.Slice(pitch, width);
        if (factor == 2)
        {
            Interleave.Merge(first, second, target);
            return;
        }

        Span<float> even = rest[..(2 * width)], odd = rest.Slice(2 * width, 2 * width);
        Interleave.Merge(first, phases.Slice(2 * pitch, width), even);
        Interleave.Merge(second, phases.Slice(3 * pitch, width), odd);
        Interleave.Merge(even, odd, target);
    }

    /// <summary>
    /// The same with the columns of one remainder modulo factor together: column factor * x + j is <c>target[j * Padded(width) + x]</c>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunPhases(
        ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, float down, int width, int factor, Span<float> target, Span<float> scratch)
    {
        int padded = Padded(width);
        Span<float> blended = scratch.Slice(1, padded);
        Blend(top[..padded], bottom[..padded], down, blended);
        scratch[0] = scratch[1];
        scratch[width + 1] = scratch[width];

        // Columns of the first half of the phases lie between source columns x - 1 and x, those of the other half between x and x + 1.
        if (factor == 2)
        {
            Spread(scratch[..(padded + 2)], 0.75f, 0.25f, target[..padded], target.Slice(padded, padded));
        }
        else
        {
            Spread(scratch[..(padded + 2)], 0.625f, 0.125f, target[..padded], target.Slice(2 * padded, padded));
            Spread(scratch[..(padded + 2)], 0.875f, 0.375f, target.Slice(padded, padded), target.Slice(3 * padded, padded));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blend(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float weight, Span<float> target)
    {
        ref float x = ref MemoryMarshal.GetReference(a), y = ref MemoryMarshal.GetReference(b), t = ref MemoryMarshal.GetReference(target);
        Vector<float> w = new(weight);
        nuint i = 0, end = (nuint)target.Length;
        for (Vector512<float> wide = Vector512.Create(weight); Vector512.IsHardwareAccelerated && i + 16 <= end; i += 16)
        {
            Vector512<float> first = Vector512.LoadUnsafe(ref x, i);
            (first + wide * (Vector512.LoadUnsafe(ref y, i) - first)).StoreUnsafe(ref t, i);
        }

        for (; i < end; i += (nuint)Vector<float>.Count)
        {
            Vector<float> first = Vector.LoadUnsafe(ref x, i);
            (first + w * (Vector.LoadUnsafe(ref y, i) - first)).StoreUnsafe(ref t, i);
        }
    }

    // Twice as many columns in one pass: a register of blended columns, the ones in front of and behind it, both halves, merged.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Double(ref float top, ref float bottom, float down, int width, ref float target)
    {
        Vector512<float> weight = Vector512.Create(down), quarter = Vector512.Create(0.25f), threeQuarters = Vector512.Create(0.75f);
        Vector512<int> order = Vector512<int>.Indices, low = (order >>> 1) + ((order & Vector512<int>.One) << 4), high = low + Vector512.Create(8);
        Vector512<float> at = Blended(ref top, ref bottom, weight, 0), before = Vector512.Create(at.ToScalar());
        for (int x = 0; x < width; x += 16)
        {
            int rest = width - x;
            Vector512<float> next;
            if (rest > 16)
            {
                next = Blended(ref top, ref bottom, weight, (nuint)x + 16);
            }
            else
            {
                // What lies behind the last column repeats it.
                at = Avx512F.PermuteVar16x32(at, Vector512.Min(order, Vector512.Create(rest - 1)));
                next = Vector512.Create(at[15]);
            }

            Vector512<float> previous = Avx512F.AlignRight32(at.AsInt32(), before.AsInt32(), 15).AsSingle();
            Vector512<float> following = Avx512F.AlignRight32(next.AsInt32(), at.AsInt32(), 1).AsSingle();
            Vector512<float> left = previous + threeQuarters * (at - previous), right = at + quarter * (following - at);
            Vector512<float> first = Avx512F.PermuteVar16x32x2(left, low, right), second = Avx512F.PermuteVar16x32x2(left, high, right);
            if (rest >= 16)
            {
                first.StoreUnsafe(ref target, (nuint)(2 * x));
                second.StoreUnsafe(ref target, (nuint)(2 * x) + 16);
            }
            else
            {
                fixed (float* t = &Unsafe.Add(ref target, 2 * x))
                {
                    Avx512F.MaskStore(t, Vector512.LessThan(order, Vector512.Create(2 * rest)).AsSingle(), first);
                    Avx512F.MaskStore(t + 16, Vector512.LessThan(order, Vector512.Create(2 * rest - 16)).AsSingle(), second);
                }
            }

            (before, at) = (at, next);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Blended(ref float top, ref float bottom, Vector512<float> weight, nuint index)
    {
        Vector512<float> first = Vector512.LoadUnsafe(ref top, index);
        return first + weight * (Vector512.LoadUnsafe(ref bottom, index) - first);
    }

    // left[x] lies between edged[x] and edged[x + 1], right[x] between edged[x + 1] and edged[x + 2].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(ReadOnlySpan<float> edged, float leftWeight, float rightWeight, Span<float> left, Span<float> right)
    {
        ref float e = ref MemoryMarshal.GetReference(edged), l = ref MemoryMarshal.GetReference(left), r = ref MemoryMarshal.GetReference(right);
        Vector<float> u = new(leftWeight), v = new(rightWeight);
        Vector512<float> wideLeft = Vector512.Create(leftWeight), wideRight = Vector512.Create(rightWeight);
        nuint i = 0, end = (nuint)left.Length;
        for (; Vector512.IsHardwareAccelerated && i + 16 <= end; i += 16)
        {
            Vector512<float> before = Vector512.LoadUnsafe(ref e, i), at = Vector512.LoadUnsafe(ref e, i + 1), after = Vector512.LoadUnsafe(ref e, i + 2);
            (before + wideLeft * (at - before)).StoreUnsafe(ref l, i);
            (at + wideRight * (after - at)).StoreUnsafe(ref r, i);
        }

        for (; i < end; i += (nuint)Vector<float>.Count)
        {
            Vector<float> before = Vector.LoadUnsafe(ref e, i), at = Vector.LoadUnsafe(ref e, i + 1), after = Vector.LoadUnsafe(ref e, i + 2);
            (before + u * (at - before)).StoreUnsafe(ref l, i);
            (at + v * (after - at)).StoreUnsafe(ref r, i);
        }
    }
}
