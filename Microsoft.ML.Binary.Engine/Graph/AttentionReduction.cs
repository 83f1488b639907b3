namespace Microsoft.ML.Binary.Graph;

/// <summary>Changes how far attention reduces keys and values; it needs no training (ToDo, arXiv 2402.13573).</summary>
public static class AttentionReduction
{
    /// <summary>The same graph with every token grid reduced by <paramref name="factor"/> (1..64; 1 is full attention).</summary>
    public static DenseGraph WithAttentionReduction(this DenseGraph graph, int factor) =>
        new([.. graph.Nodes.Select(node => node is TokenSample sample ? sample with { Factor = factor } : node)], graph.Outputs);
}
