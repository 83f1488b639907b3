using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>Lays a head's keys and values out as the weights that the kernels of <see cref="AttentionStep"/> read.</summary>
internal sealed class AttentionPackStep(
    string name, AttentionShape shape, MapView keys, MapView values, PlanBuffer keyWeights, PlanBuffer valueWeights) : PlanStep(name)
{
    private readonly int[] _keys = keys.Offsets(), _values = values.Offsets();

    public override int Items => shape.Heads;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        for (int head = first; head < last; head++)
        {
            if (shape.IsPacked)
            {
                PackSigns(state, head, state.Bytes(keyWeights.Offset + head * shape.KeyWeights, shape.KeyWeights));
            }
            else
            {
                Span<float> weights = state.Floats(keyWeights.Offset + head * shape.KeyWeights * sizeof(float), shape.KeyWeights);
                weights.Clear();
                for (int c = 0; c < shape.KeyDepth; c++)
                {
                    ReadOnlySpan<float> plane = state.Floats(_keys[head * shape.KeyDepth + c], shape.Tokens.Length);
                    for (int t = 0; t < shape.TokenCount; t++)
                    {
                        weights[((t >> 2) * shape.KeyDepth + c) * 4 + (t & 3)] = plane[shape.TokenOffset(t)];
                    }
                }
            }

            Span<float> rows = state.Floats(valueWeights.Offset + head * shape.ValueWeights * sizeof(float), shape.ValueWeights);
            rows.Clear();
            for (int c = 0; c < shape.ValueDepth; c++)
            {
                ReadOnlySpan<float> plane = state.Floats(_values[head * shape.ValueDepth + c], shape.Tokens.Length);
                for (int t = 0; t < shape.TokenCount; t++)
                {
                    rows[((c >> 2) * shape.TokenCount + t) * 4 + (c & 3)] = plane[shape.TokenOffset(t)];
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackSigns(RunState state, int head, Span<byte> weights)
    {
        weights.Clear();
        for (int s = 0; s < shape.KeySteps; s++)
        {
            ReadOnlySpan<byte> plane = state.Bytes(_keys[head * shape.KeySteps + s], shape.Tokens.Length);
            for (int t = 0; t < shape.TokenCount; t++)
            {
                weights[((t >> 2) * shape.KeySteps + s) * 4 + (t & 3)] = (byte)(plane[shape.TokenOffset(t)] << 4);
            }
        }
    }
}
