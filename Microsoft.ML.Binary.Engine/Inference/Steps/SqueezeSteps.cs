using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>The mean of every channel of a map.</summary>
internal sealed class ChannelAverageStep(string name, MapView view, PlanBuffer means) : PlanStep(name)
{
    private readonly int[] _offsets = view.Offsets();

    public override int Items => _offsets.Length;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        PlaneLayout layout = view.Layout;
        Span<float> target = state.Floats(means.Offset, _offsets.Length);
        for (int c = first; c < last; c++)
        {
            target[c] = ChannelAverage.Of(state.Floats(_offsets[c] + layout.Origin * sizeof(float)), layout.Pitch, layout.Width, layout.Height);
        }
    }
}

/// <summary>The scale of every channel from the means of all.</summary>
internal sealed class ExcitationStep(SqueezeExcitation node, PlanBuffer means, PlanBuffer scales) : PlanStep(node.Name + "/scales")
{
    public override int Items => 1;

    public override long ScratchBytes => (long)node.Hidden * sizeof(float);

    public override long Macs => node.Squeeze.Values.Length + node.Excite.Values.Length;

    public override void Run(RunState state, int thread, int first, int last)
    {
        int channels = node.ExciteBias.Values.Length;
        ChannelExcitation.Run(
            state.Floats(means.Offset, channels), node.Squeeze.Values, node.SqueezeBias.Values, node.Excite.Values, node.ExciteBias.Values,
            state.ScratchFloats(thread)[..node.Hidden], state.Floats(scales.Offset, channels));
    }
}

/// <summary>A map times the scale of each channel.</summary>
internal sealed class ScaledSource(MapView view, PlanBuffer scales) : RowSource
{
    private readonly RealPlanes _planes = new(view);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Fill(RunState state, int channel, int row, Span<float> target, Span<float> scratch) =>
        TensorPrimitives.Multiply(_planes.Row(state, channel, row), state.Floats(scales.Offset)[channel], target);
}

/// <summary>Twice the logistic function of a map.</summary>
internal sealed class GateSource(MapView view) : RowSource
{
    private readonly RealPlanes _planes = new(view);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Fill(RunState state, int channel, int row, Span<float> target, Span<float> scratch)
    {
        state.Kernels.Sigmoid(_planes.Row(state, channel, row), target);
        state.Kernels.Scale(target, 2);
    }
}
