using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Ablation;

/// <summary>Takes the real-valued shortcuts around binary convolutions out of a graph; the encoder's maps still reach the upsamplers.</summary>
internal static class Shortcuts
{
    public static DenseGraph Remove(DenseGraph graph)
    {
        ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>();
        int[] moved = new int[graph.Nodes.Length];
        bool[] needed = Needed(graph);
        for (int i = 0; i < moved.Length; i++)
        {
            Node node = graph.Nodes[i];
            ImmutableArray<int> inputs = [.. Kept(graph, node).Select(input => moved[input])];
            if (node is Add && inputs.Length == 1)
            {
                moved[i] = inputs[0];
            }
            else if (needed[i])
            {
                moved[i] = nodes.Count;
                nodes.Add(node with { Inputs = inputs });
            }
        }

        return new(nodes.ToImmutable(), [.. graph.Outputs.Select(output => output with { Node = moved[output.Node] })]);
    }

    /// <summary>What a sum adds but for shortcuts: convolutions, with norm or gate, and the encoder's map, which is an upsampler's last.</summary>
    private static IEnumerable<int> Kept(DenseGraph graph, Node node)
    {
        bool isUpsampler = Upsamplers.IsMerge(graph, node);
        return node is Add
            ? node.Inputs.Where((input, place) => graph.Nodes[input] is BatchNorm or Gate || (isUpsampler && place == node.Inputs.Length - 1))
            : node.Inputs;
    }

    private static bool[] Needed(DenseGraph graph)
    {
        bool[] needed = new bool[graph.Nodes.Length];
        foreach (GraphOutput output in graph.Outputs)
        {
            needed[output.Node] = true;
        }

        for (int i = needed.Length - 1; i >= 0; i--)
        {
            foreach (int input in needed[i] ? Kept(graph, graph.Nodes[i]) : [])
            {
                needed[input] = true;
            }
        }

        return needed;
    }
}
