using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>A binary convolution with all that follows it.</summary>
internal sealed class BinaryConvolutionStep(
    string name, Epilogue epilogue, NibbleDotKernel<byte> kernel, int[] offsets, byte[] weights, int products) : PlanStep(name)
{
    private readonly Strips _strips = Strips.OfTiles(epilogue.Layout, epilogue.Channels, tiles: 2);

    private readonly CountThresholds[]? _thresholds = epilogue.CountThresholds(products);

    public override int Items => _strips.Items;

    public override int ScratchBytes => 4 * _strips.MaxPixels * (sizeof(float) + sizeof(ushort));

    public override long Macs => (long)products * epilogue.Channels * epilogue.Layout.Height * epilogue.Layout.Width;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        for (int item = first; item < last; item++)
        {
            _strips.Item(item, out int group, out int start, out int pixels, out int end);
            Span<float> block = MemoryMarshal.Cast<byte, float>(state.Scratch(thread))[..(4 * pixels)];
            Span<ushort> counts = MemoryMarshal.Cast<byte, ushort>(state.Scratch(thread)[(16 * pixels)..])[..(4 * pixels)];
            kernel(state.Bytes(start), offsets, NibbleWeights.OfGroup(weights, group, offsets.Length), counts);

            if (_thresholds is not null)
            {
                epilogue.Finish(state, group, start, end, counts, _thresholds);
                continue;
            }

            for (int c = 4 * group; c < Math.Min(4 * group + 4, epilogue.Channels); c++)
            {
                epilogue.Apply(state, c, start, pixels, new DotRow(counts.Slice((c & 3) * pixels, pixels), products), block);
            }

            epilogue.Finish(state, group, start, pixels, end, block);
        }
    }
}
