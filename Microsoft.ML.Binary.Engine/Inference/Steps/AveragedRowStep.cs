using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// Makes a map row by row of which only the signs and the mean over channel groups are wanted: the map itself is never stored.
/// </summary>
/// <param name="name">The node of the mean.</param>
/// <param name="epilogue">What follows the mean; its channels fill whole planes of the signs of the map.</param>
/// <param name="source">Makes the rows of the map.</param>
/// <param name="sourceEpilogue">Packs the signs of the map.</param>
internal sealed class AveragedRowStep(string name, Epilogue epilogue, RowSource source, Epilogue sourceEpilogue) : PlanStep(name)
{
    private const int StripPixels = 256;

    private readonly Strips _strips = Strips.OfRows(epilogue.Layout, epilogue.Channels, StripPixels);
    private readonly int _groups = sourceEpilogue.Channels / epilogue.Channels;

    public override int Items => _strips.Items;

    public override long ScratchBytes => (2L * Strips.Channels * _strips.MaxPixels + source.Scratch) * sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        PlaneLayout layout = epilogue.Layout;
        for (int item = first; item < last; item++)
        {
            _strips.Item(item, out int channel, out int channels, out int start, out int pixels, out int end);
            Span<float> scratch = state.ScratchFloats(thread), work = scratch[(2 * Strips.Channels * _strips.MaxPixels)..];
            Span<float> mean = scratch[..(Strips.Channels * pixels)], block = scratch.Slice(Strips.Channels * _strips.MaxPixels, mean.Length);
            for (int g = 0; g < _groups; g++)
            {
                int from = channel + g * epilogue.Channels;
                Span<float> rows = g == 0 ? mean : block;
                for (int c = 0; c < channels; c++)
                {
                    for (int at = 0; at < pixels; at += layout.Pitch)
                    {
                        Span<float> row = rows.Slice(c * pixels + at, layout.Pitch);
                        source.Fill(state, from + c, (start + at) / layout.Pitch, row[..layout.Width], work);
                        row[layout.Width..].Clear();
                    }
                }

                sourceEpilogue.Finish(state, from, channels, start, pixels, end, rows);
                if (g > 0)
                {
                    state.Kernels.Add(mean[..(channels * pixels)], block);
                }
            }

            state.Kernels.Scale(mean[..(channels * pixels)], 1f / _groups);
            for (int c = 0; c < channels; c++)
            {
                epilogue.Apply(state, channel, c, start, pixels, mean.Slice(c * pixels, pixels), block);
            }

            epilogue.Finish(state, channel, channels, start, pixels, end, block);
        }
    }
}
