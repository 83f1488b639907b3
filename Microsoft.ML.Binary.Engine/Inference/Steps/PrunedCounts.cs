using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>A binary convolution some of whose channels are pruned: a kernel that has rows for the others only.</summary>
/// <param name="Counts">The kernel of the rows.</param>
/// <param name="Rows">Which channel each row is for, a row a channel.</param>
/// <param name="Products">Products of an output value, an even number.</param>
internal sealed record PrunedKernel(BinaryKernel Counts, WeightRows Rows, int Products) : BinaryKernel(Products)
{
    public override long WeightBytes => Counts.WeightBytes;

    public override CountSource At(MapView source, PlaneLayout target, int channels) => new PrunedCounts(Counts.At(source, target, Rows.Rows.Count), Rows, channels, Products);
}

/// <summary>Counts for the channels that are kept, and of each other one as many as make its dot product 0: half of its products.</summary>
internal sealed class PrunedCounts : CountSource
{
    private readonly CountSource _counts;
    private readonly WeightRows _rows;
    private readonly int[] _kept, _rowOf;

    /// <summary>Counts what kernels make rows for.</summary>
    /// <param name="counts">The counts of the rows.</param>
    /// <param name="rows">Which channel each row is for.</param>
    /// <param name="channels">Channels of the map, pruned ones included.</param>
    /// <param name="products">Products of an output value, an even number.</param>
    public PrunedCounts(CountSource counts, WeightRows rows, int channels, int products)
        : base(products)
    {
        (_counts, _rows) = (counts, rows);
        _kept = [.. Enumerable.Range(0, (channels + BinaryConvolutionStep.Channels - 1) / BinaryConvolutionStep.Channels).Select(block => rows.Block(block)).Select(
            range => Enumerable.Range(range.First, range.Last - range.First).Count(row => rows.Rows[row].Block >= 0))];
        _rowOf = RowsOf(rows, channels, _kept);
    }

    public override int Rows => _counts.Rows;

    public override long Work(int pixels) => _counts.Work(pixels);

    public override long Scratch(int pixels) => _counts.Scratch(pixels);

    public override int RowOf(int channel) => _rowOf[channel];

    public override void Fill(RunState state, int channel, int channels, int start, int pixels, Span<ushort> target, Span<ushort> scratch)
    {
        int pitch = PlaneLayout.WholeTiles(pixels);
        (int first, int last) = _rows.Block(channel / BinaryConvolutionStep.Channels);
        if (last > first)
        {
            _counts.Fill(state, first, last - first, start, pixels, target[..((last - first) * pitch)], scratch);
        }

        int kept = _kept[channel / BinaryConvolutionStep.Channels];
        if (kept < channels)
        {
            target.Slice(kept * pitch, pitch).Fill((ushort)(Products / 2));
        }
    }

    // Those that are kept follow each other, and one row does for all others of a block.
    private static int[] RowsOf(WeightRows rows, int channels, int[] kept)
    {
        int[] rowOf = new int[channels];
        for (int c = 0; c < channels; c++)
        {
            int block = c / BinaryConvolutionStep.Channels, inBlock = c % BinaryConvolutionStep.Channels;
            (int first, int last) = rows.Block(block);
            rowOf[c] = kept[block];
            for (int row = first; row < last; row++)
            {
                rowOf[c] = rows.Rows[row].Block == inBlock ? row - first : rowOf[c];
            }
        }

        return rowOf;
    }
}
