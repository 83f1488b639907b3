using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>What follows the operation that makes a map, done while its values are still in the nearest cache.</summary>
/// <param name="layout">Layout of the map.</param>
/// <param name="channels">Channels of the map.</param>
/// <param name="affine">x * scale + offset, if there is one.</param>
/// <param name="factor">A plane that every channel is multiplied by, if there is one.</param>
/// <param name="addends">Up to three maps that are added, in this order.</param>
/// <param name="activation">RPReLU, if there is one.</param>
/// <param name="store">Where the real values go, if anyone reads them.</param>
/// <param name="signs">Where the signs go, and the thresholds for +1.</param>
internal sealed unsafe class Epilogue(
    PlaneLayout layout, int channels, Affine? affine, MapView? factor, MapView[] addends, RPReLU? activation, PlanBuffer? store, Epilogue.Signs[] signs)
{
    // What is inlined is compiled again in each of the eight steps that call it, which the first image pays for.
    private const MethodImplOptions Once = MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization;

    private readonly int _factor = factor?.Offsets()[0] ?? -1;
    private readonly int[][] _addends = [.. addends.Select(view => view.Offsets())];
    private readonly int _firstFloat = layout.Origin * sizeof(float);
    private readonly EpilogueRow[] _rows = [.. Enumerable.Range(0, channels).Select(channel => RowOf(channel, affine, activation))];

    /// <summary>Signs of the result, so many channels in a plane: +1 where a channel is at least its threshold. Or levels, see <see cref="LevelPacking"/>.</summary>
    internal sealed record Signs(PlanBuffer Planes, int ChannelsPerPlane, float[] Thresholds, bool AreLevels);

    public PlaneLayout Layout => layout;

    public int Channels => channels;

    /// <summary>Whether values stay as they are, so that they may be written to <see cref="Target"/> at once.</summary>
    public bool IsPlain => affine is null && factor is null && _addends.Length == 0 && activation is null;

    /// <summary>
    /// Where the row of a strip goes that belongs to a channel of the block of channels from <paramref name="first"/> on: its place in the
    /// arena, or the scratch block when only signs are wanted.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<float> Target(RunState state, int first, int channel, int start, int pixels, Span<float> block) => store is null
        ? block.Slice(channel * pixels, pixels)
        : state.Floats(store.PlaneOffset(first + channel) + _firstFloat + start * sizeof(float), pixels);

    /// <summary>
    /// After a binary convolution of so many products: the thresholds of its counts, one set for each of the sign maps, if signs of at
    /// most an affine map of the dot products are all that is wanted.
    /// </summary>
    public CountThresholds[]? CountThresholds(int products) =>
        store is not null || factor is not null || _addends.Length > 0 || activation is not null || signs.Any(sign => sign.AreLevels)
            ? null
            : [.. signs.Select(sign => Kernels.CountThresholds.Find(products, channels, Affine, sign.Thresholds))];

    /// <summary>Packs the signs of a block of channels from the counts of a strip, and clears borders.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Finish(RunState state, int channel, int count, int first, int last, ReadOnlySpan<ushort> counts, CountThresholds[] thresholds)
    {
        int pixels = counts.Length / (4 * NibbleWeights.Groups(count));
        for (int i = 0; i < signs.Length; i++)
        {
            int depth = signs[i].ChannelsPerPlane;
            for (int c = 0; c < count; c += depth)
            {
                Span<byte> plane = state.Bytes(signs[i].Planes.PlaneOffset((channel + c) / depth), layout.Length);
                state.Kernels.PackSigns(
                    counts[(c * pixels)..], thresholds[i], channel + c, Math.Min(depth, count - c), plane.Slice(layout.Origin + first, pixels));
                layout.ClearBorder(plane, first, last);
            }
        }
    }

    private float Affine(int channel, float dot) =>
        affine is null ? dot : dot * affine.Scale.Values[channel] + affine.Offset.Values[channel];

    /// <summary>
    /// Finishes a strip of one channel of the block of channels from <paramref name="first"/> on.
    /// </summary>
    [MethodImpl(Once)]
    public void Apply(RunState state, int first, int channel, int start, int pixels, ReadOnlySpan<float> source, Span<float> block)
    {
        EpilogueRow row = default;
        FindRow(state, first + channel, start, pixels, ref row);
        state.Kernels.Finish(row, source, Target(state, first, channel, start, pixels, block));
    }

    /// <summary>The same; if it adds the block, what is in the row of the scratch block is added before the maps.</summary>
    [MethodImpl(Once)]
    public void Apply(RunState state, int first, int channel, int start, int pixels, ReadOnlySpan<float> source, Span<float> block, bool addsBlock)
    {
        EpilogueRow row = default;
        FindRow(state, first + channel, start, pixels, ref row);
        if (addsBlock)
        {
            AddBlock(ref row, block.Slice(channel * pixels, pixels));
        }

        state.Kernels.Finish(row, source, Target(state, first, channel, start, pixels, block));
    }

    /// <summary>The same for all channels of the block, from the mismatch counts of their strips.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(
        RunState state, int first, int channels, int start, int pixels, CountSource source, ReadOnlySpan<ushort> counts, Span<float> block, bool addsBlock)
    {
        int pitch = PlaneLayout.WholeTiles(pixels);
        EpilogueRow row = default;
        for (int c = 0; c < channels; c++)
        {
            FindRow(state, first + c, start, pixels, ref row);
            if (addsBlock)
            {
                AddBlock(ref row, block.Slice(c * pixels, pixels));
            }

            state.Kernels.Finish(row, counts.Slice(source.RowOf(first + c) * pitch, pixels), source.Products, Target(state, first, c, start, pixels, block));
        }
    }

    // In front of the maps that FindRow has found.
    private void AddBlock(ref EpilogueRow row, Span<float> block)
    {
        row.Third = _addends.Length > 1 ? row.Second : null;
        row.Second = _addends.Length > 0 ? row.First : null;
        row.First = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(block));
    }

    private static EpilogueRow RowOf(int channel, Affine? affine, RPReLU? activation)
    {
        EpilogueRow row = default;
        if (affine is not null)
        {
            (row.HasAffine, row.Scale, row.Offset) = (true, affine.Scale.Values[channel], affine.Offset.Values[channel]);
        }

        if (activation is not null)
        {
            row.HasActivation = true;
            (row.Shift, row.Slope, row.Bias) = (activation.Shift.Values[channel], activation.Slope.Values[channel], activation.Offset.Values[channel]);
        }

        return row;
    }

    // Field by field, and only what differs from channel to channel: the kernel reads at once what is written here, each as it was written.
    [MethodImpl(Once)]
    private void FindRow(RunState state, int channel, int start, int pixels, ref EpilogueRow row)
    {
        ref readonly EpilogueRow constants = ref _rows[channel];
        (row.HasAffine, row.Scale, row.Offset) = (constants.HasAffine, constants.Scale, constants.Offset);
        (row.HasActivation, row.Shift, row.Slope, row.Bias) = (constants.HasActivation, constants.Shift, constants.Slope, constants.Bias);
        int at = _firstFloat + start * sizeof(float);
        if (_factor >= 0)
        {
            row.Factor = state.Row(_factor + at, pixels);
        }

        int[][] addends = _addends;
        if (addends.Length > 0)
        {
            row.First = state.Row(addends[0][channel] + at, pixels);
            if (addends.Length > 1)
            {
                row.Second = state.Row(addends[1][channel] + at, pixels);
                if (addends.Length > 2)
                {
                    row.Third = state.Row(addends[2][channel] + at, pixels);
                }
            }
        }
    }

    /// <summary>Packs the signs of a block of channels whose rows have been finished, and clears borders.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Finish(RunState state, int channel, int count, int first, int pixels, int last, Span<float> block)
    {
        if (signs.Length > 0)
        {
            ReadOnlySpan<float> rows = store is null
                ? block
                : state.Floats(store.PlaneOffset(channel) + _firstFloat + first * sizeof(float));
            int pitch = store is null ? pixels : layout.Length;
            foreach (Signs sign in signs)
            {
                if (sign.AreLevels)
                {
                    PackLevels(state, sign, rows, pitch, channel, count, first, pixels, last);
                    continue;
                }

                int depth = sign.ChannelsPerPlane;
                for (int c = 0; c < count; c += depth)
                {
                    Span<byte> plane = state.Bytes(sign.Planes.PlaneOffset((channel + c) / depth), layout.Length);
                    ReadOnlySpan<float> thresholds = sign.Thresholds.AsSpan(channel + c, Math.Min(depth, count - c));
                    state.Kernels.PackSigns(rows[(c * pitch)..], pitch, thresholds, plane.Slice(layout.Origin + first, pixels));
                    layout.ClearBorder(plane, first, last);
                }
            }
        }

        if (store is { HasBorder: true })
        {
            ClearBorders(state, store, channel, count, first, last);
        }
    }

    [MethodImpl(Once)]
    private void PackLevels(RunState state, Signs levels, ReadOnlySpan<float> rows, int pitch, int channel, int count, int first, int pixels, int last)
    {
        int depth = levels.ChannelsPerPlane, planes = levels.Planes.Planes / ActivationLevels.Bits;
        for (int c = 0; c < count; c += depth)
        {
            int plane = (channel + c) / depth;
            Span<byte> lower = state.Bytes(levels.Planes.PlaneOffset(plane), layout.Length), upper = state.Bytes(levels.Planes.PlaneOffset(plane + planes), layout.Length);
            ReadOnlySpan<float> thresholds = levels.Thresholds.AsSpan(LevelPacking.Thresholds * (channel + c), LevelPacking.Thresholds * Math.Min(depth, count - c));
            state.Kernels.PackLevels(rows[(c * pitch)..], pitch, thresholds, lower.Slice(layout.Origin + first, pixels), upper.Slice(layout.Origin + first, pixels));
            layout.ClearBorder(lower, first, last);
            layout.ClearBorder(upper, first, last);
        }
    }

    [MethodImpl(Once)]
    private void ClearBorders(RunState state, PlanBuffer planes, int channel, int count, int first, int last)
    {
        for (int c = channel; c < channel + count; c++)
        {
            layout.ClearBorder(state.Floats(planes.PlaneOffset(c), layout.Length), first, last);
        }
    }
}
