using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>Splits planes into the four phases that a strided convolution reads: plane 4 i + phase from plane i.</summary>
/// <typeparam name="T">Byte for nibble planes, float for real ones.</typeparam>
internal sealed class PhaseSplitStep<T>(string name, MapView source, PlanBuffer target) : PlanStep(name) where T : unmanaged
{
    private readonly int[] _source = source.Offsets();

    public override int Items => target.Planes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        for (int plane = first; plane < last; plane++)
        {
            PhaseSplit.Run<T>(
                state.Kernels, Plane(state, _source[plane / 4], source.Layout), source.Layout, plane % 4,
                Plane(state, target.PlaneOffset(plane), target.Layout), target.Layout);
        }
    }

    private static unsafe Span<T> Plane(RunState state, int offset, PlaneLayout layout) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(state.Bytes(offset, layout.Length * sizeof(T)));
}
