using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
    public static int Padded(int width) => (width + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;

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
        for (nuint i = 0; i < (nuint)target.Length; i += (nuint)Vector<float>.Count)
        {
            Vector<float> first = Vector.LoadUnsafe(ref x, i);
            (first + w * (Vector.LoadUnsafe(ref y, i) - first)).StoreUnsafe(ref t, i);
        }
    }

    // left[x] lies between edged[x] and edged[x + 1], right[x] between edged[x + 1] and edged[x + 2].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(ReadOnlySpan<float> edged, float leftWeight, float rightWeight, Span<float> left, Span<float> right)
    {
        ref float e = ref MemoryMarshal.GetReference(edged), l = ref MemoryMarshal.GetReference(left), r = ref MemoryMarshal.GetReference(right);
        Vector<float> u = new(leftWeight), v = new(rightWeight);
        for (nuint i = 0; i < (nuint)left.Length; i += (nuint)Vector<float>.Count)
        {
            Vector<float> before = Vector.LoadUnsafe(ref e, i), at = Vector.LoadUnsafe(ref e, i + 1), after = Vector.LoadUnsafe(ref e, i + 2);
            (before + u * (at - before)).StoreUnsafe(ref l, i);
            (at + v * (after - at)).StoreUnsafe(ref r, i);
        }
    }
}
