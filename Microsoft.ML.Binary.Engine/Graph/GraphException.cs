namespace Microsoft.ML.Binary.Graph;

/// <summary>A graph that cannot be built, or a node that some reader of the graph cannot handle.</summary>
/// <example>
/// <code>
/// try
/// {
///     DenseGraph graph = new([new ImageInput("image"), new Concat("both", [0, 2])], [new(DenseGraph.LogitsOutput, Node: 1)]);
/// }
/// catch (GraphException e)
/// {
///     Console.WriteLine(e.Message);                                       // Node 'both': input 2 does not come before it (it is node 1).
/// }
/// </code>
/// </example>
public sealed class GraphException : Exception
{
    /// <summary>Makes the exception for one node.</summary>
    public GraphException(string node, string problem)
        : base($"Node '{node}': {problem}.") => Node = node;

    /// <summary>The name of the node (or of its parameter).</summary>
    public string Node { get; }
}
