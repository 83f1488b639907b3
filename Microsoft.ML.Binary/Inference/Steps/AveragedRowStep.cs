using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// Makes a map row by row of which only the signs and the mean over channel groups are wanted: the map itself is never stored.
/// </summary>
/// <param name="name">The node of the mean.</param>
/// <param name="epilogue">What follows the mean; its channels are a multiple of four.</param>
/// <param name="source">Makes the rows of the map.</param>
/// <param name="sourceEpilogue">Packs the signs of the map.</param>
internal sealed class AveragedRowStep(string name, Epilogue epilogue, RowSource source, Epilogue sourceEpilogue) : PlanStep(name)
{
    private const int StripPixels = 256;

    private readonly Strips _strips = Strips.OfRows(epilogue.Layout, epilogue.Channels, StripPixels);
    private readonly int _groups = sourceEpilogue.Channels / epilogue.Channels;

    public override int Items => _strips.Items;

    public override int ScratchBytes => (8 * _strips.MaxPixels + source.Scratch) * sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        PlaneLayout layout = epilogue.Layout;
        for (int item = first; item < last; item++)
        {
            _strips.Item(item, out int group, out int start, out int pixels, out int end);
            Span<float> scratch = state.ScratchFloats(thread);
            Span<float> mean = scratch[..(4 * pixels)], block = scratch.Slice(4 * _strips.MaxPixels, 4 * pixels);
            for (int g = 0; g < _groups; g++)
            {
                int channel = 4 * group + g * epilogue.Channels;
                Span<float> rows = g == 0 ? mean : block;
                for (int c = 0; c < 4; c++)
                {
                    for (int at = 0; at < pixels; at += layout.Pitch)
                    {
                        Span<float> row = rows.Slice(c * pixels + at, layout.Pitch);
                        source.Fill(state, channel + c, (start + at) / layout.Pitch, row[..layout.Width], scratch[(8 * _strips.MaxPixels)..]);
                        row[layout.Width..].Clear();
                    }
                }

                sourceEpilogue.Finish(state, channel / 4, start, pixels, end, rows);
                if (g > 0)
                {
                    ChannelRows.Add(mean, block);
                }
            }

            ChannelRows.Scale(mean, 1f / _groups);
            for (int c = 0; c < 4; c++)
            {
                epilogue.Apply(state, 4 * group + c, start, pixels, new RealRow(mean.Slice(c * pixels, pixels)), block);
            }

            epilogue.Finish(state, group, start, pixels, end, block);
        }
    }
}
