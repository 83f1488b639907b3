using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>An operation that makes a map row by row (resampling, pooling, unpacking), with all that follows it.</summary>
internal sealed class RowStep(string name, Epilogue epilogue, RowSource source) : PlanStep(name)
{
    private const int StripPixels = 512;

    private readonly Strips _strips = Strips.OfRows(epilogue.Layout, epilogue.Channels, StripPixels);

    public override int Items => _strips.Items;

    public override long ScratchBytes => ((long)Strips.Channels * _strips.MaxPixels + source.Scratch) * sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        PlaneLayout layout = epilogue.Layout;
        for (int item = first; item < last; item++)
        {
            _strips.Item(item, out int channel, out int channels, out int start, out int pixels, out int end);
            Span<float> scratch = state.ScratchFloats(thread), block = scratch[..(Strips.Channels * pixels)];
            for (int c = 0; c < channels; c++)
            {
                Span<float> rows = epilogue.IsPlain ? epilogue.Target(state, channel, c, start, pixels, block) : block.Slice(c * pixels, pixels);
                for (int at = 0; at < pixels; at += layout.Pitch)
                {
                    source.Fill(
                        state, channel + c, (start + at) / layout.Pitch, rows.Slice(at, layout.Width), scratch[(Strips.Channels * _strips.MaxPixels)..]);
                    rows[(at + layout.Width)..(at + layout.Pitch)].Clear();
                }

                if (!epilogue.IsPlain)
                {
                    epilogue.Apply(state, channel, c, start, pixels, rows, block);
                }
            }

            epilogue.Finish(state, channel, channels, start, pixels, end, block);
        }
    }
}

/// <summary>Makes one row of one channel.</summary>
/// <param name="scratch">Floats of scratch.</param>
internal abstract class RowSource(long scratch = 0)
{
    public long Scratch => scratch;

    public abstract void Fill(RunState state, int channel, int row, Span<float> target, Span<float> scratch);
}
