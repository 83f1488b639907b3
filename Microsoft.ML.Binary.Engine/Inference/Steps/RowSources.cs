using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>Rows of real planes in the arena.</summary>
internal sealed class RealPlanes(MapView view)
{
    private readonly int[] _offsets = view.Offsets();

    public PlaneLayout Layout => view.Layout;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<float> Row(RunState state, int channel, int row) =>
        state.Floats(_offsets[channel] + Layout.Offset(row, 0) * sizeof(float), Layout.Width);

    /// <summary>The row and what follows it, up to whole registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<float> PaddedRow(RunState state, int channel, int row) =>
        state.Floats(_offsets[channel] + Layout.Offset(row, 0) * sizeof(float), BilinearRow.Padded(Layout.Width));
}

/// <summary>A map as it is: for what follows on its own.</summary>
internal sealed class CopySource(MapView view) : RowSource
{
    private readonly RealPlanes _planes = new(view);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Fill(RunState state, int channel, int row, Span<float> target, Span<float> scratch) =>
        _planes.Row(state, channel, row).CopyTo(target);
}

/// <summary>Signs as real values.</summary>
internal sealed class UnpackSource(MapView nibbles) : RowSource
{
    private readonly int[] _offsets = nibbles.Offsets();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Fill(RunState state, int channel, int row, Span<float> target, Span<float> scratch)
    {
        ReadOnlySpan<byte> source = state.Bytes(_offsets[channel >> 2] + nibbles.Layout.Offset(row, 0), target.Length);
        for (int x = 0; x < target.Length; x++)
        {
            target[x] = 1 - 2 * (source[x] >> (channel & 3) & 1);
        }
    }
}

/// <summary>Levels as real values.</summary>
internal sealed class UnpackLevelsSource(MapView nibbles) : RowSource
{
    private readonly int[][] _offsets = [.. nibbles.OfBits(ActivationLevels.Bits).Select(view => view.Offsets())];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Fill(RunState state, int channel, int row, Span<float> target, Span<float> scratch)
    {
        int at = nibbles.Layout.Offset(row, 0), bit = channel & 3;
        ReadOnlySpan<byte> lower = state.Bytes(_offsets[0][channel >> 2] + at, target.Length), upper = state.Bytes(_offsets[1][channel >> 2] + at, target.Length);
        for (int x = 0; x < target.Length; x++)
        {
            target[x] = (lower[x] >> bit & 1) + 2 * (upper[x] >> bit & 1);
        }
    }
}

/// <summary>
/// The image, whose last row and column repeat up to the padded size; or its phases, of which channel 4 c + phase is every other pixel of
/// every other row of channel c.
/// </summary>
internal sealed class ImageSource(bool phases) : RowSource
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override unsafe void Fill(RunState state, int channel, int row, Span<float> target, Span<float> scratch)
    {
        int step = phases ? 2 : 1, phase = phases ? channel & 3 : 0, width = state.ImageWidth;
        int y = Math.Min(step * row + (phase >> 1), state.ImageHeight - 1), x = Math.Min(phase & 1, width - 1);
        long first = 3L * ((long)y * width + x) + (phases ? channel >> 2 : channel), bytes = 3L * width * state.ImageHeight - first;
        int inside = Math.Min(target.Length, (width - x + step - 1) / step);
        state.Kernels.ReadRgb(new ReadOnlySpan<byte>(state.Image + first, (int)Math.Min(bytes, 3L * step * target.Length + 128)), 3 * step, target[..inside]);
        if (inside < target.Length)
        {
            byte last = state.Image[3L * ((long)y * width + width - 1) + (phases ? channel >> 2 : channel)];
            target[inside..].Fill(last);
        }
    }
}

/// <summary>Nearest and bilinear enlargement.</summary>
internal sealed class UpsampleSource(MapView view, int factor, UpsampleMode mode) : RowSource(BilinearRow.Scratch(view.Layout.Width))
{
    private readonly RealPlanes _planes = new(view);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Fill(RunState state, int channel, int row, Span<float> target, Span<float> scratch)
    {
        if (mode == UpsampleMode.Nearest)
        {
            Repeat(state, channel, row, target);
            return;
        }

        (int top, int bottom, float down) = BilinearRow.Source(row, factor, view.Layout.Height);
        state.Kernels.EnlargeBilinear(_planes.PaddedRow(state, channel, top), _planes.PaddedRow(state, channel, bottom), down, factor, target, scratch);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Repeat(RunState state, int channel, int row, Span<float> target) =>
        NearestRow.Enlarge(_planes.Row(state, channel, row / factor), factor, target);
}

/// <summary>Channels to space.</summary>
internal sealed class PixelShuffleSource(MapView view, int factor) : RowSource(2L * factor * view.Layout.Width)
{
    private readonly RealPlanes _planes = new(view);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Fill(RunState state, int channel, int row, Span<float> target, Span<float> scratch)
    {
        int first = (channel * factor + row % factor) * factor, y = row / factor;
        if (factor == 2)
        {
            state.Kernels.Merge(_planes.Row(state, first, y), _planes.Row(state, first + 1, y), target);
            return;
        }

        MergeFour(state, first, y, target, scratch);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void MergeFour(RunState state, int first, int y, Span<float> target, Span<float> scratch)
    {
        Span<float> even = scratch[..(target.Length / 2)], odd = scratch.Slice(even.Length, even.Length);
        state.Kernels.Merge(_planes.Row(state, first, y), _planes.Row(state, first + 2, y), even);
        state.Kernels.Merge(_planes.Row(state, first + 1, y), _planes.Row(state, first + 3, y), odd);
        state.Kernels.Merge(even, odd, target);
    }
}

/// <summary>Mean of 2x2 blocks.</summary>
internal sealed class AveragePoolSource(MapView view) : RowSource
{
    private readonly RealPlanes _planes = new(view);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Fill(RunState state, int channel, int row, Span<float> target, Span<float> scratch) =>
        state.Kernels.AveragePool(_planes.Row(state, channel, 2 * row), _planes.Row(state, channel, 2 * row + 1), target);
}

/// <summary>Mean over channel groups.</summary>
internal sealed class ChannelMeanSource(MapView view, int groups) : RowSource
{
    private readonly RealPlanes _planes = new(view);
    private readonly int _channels = view.Planes / groups;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Fill(RunState state, int channel, int row, Span<float> target, Span<float> scratch)
    {
        _planes.Row(state, channel, row).CopyTo(target);
        for (int g = 1; g < groups; g++)
        {
            state.Kernels.Add(target, _planes.Row(state, channel + g * _channels, row));
        }

        state.Kernels.Scale(target, 1f / groups);
    }
}

/// <summary>Nearest-exact sampling of a token grid.</summary>
internal sealed class TokenSource(MapView view, PlaneLayout tokens) : RowSource
{
    private readonly RealPlanes _planes = new(view);
    private readonly int[] _columns = TokenColumns(view.Layout, tokens);

    public static int[] TokenColumns(PlaneLayout full, PlaneLayout tokens) =>
        [.. Enumerable.Range(0, tokens.Width).Select(x => TokenSample.SourceIndex(x, tokens.Width, full.Width))];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Fill(RunState state, int channel, int row, Span<float> target, Span<float> scratch) => NearestRow.Gather(
        _planes.Row(state, channel, TokenSample.SourceIndex(row, tokens.Height, view.Layout.Height)), _columns, target);
}
