using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// A binary convolution with all that follows it, or the sum of several: what has been added up so far stays in the nearest cache.
/// </summary>
/// <param name="name">The node that it ends with.</param>
/// <param name="terms">The convolutions; what follows each of them takes in the sum of those in front of it.</param>
internal sealed class BinaryConvolutionStep(string name, BinaryConvolutionStep.Term[] terms) : PlanStep(name)
{
    private const int MaxRowPixels = 14 * PlaneLayout.Tile;

    private readonly Epilogue _epilogue = terms[^1].Epilogue;
    private readonly Strips _strips = StripsOf(terms);
    private readonly CountThresholds[]? _thresholds = terms is [{ Counts.Rows: 0 } only] ? only.Epilogue.CountThresholds(only.Counts.Products) : null;

    /// <summary>A convolution, and what is done with its dot products.</summary>
    internal sealed record Term(CountSource Counts, Epilogue Epilogue);

    public override int Items => _strips.Items;

    public override long ScratchBytes =>
        Strips.Channels * ((long)_strips.MaxPixels * sizeof(float) + (long)MaxRow * sizeof(ushort)) + sizeof(ushort) * terms.Max(term => term.Counts.Scratch(_strips.MaxPixels));

    public override long Macs => terms.Sum(term => (long)term.Counts.Products) * _epilogue.Channels * _epilogue.Layout.Height * _epilogue.Layout.Width;

    private int MaxRow => PlaneLayout.WholeTiles(_strips.MaxPixels);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        for (int item = first; item < last; item++)
        {
            _strips.Item(item, out int channel, out int channels, out int start, out int pixels, out int end);
            int row = PlaneLayout.WholeTiles(pixels);
            Span<float> block = state.ScratchFloats(thread)[..(Strips.Channels * pixels)];
            Span<ushort> scratch = MemoryMarshal.Cast<byte, ushort>(state.Scratch(thread)[(sizeof(float) * Strips.Channels * _strips.MaxPixels)..]);
            Span<ushort> counts = scratch[..(4 * NibbleWeights.Groups(channels) * row)];
            for (int i = 0; i < terms.Length; i++)
            {
                CountSource source = terms[i].Counts;
                source.Fill(state, channel, channels, start, pixels, counts, scratch[(Strips.Channels * MaxRow)..]);
                for (int c = 0; c < channels && _thresholds is null; c++)
                {
                    terms[i].Epilogue.Apply(
                        state, channel, c, start, pixels, counts.Slice(c * row, pixels), source.Products, block, i == 0 ? default : block.Slice(c * pixels, pixels));
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
            return Strips.OfTiles(epilogue.Layout, epilogue.Channels, tiles: 2);
        }

        int candidates = Math.Max(1, Math.Min(MaxRowPixels / pitch, epilogue.Layout.Height) / multiple);
        int pixels = Enumerable.Range(1, candidates).Select(i => i * multiple * pitch).MinBy(
            pixels => terms.Sum(term => (double)term.Counts.Work(pixels)) / pixels);
        return Strips.OfRows(epilogue.Layout, epilogue.Channels, pixels, multiple);
    }
}
