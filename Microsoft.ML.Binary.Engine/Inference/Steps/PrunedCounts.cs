using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>A binary convolution some of whose channels are pruned: a kernel that has rows for the others only.</summary>
/// <param name="Counts">The kernel of the rows.</param>
/// <param name="Rows">Which channel each row is for, a row a channel.</param>
/// <param name="Products">Products of an output value, an even number.</param>
internal sealed record PrunedKernel(BinaryKernel Counts, WeightRows Rows, int Products) : BinaryKernel(Products)
{
    public override long WeightBytes => Counts.WeightBytes;

    public override CountSource At(MapView source, PlaneLayout target, int channels) => new PrunedCounts(Counts.At(source, target, Rows.Rows.Count), Rows, Products);
}

/// <summary>Counts for the channels that are kept, and of each other one as many as make its dot product 0: half of its products.</summary>
/// <param name="counts">The counts of the rows.</param>
/// <param name="rows">Which channel each row is for.</param>
/// <param name="products">Products of an output value, an even number.</param>
internal sealed class PrunedCounts(CountSource counts, WeightRows rows, int products) : CountSource(products)
{
    public override int Rows => counts.Rows;

    public override long Work(int pixels) => counts.Work(pixels);

    public override long Scratch(int pixels) => counts.Scratch(pixels);

    public override void Fill(RunState state, int channel, int channels, int start, int pixels, Span<ushort> target, Span<ushort> scratch)
    {
        int pitch = PlaneLayout.WholeTiles(pixels);
        (int first, int last) = rows.Block(channel / Strips.Channels);
        if (last > first)
        {
            counts.Fill(state, first, last - first, start, pixels, target[..((last - first) * pitch)], scratch);
        }

        // A row stands at or before its channel, so from the last one on none is overwritten that is still needed.
        int row = last - 1;
        for (int c = channels - 1; c >= 0; c--)
        {
            while (row >= first && rows.Rows[row].Block == WeightRows.Row.None)
            {
                row--;
            }

            Span<ushort> own = target.Slice(c * pitch, pitch);
            if (row < first || rows.Rows[row].Block != c)
            {
                own.Fill((ushort)(Products / 2));
                continue;
            }

            int from = row - first;
            row--;
            if (from < c)
            {
                target.Slice(from * pitch, pitch).CopyTo(own);
            }
        }
    }
}
