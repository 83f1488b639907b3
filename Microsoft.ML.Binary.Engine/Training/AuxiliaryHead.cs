using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// Deep supervision (Lee et al., arXiv 1409.5185; in this form the auxiliary loss of PSPNet, arXiv 1612.01105): while training, a classifier
/// of its own on the last map of the largest stride learns the same masks, so that gradients reach the encoder on a short way too.
/// </summary>
internal static class AuxiliaryHead
{
    /// <summary>The output that the head adds: logits like the network's own.</summary>
    public const string Output = "auxiliary logits";

    /// <summary>The node whose map the head reads.</summary>
    /// <exception cref="ArgumentException">The graph has no real-valued map at its largest stride, or that is 1.</exception>
    public static int Find(DenseGraph graph)
    {
        int deepest = Enumerable.Range(0, Classifier.Find(graph, graph.Logits)).LastOrDefault(
            i => graph.Types[i].Stride == graph.Alignment && graph.Types[i] is { Stride: > 1, IsReal: true, Reduction: 1 }, defaultValue: -1);
        return deepest >= 0 ? deepest : throw new ArgumentException(
            $"The network has no real-valued map of stride {graph.Alignment} in front of its classifier that deep supervision could use; turn it off.", nameof(graph));
    }

    /// <summary>The graph with a head after its nodes; it shares the graph's parameters.</summary>
    /// <exception cref="ArgumentException">The graph has no real-valued map at its largest stride, or that is 1.</exception>
    public static DenseGraph Attach(DenseGraph graph, long seed)
    {
        int deepest = Find(graph);
        List<Node> nodes = [.. graph.Nodes, Classifier.Create("auxiliary/classifier", deepest, graph.Types[deepest].Channels, graph.LogitChannels, seed)];
        for (int stride = graph.Types[deepest].Stride; stride > 1;)
        {
            int factor = stride % 4 == 0 ? 4 : 2;
            stride /= factor;
            nodes.Add(new Upsample($"auxiliary/enlarge{stride}", [nodes.Count - 1], factor, UpsampleMode.Bilinear));
        }

        return new([.. nodes], [.. graph.Outputs, new GraphOutput(Output, nodes.Count - 1)]);
    }
}
