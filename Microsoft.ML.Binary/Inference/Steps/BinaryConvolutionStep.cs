using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>A binary convolution with all that follows it.</summary>
/// <typeparam name="TWeight">See <see cref="NibbleDotKernel{TWeight}"/>.</typeparam>
internal sealed class BinaryConvolutionStep<TWeight>(
    string name, Epilogue epilogue, NibbleDotKernel<TWeight> kernel, int[] offsets, TWeight[] weights, int products) : PlanStep(name)
    where TWeight : unmanaged
{
    private readonly Strips _strips = Strips.OfTiles(epilogue.Layout, epilogue.Channels, tiles: 2);

    private readonly CountThresholds[]? _thresholds = epilogue.CountThresholds(products);

    public override int Items => _strips.Items;

    public override int ScratchBytes => Strips.Channels * _strips.MaxPixels * (sizeof(float) + sizeof(ushort));

    public override long Macs => (long)products * epilogue.Channels * epilogue.Layout.Height * epilogue.Layout.Width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        for (int item = first; item < last; item++)
        {
            _strips.Item(item, out int channel, out int channels, out int start, out int pixels, out int end);
            int outputs = 4 * NibbleWeights.Groups(channels), steps = offsets.Length;
            Span<float> block = state.ScratchFloats(thread)[..(Strips.Channels * pixels)];
            Span<ushort> counts = MemoryMarshal.Cast<byte, ushort>(state.Scratch(thread)[(sizeof(float) * block.Length)..])[..(outputs * pixels)];
            kernel(state.Bytes(start), offsets, weights.AsSpan(channel * steps, outputs * steps), counts);

            if (_thresholds is not null)
            {
                epilogue.Finish(state, channel, channels, start, end, counts, _thresholds);
                continue;
            }

            for (int c = 0; c < channels; c++)
            {
                epilogue.Apply(state, channel, c, start, pixels, new DotRow(counts.Slice(c * pixels, pixels), products), block);
            }

            epilogue.Finish(state, channel, channels, start, pixels, end, block);
        }
    }
}
