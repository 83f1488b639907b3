using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>The shift of every channel: minus its weight times its mean.</summary>
internal sealed class ShiftStep(string name, AdaptiveShift node, PlanBuffer means, PlanBuffer shifts) : PlanStep(name)
{
    public override int Items => 1;

    public override void Run(RunState state, int thread, int first, int last)
    {
        int channels = node.Weight.Values.Length;
        Span<float> target = state.Floats(shifts.Offset, channels);
        TensorPrimitives.Negate(node.Weight.Values, target);
        TensorPrimitives.Multiply(target, state.Floats(means.Offset, channels), target);
    }
}

/// <summary>A map plus the shift of each channel.</summary>
internal sealed class ShiftedSource(MapView view, PlanBuffer shifts) : RowSource
{
    private readonly RealPlanes _planes = new(view);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Fill(RunState state, int channel, int row, Span<float> target, Span<float> scratch) =>
        TensorPrimitives.Add(_planes.Row(state, channel, row), state.Floats(shifts.Offset)[channel], target);
}
