using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>A real-valued convolution with all that follows it.</summary>
internal sealed class FloatConvolutionStep(
    string name, Epilogue epilogue, int[] offsets, RealKernel kernel, bool exact) : PlanStep(name)
{
    private readonly Strips _strips = Strips.OfTiles(epilogue.Layout, epilogue.Channels, tiles: 2);

    public override int Items => _strips.Items;

    public override long ScratchBytes => (long)Strips.Channels * _strips.MaxPixels * sizeof(float);

    public override long Macs => (long)offsets.Length * epilogue.Channels * epilogue.Layout.Height * epilogue.Layout.Width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        for (int item = first; item < last; item++)
        {
            _strips.Item(item, out int channel, out int channels, out int start, out int pixels, out int end);
            Span<float> block = state.ScratchFloats(thread)[..(Strips.Channels * pixels)];
            int steps = offsets.Length;
            for (int c = 0; c < channels; c += FloatConvolution.Outputs)
            {
                Span<float> rows = block.Slice(c * pixels, FloatConvolution.Outputs * pixels);
                state.Kernels.Convolve(
                    state.Floats(start * sizeof(float)), offsets, kernel.Weights.AsSpan(steps * (channel + c), steps * FloatConvolution.Outputs),
                    kernel.Bias.AsSpan(channel + c, FloatConvolution.Outputs), rows, exact);
                for (int row = 0; row < Math.Min(FloatConvolution.Outputs, channels - c); row++)
                {
                    epilogue.Apply(state, channel, c + row, start, pixels, rows.Slice(row * pixels, pixels), block);
                }
            }

            epilogue.Finish(state, channel, channels, start, pixels, end, block);
        }
    }
}
