namespace Microsoft.ML.Binary.Graph;

/// <summary>Which part of an image decides about a pixel of a network's result.</summary>
/// <param name="Radius">Pixels in each direction, beyond which nothing has an influence by way of windows and resampling; an upper bound.</param>
/// <param name="IsGlobal">Whether there are attention or means over the whole map besides, by which every pixel has an influence on all others.</param>
/// <example>
/// <code>
/// ReceptiveField field = ReceptiveField.Of(network.Graph);
/// Console.WriteLine(field.IsGlobal ? "attention looks at the whole image" : $"a pixel's class depends on {field.Radius} pixels around it");
/// </code>
/// </example>
public readonly record struct ReceptiveField(int Radius, bool IsGlobal)
{
    /// <summary>The receptive field of a graph's outputs; of several the largest.</summary>
    public static ReceptiveField Of(DenseGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);

        // How far what a cell of a map depends on reaches beyond the pixels of the image that the cell covers.
        int[] reach = new int[graph.Nodes.Length];
        for (int i = 0; i < reach.Length; i++)
        {
            Node node = graph.Nodes[i];
            reach[i] = node.Inputs.Select(input => reach[input] + Growth(node, graph.Types[input].Stride, graph.Types[i].Stride)).DefaultIfEmpty(0).Max();
        }

        bool isGlobal = graph.NodesOf([.. graph.Outputs.Select(output => output.Node)]).Any(i => graph.Nodes[i] is ReducedAttention or TokenSample or SqueezeExcitation or AdaptiveShift);
        return new(graph.Outputs.Max(output => reach[output.Node]), isGlobal);
    }

    private static int Growth(Node node, int from, int to) => node switch
    {
        // Of a strided window the last tap lies in the last cell that its output covers.
        Convolution n => n.Geometry.Padding * from,
        LowBitConvolution n => n.Geometry.Padding * from,

        // A cell lies in the cell that it comes from, and bilinear weights reach into its neighbours.
        Upsample { Mode: UpsampleMode.Bilinear } => 2 * from - to,
        Upsample or PixelShuffle => from - to,
        _ => 0,
    };
}
