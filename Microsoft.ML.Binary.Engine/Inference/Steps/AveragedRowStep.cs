using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// Enlarges a map twice bilinearly, row by row, of which only the signs and the mean over channel groups are wanted: the enlarged map itself is never stored.
/// </summary>
/// <param name="name">The node of the mean.</param>
/// <param name="source">The small map.</param>
/// <param name="mean">Receives the mean; its channels fill whole planes of signs.</param>
/// <param name="signs">Where the signs of the enlarged map go, if anyone reads them.</param>
internal sealed unsafe class AveragedRowStep(string name, MapView source, PlanBuffer mean, Epilogue.Signs? signs) : PlanStep(name)
{
    private const int StripPixels = 1024;

    private readonly int[] _offsets = source.WindowOffsets(new ConvolutionGeometry(Kernel: 1), sizeof(float));
    private readonly Strips _strips = Strips.OfRows(mean.Layout, mean.Planes, StripPixels, multiple: 2);
    private readonly int _groups = source.Planes / mean.Planes, _depth = signs?.ChannelsPerPlane ?? 4, _width = source.Layout.Width;
    private readonly float[] _thresholds = signs?.Thresholds ?? new float[source.Planes];

    public override int Items => _strips.Items;

    public override long ScratchBytes => sizeof(float) * AveragedRows.Scratch(_groups, _depth, _width);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        PlaneLayout from = source.Layout, to = mean.Layout;
        Span<float> scratch = state.ScratchFloats(thread);
        AveragedRows rows = new() { Groups = _groups, Height = from.Height, Width = _width, Pitch = from.Pitch, MeanPitch = to.Length, TargetPitch = to.Pitch };
        rows.SignPitch = signs is null ? 0 : mean.Planes / _depth * to.Length;

        for (int item = first; item < last; item++)
        {
            _strips.Item(item, out int channel, out int channels, out int start, out int pixels, out int end);
            for (int c = channel; c < channel + channels; c += _depth)
            {
                rows.Channels = Math.Min(_depth, channel + channels - c);
                rows.Means = state.Row(mean.PlaneOffset(c) + (to.Origin + start) * sizeof(float), pixels);
                if (signs is not null)
                {
                    rows.Signs = (byte*)state.Row(signs.Planes.PlaneOffset(c / _depth) + to.Origin + start, pixels / sizeof(float));
                }

                state.Kernels.AverageEnlarged(
                    rows, state.Floats(0), _offsets.AsSpan(c), _thresholds.AsSpan(c), mean.Planes, start / to.Pitch / 2, (start + pixels) / to.Pitch / 2, scratch);
            }

            ClearBorders(state, channel, channels, start, end);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void ClearBorders(RunState state, int channel, int channels, int start, int end)
    {
        PlaneLayout layout = mean.Layout;
        for (int c = channel; mean.HasBorder && c < channel + channels; c++)
        {
            layout.ClearBorder(state.Floats(mean.PlaneOffset(c), layout.Length), start, end);
        }

        for (int c = channel; signs is not null && c < channel + channels; c += _depth)
        {
            for (int g = 0; g < _groups; g++)
            {
                layout.ClearBorder(state.Bytes(signs.Planes.PlaneOffset((c + g * mean.Planes) / _depth), layout.Length), start, end);
            }
        }
    }
}
