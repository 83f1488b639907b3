using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// Deep supervision (Lee et al., arXiv 1409.5185; in this form the auxiliary loss of PSPNet, arXiv 1612.01105): while training, a classifier
/// of its own on the deepest map of the network learns the same masks, so that gradients reach the encoder on a short way too.
/// </summary>
internal static class AuxiliaryHead
{
    /// <summary>The output that the head adds: logits like the network's own.</summary>
    public const string Output = "auxiliary logits";

    private const double InitialGain = 0.1;

    /// <summary>The graph with a head behind its nodes; it shares the graph's parameters.</summary>
    /// <exception cref="ArgumentException">The graph has no real-valued map at a stride above 1.</exception>
    public static DenseGraph Attach(DenseGraph graph, long seed)
    {
        int deepest = Enumerable.Range(0, graph.Nodes.Length).LastOrDefault(
            i => graph.Types[i].Stride == graph.Alignment && graph.Types[i] is { Stride: > 1, IsSign: false, Reduction: 1 }, defaultValue: -1);
        if (deepest < 0)
        {
            throw new ArgumentException("The network has no map at a stride above 1 for deep supervision; turn that off.", nameof(graph));
        }

        List<Node> nodes = [.. graph.Nodes, Classifier(graph, deepest, seed)];
        for (int stride = graph.Types[deepest].Stride; stride > 1;)
        {
            int factor = stride % 4 == 0 ? 4 : 2;
            stride /= factor;
            nodes.Add(new Upsample($"auxiliary/enlarge{stride}", [nodes.Count - 1], factor, UpsampleMode.Bilinear));
        }

        return new([.. nodes], [.. graph.Outputs, new GraphOutput(Output, nodes.Count - 1)]);
    }

    private static Convolution Classifier(DenseGraph graph, int input, long seed)
    {
        ImmutableArray<int> shape = [graph.LogitChannels, graph.Types[input].Channels, 1, 1];
        RandomStream random = new(seed);
        double deviation = InitialGain * Math.Sqrt(2.0 / shape[1]);
        float[] weights = [.. Enumerable.Range(0, shape[0] * shape[1]).Select(_ => (float)(deviation * random.NextNormal()))];
        return new(
            "auxiliary/classifier", [input], new(Kernel: 1), Groups: 1,
            new Parameter("auxiliary/classifier.weight", ParameterRole.Weight, shape, weights),
            Parameter.PerChannel("auxiliary/classifier.bias", shape[0], 0));
    }
}
