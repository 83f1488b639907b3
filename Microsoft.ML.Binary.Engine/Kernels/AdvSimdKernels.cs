using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>The kernels that ARM64 does in a way of its own.</summary>
internal sealed unsafe class AdvSimdKernels : LaneKernels<Lanes128>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void CountMismatches(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<byte> weights, Span<ushort> counts)
    {
        int steps = offsets.Length, outputs = weights.Length / steps;
        fixed (byte* a = activations, w = weights)
        fixed (int* o = offsets)
        fixed (ushort* c = counts)
        {
            BitCountDot.Run(a, o, steps, w, outputs, c, counts.Length / outputs);
        }
    }
}
