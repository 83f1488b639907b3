using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>How a real-valued convolution is done.</summary>
/// <param name="IsDepthwise">Whether each output channel reads one input channel only.</param>
/// <param name="Weights">Packed as <see cref="FloatWeights"/> say; of a depthwise one [output channel, tap].</param>
/// <param name="Bias">[output channel], in whole groups of <see cref="FloatConvolution.Outputs"/>.</param>
internal sealed record RealKernel(bool IsDepthwise, float[] Weights, float[] Bias)
{
    public long WeightBytes => (long)(Weights.Length + Bias.Length) * sizeof(float);
}

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

/// <summary>A depthwise convolution with all that follows it: each output channel reads one input channel.</summary>
/// <param name="name">The node.</param>
/// <param name="epilogue">What follows.</param>
/// <param name="offsets">[output channel, tap].</param>
/// <param name="kernel">Weights and bias.</param>
internal sealed class DepthwiseConvolutionStep(string name, Epilogue epilogue, int[] offsets, RealKernel kernel) : PlanStep(name)
{
    private readonly int _taps = offsets.Length / epilogue.Channels;
    private readonly Strips _strips = Strips.OfTiles(epilogue.Layout, epilogue.Channels, tiles: 4);

    public override int Items => _strips.Items;

    public override long ScratchBytes => (long)Strips.Channels * _strips.MaxPixels * sizeof(float);

    public override long Macs => (long)_taps * epilogue.Channels * epilogue.Layout.Height * epilogue.Layout.Width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        for (int item = first; item < last; item++)
        {
            _strips.Item(item, out int channel, out int channels, out int start, out int pixels, out int end);
            Span<float> block = state.ScratchFloats(thread)[..(Strips.Channels * pixels)];
            for (int c = 0; c < channels; c++)
            {
                Span<float> row = block.Slice(c * pixels, pixels);
                int at = (channel + c) * _taps;
                state.Kernels.ConvolveDepthwise(
                    state.Floats(start * sizeof(float)), offsets.AsSpan(at, _taps), kernel.Weights.AsSpan(at, _taps), kernel.Bias[channel + c], row);
                epilogue.Apply(state, channel, c, start, pixels, row, block);
            }

            epilogue.Finish(state, channel, channels, start, pixels, end, block);
        }
    }
}
