using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>A real-valued convolution with all that follows it.</summary>
internal sealed class FloatConvolutionStep(
    string name, Epilogue epilogue, int[] offsets, float[] weights, float[] bias, bool exact) : PlanStep(name)
{
    private readonly Strips _strips = Strips.OfTiles(epilogue.Layout, epilogue.Channels, tiles: 2);

    public override int Items => _strips.Items;

    public override int ScratchBytes => 4 * _strips.MaxPixels * sizeof(float);

    public override long Macs => (long)offsets.Length * epilogue.Channels * epilogue.Layout.Height * epilogue.Layout.Width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        for (int item = first; item < last; item++)
        {
            _strips.Item(item, out int group, out int start, out int pixels, out int end);
            Span<float> block = state.ScratchFloats(thread)[..(4 * pixels)];
            int steps = offsets.Length;
            FloatConvolution.Run(
                state.Floats(start * sizeof(float)), offsets, weights.AsSpan(4 * steps * group, 4 * steps), bias.AsSpan(4 * group, 4), block, exact);
            for (int c = 4 * group; c < Math.Min(4 * group + 4, epilogue.Channels); c++)
            {
                epilogue.Apply(state, c, start, pixels, new RealRow(block.Slice((c & 3) * pixels, pixels)), block);
            }

            epilogue.Finish(state, group, start, pixels, end, block);
        }
    }
}
