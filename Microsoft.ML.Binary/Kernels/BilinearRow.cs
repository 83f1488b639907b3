using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// One row of a map enlarged 2 or 4 times with half-pixel centres and clamped edges: source position (o + 0.5) / factor - 0.5; rows are
/// blended first, then columns, each as a + w * (b - a) with the three operations rounded separately.
/// </summary>
internal static class BilinearRow
{
    /// <summary>The two source positions and the weight of the second for output position <paramref name="index"/>.</summary>
    public static (int First, int Second, float Weight) Source(int index, int factor, int size)
    {
        float position = (index + 0.5f) / factor - 0.5f;
        int first = (int)MathF.Floor(position);
        return (Math.Max(first, 0), Math.Min(first + 1, size - 1), position - first);
    }

    /// <summary>Floats that <see cref="Run"/> works in for a source of so many columns.</summary>
    public static int Scratch(int width) => 7 * (width + 2);

    /// <summary>Blends two source rows and enlarges the result.</summary>
    /// <param name="top">The upper source row.</param>
    /// <param name="bottom">The lower source row.</param>
    /// <param name="down">Weight of the lower one.</param>
    /// <param name="factor">2 or 4.</param>
    /// <param name="target">Receives factor times as many columns.</param>
    /// <param name="scratch">At least <see cref="Scratch"/> floats.</param>
    public static void Run(ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, float down, int factor, Span<float> target, Span<float> scratch)
    {
        int width = top.Length;
        Span<float> edged = scratch[..(width + 2)];
        Blend(top, bottom, down, edged.Slice(1, width));
        edged[0] = edged[1];
        edged[width + 1] = edged[width];

        // Output 'factor * k + j' lies between columns k - 1 and k for the first half of the phases j, between k and k + 1 for the others.
        ReadOnlySpan<float> before = edged[..width], at = edged.Slice(1, width), after = edged.Slice(2, width);
        Span<float> left = scratch.Slice(width + 2, width), right = scratch.Slice(2 * (width + 2), width);
        if (factor == 2)
        {
            Blend(before, at, 0.75f, left);
            Blend(at, after, 0.25f, right);
            Interleave.Merge(left, right, target);
            return;
        }

        Span<float> even = scratch.Slice(3 * (width + 2), 2 * width), odd = scratch.Slice(5 * (width + 2), 2 * width);
        Blend(before, at, 0.625f, left);
        Blend(at, after, 0.125f, right);
        Interleave.Merge(left, right, even);
        Blend(before, at, 0.875f, left);
        Blend(at, after, 0.375f, right);
        Interleave.Merge(left, right, odd);
        Interleave.Merge(even, odd, target);
    }

    private static void Blend(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float weight, Span<float> target)
    {
        a = a[..target.Length];
        b = b[..target.Length];
        ref float x = ref MemoryMarshal.GetReference(a), y = ref MemoryMarshal.GetReference(b), t = ref MemoryMarshal.GetReference(target);
        Vector<float> w = new(weight);
        int i = 0;
        for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> first = Vector.LoadUnsafe(ref x, (nuint)i);
            (first + w * (Vector.LoadUnsafe(ref y, (nuint)i) - first)).StoreUnsafe(ref t, (nuint)i);
        }

        for (; i < target.Length; i++)
        {
            target[i] = a[i] + weight * (b[i] - a[i]);
        }
    }
}
