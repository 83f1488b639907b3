using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Imaging.Resampling;

/// <summary>
/// Brings images of one size to another: each value is the exact weighted mean of the source's values (<see cref="AxisWeights.ForImage"/>
/// along both axes), rounded once to the nearest integer, halves up. Threads may share it and work on different rows.
/// </summary>
internal sealed class ImageResampler
{
    // Sums of a part of a row stay in the first-level cache while all source rows are added to them.
    private const int Part = 2048;

    private readonly AxisWeights _rows, _columns;
    private readonly bool _mirrored;

    /// <param name="sourceWidth">Pixels in a row of the source.</param>
    /// <param name="sourceHeight">Rows of the source.</param>
    /// <param name="width">Pixels in a row of the result.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="mirrored">Whether left and right of the result are exchanged.</param>
    public ImageResampler(int sourceWidth, int sourceHeight, int width, int height, bool mirrored = false)
    {
        (_columns, _rows, _mirrored) = (AxisWeights.ForImage(sourceWidth, width), AxisWeights.ForImage(sourceHeight, height), mirrored);
    }

    /// <summary>Scratch of <see cref="Run"/>.</summary>
    public int Scratch => 3 * _columns.Source;

    /// <summary>Makes some rows of the result.</summary>
    /// <param name="source">Red, green, blue of each pixel of the source, row-major.</param>
    /// <param name="target">Those of the result; the other rows stay as they are.</param>
    /// <param name="first">The first row.</param>
    /// <param name="last">The row after the last one.</param>
    /// <param name="scratch">At least <see cref="Scratch"/> numbers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(ReadOnlySpan<byte> source, Span<byte> target, int first, int last, Span<int> scratch)
    {
        int sourceBytes = 3 * _columns.Source, targetBytes = 3 * _columns.Target;
        Span<int> sums = scratch[..sourceBytes];
        for (int row = first; row < last; row++)
        {
            int start = _rows.Start[row], count = _rows.Start[row + 1] - start;
            for (int at = 0; at < sourceBytes; at += Part)
            {
                int length = Math.Min(Part, sourceBytes - at);
                Span<int> part = sums.Slice(at, length);
                part.Clear();
                for (int k = 0; k < count; k++)
                {
                    Add(source.Slice((_rows.First[row] + k) * sourceBytes + at, length), _rows.Weights[start + k], part);
                }
            }

            AddColumns(sums, target.Slice(row * targetBytes, targetBytes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(ReadOnlySpan<byte> values, int weight, Span<int> sums)
    {
        ref byte v = ref MemoryMarshal.GetReference(values);
        ref int s = ref MemoryMarshal.GetReference(sums);
        Vector<int> w = new(weight);
        nuint i = 0, step = (nuint)Vector<int>.Count, end = (nuint)values.Length;
        for (; i + (nuint)Vector<byte>.Count <= end; i += (nuint)Vector<byte>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref v, i), out Vector<ushort> low, out Vector<ushort> high);
            AddWide(low, w, ref s, i, step);
            AddWide(high, w, ref s, i + 2 * step, step);
        }

        for (; i < end; i++)
        {
            sums[(int)i] += weight * values[(int)i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddWide(Vector<ushort> values, Vector<int> weight, ref int sums, nuint at, nuint step)
    {
        Vector.Widen(values, out Vector<uint> low, out Vector<uint> high);
        (Vector.LoadUnsafe(ref sums, at) + low.As<uint, int>() * weight).StoreUnsafe(ref sums, at);
        (Vector.LoadUnsafe(ref sums, at + step) + high.As<uint, int>() * weight).StoreUnsafe(ref sums, at + step);
    }

    // Sums are integers far below 2^53 and quotients below 256, so that the division in double loses nothing that decides the floor.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddColumns(ReadOnlySpan<int> sums, Span<byte> target)
    {
        double total = (double)_rows.Total * _columns.Total;
        int[] starts = _columns.Start, weights = _columns.Weights;
        for (int column = 0; column < _columns.Target; column++)
        {
            long red = 0, green = 0, blue = 0;
            int at = 3 * _columns.First[column];
            for (int k = starts[column]; k < starts[column + 1]; k++, at += 3)
            {
                long weight = weights[k];
                red += weight * sums[at];
                green += weight * sums[at + 1];
                blue += weight * sums[at + 2];
            }

            int to = 3 * (_mirrored ? _columns.Target - 1 - column : column);
            target[to] = Rounded(red, total);
            target[to + 1] = Rounded(green, total);
            target[to + 2] = Rounded(blue, total);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Rounded(long sum, double total) => (byte)(int)((2.0 * sum + total) / (2 * total));
}
