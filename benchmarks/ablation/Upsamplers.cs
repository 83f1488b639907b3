using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Ablation;

/// <summary>Changes of the multi-branch upsamplers, which are the sums of gated branches, a shortcut and the encoder's map.</summary>
internal static class Upsamplers
{
    /// <summary>
    /// Puts the shortcut inside the gates of the branches that interpolate: each becomes gate * (norm + its own enlarged input) instead of one
    /// shortcut, the bilinear one, beside them all. The sub-pixel branch has fewer channels than the shortcut needs and stays as it is.
    /// </summary>
    public static DenseGraph MoveShortcutsInside(DenseGraph graph)
    {
        List<Node> nodes = [];
        int[] moved = new int[graph.Nodes.Length];
        Dictionary<int, int> shortcuts = [];
        foreach (Node merge in graph.Nodes.Where(node => IsMerge(graph, node)))
        {
            // [gates..., shortcut, encoder's map]; the shortcut is a mean over channel groups.
            foreach (int gate in merge.Inputs[..^2].Where(gate => Enlargement(graph, gate) is not null))
            {
                shortcuts[gate] = merge.Inputs[^2];
            }
        }

        for (int i = 0; i < moved.Length; i++)
        {
            if (shortcuts.ContainsValue(i))
            {
                continue;
            }

            Node node = graph.Nodes[i];
            ImmutableArray<int> inputs = [.. node.Inputs.Select(input => moved[input])];
            if (IsMerge(graph, node))
            {
                inputs = inputs.RemoveAt(inputs.Length - 2);
            }
            else if (shortcuts.TryGetValue(i, out int shortcut))
            {
                ChannelMean mean = (ChannelMean)graph.Nodes[shortcut];
                nodes.Add(mean with { Name = node.Name + ".shortcut", Inputs = [Enlarged(nodes, moved, graph, i)] });
                nodes.Add(new Add(node.Name + ".merge", [inputs[0], nodes.Count - 1]));
                inputs = [nodes.Count - 1];
            }

            nodes.Add(node with { Inputs = inputs });
            moved[i] = nodes.Count - 1;
        }

        return new([.. nodes], [.. graph.Outputs.Select(output => output with { Node = moved[output.Node] })]);
    }

    /// <summary>Sets all gate logits; sigmoid of them is where the gates start.</summary>
    public static DenseGraph StartGatesAt(DenseGraph graph, float logit)
    {
        foreach (Gate gate in graph.Nodes.OfType<Gate>())
        {
            Array.Fill(gate.Logit.Values, logit);
        }

        return graph;
    }

    /// <summary>Whether a node is the sum of an upsampler's branches, shortcut and map of the encoder, in this order.</summary>
    public static bool IsMerge(DenseGraph graph, Node node) => node is Add && graph.Nodes[node.Inputs[0]] is Gate;

    /// <summary>The enlargement in front of a gated branch; null for the sub-pixel branch.</summary>
    private static Upsample? Enlargement(DenseGraph graph, int gate)
    {
        Node node = graph.Nodes[gate];
        while (node is Gate or BatchNorm or BinaryConvolution or Convolution or Sign or AdaptiveShift)
        {
            node = graph.Nodes[node.Inputs[0]];
        }

        return node as Upsample;
    }

    /// <summary>The enlarged real-valued map of a branch: there already if the branch is the bilinear one; the nearest one enlarges signs.</summary>
    private static int Enlarged(List<Node> nodes, int[] moved, DenseGraph graph, int gate)
    {
        Upsample enlargement = Enlargement(graph, gate)!;
        if (graph.Nodes[enlargement.Inputs[0]] is not Sign sign)
        {
            return moved[graph.Nodes.IndexOf(enlargement)];
        }

        nodes.Add(enlargement with { Name = enlargement.Name + ".values", Inputs = [moved[sign.Inputs[0]]] });
        return nodes.Count - 1;
    }
}
