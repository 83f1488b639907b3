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
