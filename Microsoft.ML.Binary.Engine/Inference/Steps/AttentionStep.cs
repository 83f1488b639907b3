using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// Reduced attention of one head for a tile of queries: dot products with every token, softmax over the tokens, weighted sum of values.
/// Queries lie side by side in registers; every sum over tokens or channels runs in order.
/// </summary>
internal sealed class AttentionStep : PlanStep
{
    private const int Tile = PlaneLayout.Tile;
    private static readonly float[] s_noBias = new float[FloatConvolution.Outputs];

    private readonly ReducedAttention _node;
    private readonly AttentionShape _shape;
    private readonly PlanBuffer _keys, _values, _target;
    private readonly int[] _queries, _rows;
    private readonly float[] _tokenRows, _tokenColumns;
    private readonly bool _exact;

    public AttentionStep(
        ReducedAttention node, AttentionShape shape, MapView queries, PlanBuffer keys, PlanBuffer values, PlanBuffer target, bool exact)
        : base(node.Name)
    {
        (_node, _shape, _keys, _values, _target, _exact) = (node, shape, keys, values, target, exact);
        int origin = shape.Queries.Origin;
        _queries = [.. queries.Offsets().Select(offset => shape.IsPacked ? offset + origin : offset / sizeof(float) + origin)];
        _rows = [.. Enumerable.Range(0, shape.TokenCount).Select(t => t * Tile)];
        _tokenRows = [.. Enumerable.Range(0, shape.TokenCount).Select(
            t => (float)TokenSample.SourceIndex(t / shape.Tokens.Width, shape.Tokens.Height, shape.Queries.Height))];
        _tokenColumns = [.. Enumerable.Range(0, shape.TokenCount).Select(
            t => (float)TokenSample.SourceIndex(t % shape.Tokens.Width, shape.Tokens.Width, shape.Queries.Width))];
    }

    public override int Items => _shape.Heads * (_shape.Queries.Extent / Tile);

    // Logits of all tokens, a block of four rows, sums, rows and columns of the queries.
    public override long ScratchBytes => (_shape.Logits + (4 + 3) * Tile) * sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        Span<float> scratch = state.ScratchFloats(thread);
        Span<float> logits = scratch[..(4 * _shape.TokenGroups * Tile)];
        Span<float> block = scratch.Slice(logits.Length, 4 * Tile);
        Span<float> sums = scratch.Slice(logits.Length + 4 * Tile, Tile);
        Span<float> rows = scratch.Slice(logits.Length + 5 * Tile, Tile), columns = scratch.Slice(logits.Length + 6 * Tile, Tile);
        for (int item = first; item < last; item++)
        {
            int head = item % _shape.Heads, start = item / _shape.Heads * Tile;
            for (int p = 0; p < Tile; p++)
            {
                (rows[p], columns[p]) = ((start + p) / _shape.Queries.Pitch, (start + p) % _shape.Queries.Pitch);
            }

            for (int group = 0; group < _shape.TokenGroups; group++)
            {
                Dots(state, head, start, group, block, logits.Slice(4 * group * Tile, 4 * Tile));
            }

            for (int t = 0; t < _shape.TokenCount; t++)
            {
                state.Kernels.AttentionLogits(
                    logits.Slice(t * Tile, Tile), rows, columns, _tokenRows[t], _tokenColumns[t],
                    _node.Temperature.Values[head], _node.Slope.Values[head]);
            }

            state.Kernels.Softmax(logits[..(_shape.TokenCount * Tile)], sums);
            WeightedValues(state, head, start, logits, block, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Dots(RunState state, int head, int start, int group, Span<float> block, Span<float> dots)
    {
        int steps = _shape.KeySteps, at = head * _shape.KeyWeights + 4 * steps * group;
        ReadOnlySpan<int> queries = _queries.AsSpan(head * steps, steps);
        if (!_shape.IsPacked)
        {
            state.Kernels.Convolve(
                state.Floats(start * sizeof(float)), queries, state.Floats(_keys.Offset + at * sizeof(float), 4 * steps), s_noBias, dots, _exact);
            return;
        }

        Span<ushort> counts = MemoryMarshal.Cast<float, ushort>(block)[..(4 * Tile)];
        state.Kernels.CountMismatches(state.Bytes(start), queries, state.Bytes(_keys.Offset + at, 4 * steps), counts);
        state.Kernels.ToDots(counts, _shape.KeyDepth, dots);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WeightedValues(RunState state, int head, int start, Span<float> weights, Span<float> block, Span<float> sums)
    {
        int tokens = _shape.TokenCount;
        for (int group = 0; group < _shape.ValueGroups; group++)
        {
            int at = _values.Offset + (head * _shape.ValueWeights + 4 * tokens * group) * sizeof(float);
            state.Kernels.Convolve(weights, _rows, state.Floats(at, 4 * tokens), s_noBias, block, _exact);
            for (int c = 4 * group; c < Math.Min(4 * group + 4, _shape.ValueDepth); c++)
            {
                Span<float> row = block.Slice((c & 3) * Tile, Tile);
                state.Kernels.Divide(row, sums);
                PlaneLayout layout = _target.Layout;
                row.CopyTo(state.Floats(_target.PlaneOffset(head * _shape.ValueDepth + c) + (layout.Origin + start) * sizeof(float), Tile));
            }
        }

        if (_target.HasBorder)
        {
            for (int c = head * _shape.ValueDepth; c < (head + 1) * _shape.ValueDepth; c++)
            {
                _target.Layout.ClearBorder(state.Floats(_target.PlaneOffset(c), _target.Layout.Length), start, start + Tile);
            }
        }
    }
}

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
                PackReals(state, head, state.Floats(keyWeights.Offset + head * shape.KeyWeights * sizeof(float), shape.KeyWeights));
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

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void PackReals(RunState state, int head, Span<float> weights)
    {
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

/// <summary>
/// How attention maps onto the convolution kernels: a token is an output channel of Q K^T, whose steps are key channels (packed: groups
/// of four), and a step of A V, whose output channels are value channels.
/// </summary>
/// <param name="Heads">Number of heads.</param>
/// <param name="KeyDepth">Key channels of a head.</param>
/// <param name="ValueDepth">Value channels of a head.</param>
/// <param name="Queries">The full token grid.</param>
/// <param name="Tokens">The reduced token grid.</param>
/// <param name="IsPacked">Whether queries and keys are nibble planes.</param>
internal sealed record AttentionShape(int Heads, int KeyDepth, int ValueDepth, PlaneLayout Queries, PlaneLayout Tokens, bool IsPacked)
{
    public int TokenCount => Tokens.Height * Tokens.Width;

    public int TokenGroups => NibbleWeights.Groups(TokenCount);

    public int ValueGroups => NibbleWeights.Groups(ValueDepth);

    /// <summary>Steps of a dot product.</summary>
    public int KeySteps => IsPacked ? KeyDepth / 4 : KeyDepth;

    /// <summary>Elements (bytes or floats) of a head's keys, as weights.</summary>
    public int KeyWeights => TokenGroups * KeySteps * 4;

    /// <summary>Floats of a head's values, as weights.</summary>
    public int ValueWeights => ValueGroups * TokenCount * 4;

    /// <summary>Elements of the keys of all heads, as weights.</summary>
    public long AllKeyWeights => 4L * Heads * TokenGroups * KeySteps;

    /// <summary>Floats of the values of all heads, as weights.</summary>
    public long AllValueWeights => 4L * Heads * ValueGroups * TokenCount;

    /// <summary>Floats of the logits of a tile of queries.</summary>
    public long Logits => 4L * TokenGroups * PlaneLayout.Tile;

    /// <summary>Offset of a token in a plane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TokenOffset(int token) => Tokens.Offset(token / Tokens.Width, token % Tokens.Width);
}
