using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>Enlarges signs by copying, packed as they are.</summary>
internal sealed class NibbleUpsampleStep(string name, MapView source, PlanBuffer target, int factor) : PlanStep(name)
{
    private readonly int[] _source = source.Offsets();

    public override int Items => target.Planes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        PlaneLayout from = source.Layout, to = target.Layout;
        for (int plane = first; plane < last; plane++)
        {
            Span<byte> output = state.Bytes(target.PlaneOffset(plane), to.Length);
            for (int row = 0; row < from.Height; row++)
            {
                Span<byte> line = output.Slice(to.Offset(factor * row, 0), to.Width);
                NearestRow.Enlarge<byte>(state.Bytes(_source[plane] + from.Offset(row, 0), from.Width), factor, line);
                for (int copy = 1; copy < factor; copy++)
                {
                    line.CopyTo(output[to.Offset(factor * row + copy, 0)..]);
                }
            }

            to.ClearBorder(output, 0, to.Extent);
        }
    }
}

/// <summary>Samples a token grid of signs, packed as they are.</summary>
internal sealed class NibbleTokenStep(string name, MapView source, PlanBuffer target) : PlanStep(name)
{
    private readonly int[] _source = source.Offsets();
    private readonly int[] _columns = TokenSource.TokenColumns(source.Layout, target.Layout);

    public override int Items => target.Planes;

    public override void Run(RunState state, int thread, int first, int last)
    {
        PlaneLayout from = source.Layout, to = target.Layout;
        for (int plane = first; plane < last; plane++)
        {
            Span<byte> output = state.Bytes(target.PlaneOffset(plane), to.Length);
            for (int row = 0; row < to.Height; row++)
            {
                int sourceRow = TokenSample.SourceIndex(row, to.Height, from.Height);
                NearestRow.Gather<byte>(
                    state.Bytes(_source[plane] + from.Offset(sourceRow, 0), from.Width), _columns, output.Slice(to.Offset(row, 0), to.Width));
            }

            to.ClearBorder(output, 0, to.Extent);
        }
    }
}

/// <summary>Packs the signs of a map that is stored, of the same layout.</summary>
/// <param name="name">The node.</param>
/// <param name="source">The map.</param>
/// <param name="signs">Where the signs go.</param>
/// <param name="shifts">What is added to each channel first, if anything is.</param>
internal sealed class SignStep(string name, PlanBuffer source, Epilogue.Signs signs, PlanBuffer? shifts = null) : PlanStep(name)
{
    public override int Items => signs.Planes.Planes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        PlaneLayout layout = source.Layout;
        Span<float> thresholds = stackalloc float[signs.ChannelsPerPlane];
        for (int plane = first; plane < last; plane++)
        {
            int channel = plane * signs.ChannelsPerPlane;
            int channels = Math.Min(signs.ChannelsPerPlane, source.Planes - channel);
            for (int c = 0; c < channels; c++)
            {
                float threshold = signs.Thresholds[channel + c];
                thresholds[c] = shifts is null ? threshold : ShiftedThreshold.Of(state.Floats(shifts.Offset)[channel + c], threshold);
            }

            Span<byte> target = state.Bytes(signs.Planes.PlaneOffset(plane), layout.Length);
            state.Kernels.PackSigns(
                state.Floats(source.PlaneOffset(channel) + layout.Origin * sizeof(float)), layout.Length, thresholds[..channels], target.Slice(layout.Origin, layout.Extent));
            layout.ClearBorder(target, 0, layout.Extent);
        }
    }
}

/// <summary>Channels to space by a factor of two, of which only signs are wanted: the enlarged map is never stored.</summary>
/// <param name="name">The node.</param>
/// <param name="source">The small map, of four times the channels.</param>
/// <param name="signs">Where the signs go.</param>
internal sealed class ShuffledSignStep(string name, MapView source, Epilogue.Signs signs) : PlanStep(name)
{
    private const int StripPixels = 1024;

    private readonly int[] _offsets = source.WindowOffsets(new ConvolutionGeometry(Kernel: 1), sizeof(float));
    private readonly Strips _strips = Strips.OfRows(signs.Planes.Layout, source.Planes / ShuffledSigns.Planes, StripPixels);

    public override int Items => _strips.Items;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        PlaneLayout from = source.Layout, to = signs.Planes.Layout;
        for (int item = first; item < last; item++)
        {
            _strips.Item(item, out int channel, out int channels, out int start, out int pixels, out int end);
            for (int c = channel; c < channel + channels; c += signs.ChannelsPerPlane)
            {
                Span<byte> plane = state.Bytes(signs.Planes.PlaneOffset(c / signs.ChannelsPerPlane), to.Length);
                state.Kernels.PackShuffledSigns(
                    state.Floats(0), _offsets.AsSpan(ShuffledSigns.Planes * c), from.Pitch, from.Width,
                    signs.Thresholds.AsSpan(c, Math.Min(signs.ChannelsPerPlane, channel + channels - c)), plane[(to.Origin + start)..], to.Pitch,
                    start / to.Pitch, (start + pixels) / to.Pitch);
                to.ClearBorder(plane, start, end);
            }
        }
    }
}

/// <summary>Splits planes into the four phases that a strided convolution reads: plane 4 i + phase from plane i.</summary>
/// <typeparam name="T">Byte for nibble planes, float for real ones.</typeparam>
internal sealed class PhaseSplitStep<T>(string name, MapView source, PlanBuffer target) : PlanStep(name) where T : unmanaged
{
    private readonly int[] _source = source.Offsets();

    public override int Items => target.Planes;

    public override void Run(RunState state, int thread, int first, int last)
    {
        for (int plane = first; plane < last; plane++)
        {
            PhaseSplit.Run<T>(
                state.Kernels, Plane(state, _source[plane / 4], source.Layout), source.Layout, plane % 4,
                Plane(state, target.PlaneOffset(plane), target.Layout), target.Layout);
        }
    }

    private static unsafe Span<T> Plane(RunState state, int offset, PlaneLayout layout) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(state.Bytes(offset, layout.Length * sizeof(T)));
}
