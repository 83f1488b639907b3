namespace Microsoft.ML.Binary.Graph;

/// <summary>Copies of graphs and nodes that own their parameters.</summary>
internal static class GraphCopy
{
    /// <summary>A graph of the same nodes with parameters of its own.</summary>
    public static DenseGraph Copy(this DenseGraph graph) => new([.. graph.Nodes.Select(WithOwnParameters)], graph.Outputs);

    /// <summary>The same node with parameters of its own. One-bit weights are immutable and shared.</summary>
    public static Node WithOwnParameters(this Node node) => node.WithParameters(parameter => parameter.Copy());
}
