using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// A binary convolution with all that follows it, or the sum of several: what has been added up so far stays in the nearest cache.
/// </summary>
/// <param name="name">The node that it ends with.</param>
/// <param name="terms">The convolutions; what follows each of them takes in the sum of those in front of it.</param>
internal sealed class BinaryConvolutionStep(string name, BinaryConvolutionStep.Term[] terms) : PlanStep(name)
{
    /// <summary>Channels of a block: the kernels do eight at once, and sign planes of four and of six channels fit in.</summary>
    public const int Channels = 24;

    private const int MaxRowPixels = 14 * PlaneLayout.Tile, StripTiles = 6;

    private readonly Epilogue _epilogue = terms[^1].Epilogue;
    private readonly Strips _strips = StripsOf(terms);
    private readonly CountThresholds[]? _thresholds = terms is [{ Counts: not (MixedCounts or PrunedCounts) and { Rows: 0 } } only] ? only.Epilogue.CountThresholds(only.Counts.Products) : null;

    /// <summary>A convolution, and what is done with its dot products.</summary>
    internal sealed record Term(CountSource Counts, Epilogue Epilogue);

    public override int Items => _strips.Items;

    public override long ScratchBytes =>
        Channels * ((long)_strips.MaxPixels * sizeof(float) + (long)MaxRow * sizeof(ushort)) + sizeof(ushort) * terms.Max(term => term.Counts.Scratch(_strips.MaxPixels));

    public override long Macs => terms.Sum(term => (long)term.Counts.Products) * _epilogue.Channels * _epilogue.Layout.Height * _epilogue.Layout.Width;

    private int MaxRow => PlaneLayout.WholeTiles(_strips.MaxPixels);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        for (int item = first; item < last; item++)
        {
            _strips.Item(item, out int channel, out int channels, out int start, out int pixels, out int end);
            int row = PlaneLayout.WholeTiles(pixels);
            Span<float> block = state.ScratchFloats(thread)[..(Channels * pixels)];
            Span<ushort> scratch = MemoryMarshal.Cast<byte, ushort>(state.Scratch(thread)[(sizeof(float) * Channels * _strips.MaxPixels)..]);
            Span<ushort> counts = scratch[..(4 * NibbleWeights.Groups(channels) * row)];
            for (int i = 0; i < terms.Length; i++)
            {
                CountSource source = terms[i].Counts;
                Span<ushort> rest = scratch[(Channels * MaxRow)..];
                if (source is MixedCounts mixed)
                {
                    Span<float> sums = mixed.Sums(state, channel, channels, start, pixels, scratch[..(Channels * row)], rest);
                    for (int c = 0; c < channels; c++)
                    {
                        terms[i].Epilogue.Apply(
                            state, channel, c, start, pixels, sums.Slice(c * pixels, pixels), block, addsBlock: i > 0);
                    }

                    continue;
                }

                source.Fill(state, channel, channels, start, pixels, counts, rest);
                if (_thresholds is null)
                {
                    terms[i].Epilogue.Apply(state, channel, channels, start, pixels, source, counts, block, addsBlock: i > 0);
                }
            }

            if (_thresholds is not null)
            {
                _epilogue.Finish(state, channel, channels, start, end, counts, _thresholds);
            }
            else
            {
                _epilogue.Finish(state, channel, channels, start, pixels, end, block);
            }
        }
    }

    // Of the strips of whole rows that fit into the nearest caches, those that lose least to whole tiles.
    private static Strips StripsOf(Term[] terms)
    {
        Epilogue epilogue = terms[^1].Epilogue;
        int multiple = terms.Max(term => term.Counts.Rows), pitch = epilogue.Layout.Pitch;
        if (multiple == 0)
        {
            return Strips.OfTiles(epilogue.Layout, epilogue.Channels, StripTiles, Channels);
        }

        int candidates = Math.Max(1, Math.Min(MaxRowPixels / pitch, epilogue.Layout.Height) / multiple);
        int pixels = Enumerable.Range(1, candidates).Select(i => i * multiple * pitch).MinBy(
            pixels => terms.Sum(term => (double)term.Counts.Work(pixels)) / pixels);
        return Strips.OfRows(epilogue.Layout, epilogue.Channels, pixels, multiple, Channels);
    }
}

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

/// <summary>Counts the sign mismatches of a binary convolution, for a block of output channels and a range of pixels at a time.</summary>
/// <param name="products">One-bit products of an output value.</param>
internal abstract class CountSource(int products)
{
    public int Products => products;

    /// <summary>Rows that a range must be a multiple of; 0 if it need not consist of rows.</summary>
    public virtual int Rows => 0;

    /// <summary>Which of the rows that <see cref="Fill"/> makes for its block is that of a channel.</summary>
    public virtual int RowOf(int channel) => channel % BinaryConvolutionStep.Channels;

    /// <summary>How often the kernels do three tiles for a range of so many pixels: with more registers than others have, at once.</summary>
    public virtual long Work(int pixels) => (PlaneLayout.WholeTiles(pixels) + 2 * PlaneLayout.Tile) / (3 * PlaneLayout.Tile);

    /// <summary>Counts of scratch, for ranges of so many pixels.</summary>
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

    public override long Work(int pixels) => 4 * base.Work(SourcePixels(pixels / target.Pitch));

    // The counts of two phases.
    public override long Scratch(int pixels) => 2L * BinaryConvolutionStep.Channels * SourcePixels(pixels / target.Pitch);

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
