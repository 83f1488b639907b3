using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>How the dot products of a binary convolution are made: by which kernel, with its weights, for maps of any size.</summary>
/// <param name="Products">One-bit products of an output value as defined: taps times input channels.</param>
internal abstract record BinaryKernel(int Products)
{
    /// <summary>Bytes of the packed weights.</summary>
    public abstract long WeightBytes { get; }

    /// <summary>The same for maps that have their place in memory.</summary>
    /// <param name="source">What is read.</param>
    /// <param name="target">Layout of the map that is made.</param>
    /// <param name="channels">Channels of that.</param>
    public abstract CountSource At(MapView source, PlaneLayout target, int channels);
}

/// <summary>The general case: a window moves over the map, or over its phases.</summary>
/// <typeparam name="TWeight">See <see cref="MismatchKernel{TWeight}"/>.</typeparam>
/// <param name="Kernel">The look-up kernel.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Geometry">The window.</param>
/// <param name="Products">One-bit products of an output value.</param>
internal sealed record WindowKernel<TWeight>(MismatchKernel<TWeight> Kernel, TWeight[] Weights, ConvolutionGeometry Geometry, int Products) : BinaryKernel(Products)
    where TWeight : unmanaged
{
    public override unsafe long WeightBytes => (long)Weights.Length * sizeof(TWeight);

    public override CountSource At(MapView source, PlaneLayout target, int channels) =>
        new WindowCounts<TWeight>(Kernel, source.WindowOffsets(Geometry, elementBytes: 1), Weights, Products);
}

/// <summary>A 3x3 window over a map that nearest-neighbour enlargement has doubled reads the small map; see <see cref="EnlargedCounts"/>.</summary>
/// <param name="Kernel">The look-up kernel.</param>
/// <param name="Weights">See <see cref="EnlargedWeights"/>.</param>
/// <param name="Products">One-bit products of an output value as defined.</param>
internal sealed record EnlargedKernel(MismatchKernel<ushort> Kernel, ushort[] Weights, int Products) : BinaryKernel(Products)
{
    public override long WeightBytes => (long)Weights.Length * sizeof(ushort);

    public override CountSource At(MapView source, PlaneLayout target, int channels) =>
        new EnlargedCounts(Kernel, source.Layout, target, channels, OffsetsOfPhases(source), Weights, Products);

    private static int[][] OffsetsOfPhases(MapView small)
    {
        int[] planes = small.Offsets();
        return [.. Enumerable.Range(0, 4).Select(phase => Enumerable.Range(0, planes.Length * EnlargedWeights.Places).Select(step =>
        {
            (int row, int column) = EnlargedWeights.Place(phase, step % EnlargedWeights.Places);
            return planes[step / EnlargedWeights.Places] + small.Layout.Offset(row, column);
        }).ToArray())];
    }
}

/// <summary>How a real-valued convolution is done.</summary>
/// <param name="IsDepthwise">Whether each output channel reads one input channel only.</param>
/// <param name="Weights">Packed as <see cref="FloatWeights"/> say; of a depthwise one [output channel, tap].</param>
/// <param name="Bias">[output channel], in whole groups of <see cref="FloatConvolution.Outputs"/>.</param>
internal sealed record RealKernel(bool IsDepthwise, float[] Weights, float[] Bias)
{
    public long WeightBytes => (long)(Weights.Length + Bias.Length) * sizeof(float);
}

/// <summary>Counts the sign mismatches of a binary convolution, for a block of output channels and a range of pixels at a time.</summary>
/// <param name="products">One-bit products of an output value.</param>
internal abstract class CountSource(int products)
{
    public int Products => products;

    /// <summary>Rows that a range must be a multiple of; 0 if it need not consist of rows.</summary>
    public virtual int Rows => 0;

    /// <summary>Pixels that the kernels run over, in whole tiles, for a range of so many.</summary>
    public virtual long Work(int pixels) => PlaneLayout.WholeTiles(pixels);

    /// <summary>Counts that it works in, for ranges of so many pixels.</summary>
    public virtual long Scratch(int pixels) => 0;

    /// <summary>Counts for some channels (from a multiple of four on); a row of counts has <paramref name="pixels"/> in whole tiles.</summary>
    public abstract void Fill(RunState state, int channel, int channels, int start, int pixels, Span<ushort> counts, Span<ushort> scratch);
}

/// <summary>The general case.</summary>
/// <typeparam name="TWeight">See <see cref="MismatchKernel{TWeight}"/>.</typeparam>
/// <param name="kernel">The look-up kernel.</param>
/// <param name="offsets">The steps' offsets in the arena.</param>
/// <param name="weights">The kernel's weights.</param>
/// <param name="products">One-bit products of an output value.</param>
internal sealed class WindowCounts<TWeight>(MismatchKernel<TWeight> kernel, int[] offsets, TWeight[] weights, int products) : CountSource(products)
    where TWeight : unmanaged
{
    public override void Fill(RunState state, int channel, int channels, int start, int pixels, Span<ushort> counts, Span<ushort> scratch)
    {
        int outputs = 4 * NibbleWeights.Groups(channels), steps = offsets.Length;
        kernel(state.Bytes(start), offsets, weights.AsSpan(channel * steps, outputs * steps), counts[..(outputs * PlaneLayout.WholeTiles(pixels))]);
    }
}

/// <summary>
/// A 3x3 convolution over signs doubled by nearest-neighbour enlargement: it reads the small map, four steps for nine taps (see
/// <see cref="EnlargedWeights"/>).
/// </summary>
/// <param name="kernel">The look-up kernel.</param>
/// <param name="source">Layout of the small map.</param>
/// <param name="target">Layout of the map that is made.</param>
/// <param name="channels">Channels of that.</param>
/// <param name="offsets">For each phase the steps' offsets in the arena.</param>
/// <param name="weights">See <see cref="EnlargedWeights"/>.</param>
/// <param name="products">One-bit products of an output value as defined: nine taps times channels.</param>
internal sealed class EnlargedCounts(
    MismatchKernel<ushort> kernel, PlaneLayout source, PlaneLayout target, int channels, int[][] offsets, ushort[] weights, int products)
    : CountSource(products)
{
    public override int Rows => 2;

    public override long Work(int pixels) => 4L * SourcePixels(pixels / target.Pitch);

    // The counts of two phases.
    public override long Scratch(int pixels) => 2L * Strips.Channels * SourcePixels(pixels / target.Pitch);

    // Two phases make each row.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Fill(RunState state, int channel, int channels, int start, int pixels, Span<ushort> counts, Span<ushort> scratch)
    {
        int row = start / target.Pitch, rows = pixels / target.Pitch, pitch = PlaneLayout.WholeTiles(pixels);
        int first = row / 2 * source.Pitch, sourcePixels = SourcePixels(rows), outputs = 4 * NibbleWeights.Groups(channels);
        Span<ushort> left = scratch[..(outputs * sourcePixels)], right = scratch.Slice(left.Length, left.Length);
        for (int odd = 0; odd < 2; odd++)
        {
            Phase(state, 2 * odd, channel, outputs, first, left);
            Phase(state, 2 * odd + 1, channel, outputs, first, right);
            for (int c = 0; c < channels; c++)
            {
                for (int y = 0; y < rows / 2; y++)
                {
                    int from = c * sourcePixels + y * source.Pitch;
                    Span<ushort> line = counts.Slice(c * pitch + (2 * y + odd) * target.Pitch, target.Pitch);
                    state.Kernels.Merge(left.Slice(from, source.Width), right.Slice(from, source.Width), line[..target.Width]);
                    line[target.Width..].Clear();
                }
            }
        }
    }

    private void Phase(RunState state, int phase, int channel, int outputs, int first, Span<ushort> counts)
    {
        int steps = offsets[phase].Length, groups = NibbleWeights.Groups(channels);
        kernel(state.Bytes(first), offsets[phase], weights.AsSpan((4 * phase * groups + channel) * steps, outputs * steps), counts);
    }

    private int SourcePixels(int rows) => PlaneLayout.WholeTiles(rows / 2 * source.Pitch);
}
