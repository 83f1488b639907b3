namespace Microsoft.ML.Binary.Graph;

/// <summary>A graph that cannot be built, or a node that some reader of the graph cannot handle.</summary>
public sealed class GraphException : Exception
{
    /// <summary>Makes the exception for one node.</summary>
    public GraphException(string node, string problem)
        : base($"Node '{node}': {problem}.") => Node = node;

    /// <summary>The name of the node (or of its parameter).</summary>
    public string Node { get; }
}
