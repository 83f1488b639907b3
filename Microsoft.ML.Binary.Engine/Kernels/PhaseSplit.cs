using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Splits a plane into its four phases: phase 2 i + j holds element (2 y + i, 2 x + j) at (y, x). A window that moves by two pixels over
/// the plane moves by one over the phases, so that a strided convolution reads them like any other.
/// </summary>
internal static class PhaseSplit
{
    /// <summary>
    /// Writes one phase of a plane of bytes or floats, border included; what lies outside of the source is zero.
    /// </summary>
    /// <param name="kernels">The instruction set.</param>
    /// <param name="source">A plane of <paramref name="from"/>.</param>
    /// <param name="from">Layout of the source.</param>
    /// <param name="phase">0..3.</param>
    /// <param name="target">Receives a plane of <paramref name="to"/>.</param>
    /// <param name="to">Layout of the phases: about half the rows and columns.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(KernelSet kernels, ReadOnlySpan<T> source, PlaneLayout from, int phase, Span<T> target, PlaneLayout to) where T : struct
    {
        to.ClearBorder(target, 0, to.Extent);
        int width = Math.Min(to.Width, (from.Width - (phase & 1) + 1) / 2);
        for (int row = 0; row < to.Height; row++)
        {
            Span<T> line = target.Slice(to.Offset(row, 0), to.Width);
            int sourceRow = 2 * row + (phase >> 1);
            if (sourceRow >= from.Height)
            {
                line.Clear();
                continue;
            }

            ReadOnlySpan<T> values = source.Slice(from.Offset(sourceRow, 0), from.Width)[(phase & 1)..];
            if (typeof(T) == typeof(float))
            {
                kernels.TakeEven(MemoryMarshal.Cast<T, float>(values), MemoryMarshal.Cast<T, float>(line[..width]));
            }
            else
            {
                kernels.TakeEven(MemoryMarshal.AsBytes(values), MemoryMarshal.AsBytes(line[..width]));
            }

            line[width..].Clear();
        }
    }
}
