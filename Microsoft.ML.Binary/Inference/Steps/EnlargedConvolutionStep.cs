using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// A 3x3 binary convolution over signs doubled by nearest-neighbour enlargement, with all that follows it: it reads the small map, four
/// steps for nine taps (see <see cref="EnlargedWeights"/>).
/// </summary>
/// <param name="name">The node.</param>
/// <param name="epilogue">What follows.</param>
/// <param name="kernel">The look-up kernel.</param>
/// <param name="source">Layout of the small map.</param>
/// <param name="offsets">For each phase the steps' offsets in the arena.</param>
/// <param name="weights">See <see cref="EnlargedWeights"/>.</param>
/// <param name="products">One-bit products of an output value as defined: nine taps times channels.</param>
internal sealed class EnlargedConvolutionStep(
    string name, Epilogue epilogue, NibbleDotKernel<ushort> kernel, PlaneLayout source, int[][] offsets, ushort[] weights, int products) : PlanStep(name)
{
    // Strips of whole rows of the small map, doubled: about four tiles at a time.
    private readonly Strips _strips = Strips.OfRows(
        epilogue.Layout, epilogue.Channels, 2 * epilogue.Layout.Pitch * Math.Max(1, 4 * PlaneLayout.Tile / source.Pitch), multiple: 2);

    private readonly int _sourcePixels = PlaneLayout.WholeTiles(source.Pitch * Math.Max(1, 4 * PlaneLayout.Tile / source.Pitch));

    public override int Items => _strips.Items;

    // A block of floats, merged counts of four channels, and the counts of two phases.
    public override int ScratchBytes =>
        _strips.MaxPixels * (Strips.Channels * sizeof(float) + 4 * sizeof(ushort)) + 8 * _sourcePixels * sizeof(ushort);

    public override long Macs => (long)products * epilogue.Channels * epilogue.Layout.Height * epilogue.Layout.Width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        for (int item = first; item < last; item++)
        {
            _strips.Item(item, out int channel, out int channels, out int start, out int pixels, out int end);
            Span<float> block = state.ScratchFloats(thread)[..(Strips.Channels * pixels)];
            Span<ushort> rest = MemoryMarshal.Cast<byte, ushort>(state.Scratch(thread)[(sizeof(float) * block.Length)..]), counts = rest[..(4 * pixels)];
            for (int c = 0; c < channels; c++)
            {
                if (c % 4 == 0)
                {
                    Count(state, (channel + c) / 4, start / epilogue.Layout.Pitch, pixels / epilogue.Layout.Pitch, counts, rest[counts.Length..]);
                }

                epilogue.Apply(state, channel, c, start, pixels, new DotRow(counts.Slice(c % 4 * pixels, pixels), products), block);
            }

            epilogue.Finish(state, channel, channels, start, pixels, end, block);
        }
    }

    /// <summary>Counts for some rows of the enlarged map, from an even one on: two phases make each row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Count(RunState state, int group, int row, int rows, Span<ushort> counts, Span<ushort> work)
    {
        PlaneLayout target = epilogue.Layout;
        int sourceStart = row / 2 * source.Pitch, sourcePixels = PlaneLayout.WholeTiles(rows / 2 * source.Pitch), rowPixels = rows * target.Pitch;
        Span<ushort> left = work[..(4 * sourcePixels)], right = work.Slice(4 * sourcePixels, 4 * sourcePixels);
        for (int odd = 0; odd < 2; odd++)
        {
            Phase(state, 2 * odd, group, sourceStart, left);
            Phase(state, 2 * odd + 1, group, sourceStart, right);
            for (int c = 0; c < 4; c++)
            {
                for (int y = 0; y < rows / 2; y++)
                {
                    int from = c * sourcePixels + y * source.Pitch;
                    Span<ushort> line = counts.Slice(c * rowPixels + (2 * y + odd) * target.Pitch, target.Pitch);
                    Interleave.Merge(left.Slice(from, source.Width), right.Slice(from, source.Width), line[..target.Width]);
                    line[target.Width..].Clear();
                }
            }
        }
    }

    private void Phase(RunState state, int phase, int group, int sourceStart, Span<ushort> counts)
    {
        int steps = offsets[phase].Length, groups = NibbleWeights.Groups(epilogue.Channels);
        kernel(state.Bytes(sourceStart), offsets[phase], weights.AsSpan((phase * groups + group) * steps * 4, steps * 4), counts);
    }
}
