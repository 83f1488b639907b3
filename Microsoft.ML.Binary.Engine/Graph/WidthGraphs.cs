using System.Collections.Immutable;
using System.Numerics.Tensors;

namespace Microsoft.ML.Binary.Graph;

/// <summary>From binary convolutions to those whose widths are searched for, and on to those whose widths are settled.</summary>
/// <example>
/// <code>
/// DenseNetwork trainable = network.Unfreeze();
/// DenseNetwork twoBits = trainable.WithGraph(WidthGraphs.Uniform(trainable.Graph, bits: 2)).Freeze();          // the same weights with two bits; train it before use
/// </code>
/// </example>
public static class WidthGraphs
{
    // By so much behind the others, the share of a width is 0 and gets no gradient.
    internal const float Settled = 1e4f;

    /// <summary>
    /// The graph with every binary and mixed convolution replaced by a <see cref="SearchConvolution"/> of the same weights. The batch norms after them take in the steps of
    /// the widths that channels have, so that it computes the same. The gates of the queries and keys of attention are tied to each other.
    /// </summary>
    /// <param name="graph">A trainable graph with one-bit convolutions (<see cref="Unfreezing"/> makes one of a frozen graph).</param>
    /// <param name="precisions">Ascending widths in bits, of 0, 1, 2, 4 and 8; at least one above 0.</param>
    /// <param name="start">Where gates start.</param>
    /// <param name="keepsPruning">Whether the gates say for good which channels have no bits: those that have none.</param>
    /// <exception cref="GraphException">The graph cannot be searched: it is frozen, has no convolution of signs, or something else than a batch norm reads one.</exception>
    /// <exception cref="ArgumentException">The precisions are not possible, or channels that are to stay without bits have no precision of 0.</exception>
    public static DenseGraph ToSearch(DenseGraph graph, ImmutableArray<byte> precisions, GateStart start = GateStart.Widest, bool keepsPruning = false)
    {
        ArgumentNullException.ThrowIfNull(graph);
        CheckPrecisions(precisions);
        CheckTrainable(graph);
        if (keepsPruning && precisions[0] != 0 && graph.Nodes.OfType<LowBitConvolution>().FirstOrDefault(node => node.Widths.Contains((byte)0)) is { } pruned)
        {
            throw new ArgumentException(
                $"Channels of '{pruned.Name}' have no bits and are to keep that, and the precisions are {string.Join(", ", precisions)}; add 0 to them.", nameof(precisions));
        }

        Dictionary<int, string> ties = Ties(graph);
        Node[] nodes = [.. graph.Nodes.Select(node => node.WithOwnParameters())];
        for (int i = 0; i < nodes.Length; i++)
        {
            if (nodes[i] is LowBitConvolution convolution && WeightOf(convolution) is { } weight)
            {
                ExpectNorms(graph, i);
                if (convolution is not SearchConvolution)
                {
                    QuantizedTensor.Quantize(weight, convolution.Widths, out float[] steps);

                    // New statistics are of nothing that was read.
                    RescaleNorms(nodes, i, (norm, c) => steps[c] > 0 && !norm.IsNew(c) ? steps[c] : 1);
                }

                nodes[i] = new SearchConvolution(
                    convolution.Name, convolution.Inputs, convolution.Geometry, new(weight.Name, ParameterRole.Weight, weight.Shape, weight.Values),
                    Gates(convolution, precisions, start, keepsPruning), precisions, ties.GetValueOrDefault(i))
                {
                    ActivationBits = convolution.ActivationBits,
                };
            }
        }

        return nodes.Any(node => node is SearchConvolution)
            ? new DenseGraph([.. nodes], graph.Outputs)
            : throw new GraphException("(graph)", "it cannot be searched: it has no convolution of signs, whose widths could be chosen (a full-precision twin has none)");
    }

    /// <summary>The trainable graph with one width in every channel of its convolutions of signs, weights as they are.</summary>
    /// <param name="graph">A trainable graph (<see cref="Unfreezing"/> makes one of a frozen graph).</param>
    /// <param name="bits">One of <see cref="ChannelQuantizer.Widths"/>.</param>
    /// <exception cref="GraphException">The graph is frozen.</exception>
    /// <exception cref="ArgumentException">The width is not possible.</exception>
    public static DenseGraph Uniform(DenseGraph graph, byte bits)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (!ChannelQuantizer.Widths.Contains(bits))
        {
            throw new ArgumentException($"A width of {bits} bits is not one of {string.Join(", ", ChannelQuantizer.Widths)}.", nameof(bits));
        }

        CheckTrainable(graph);
        return new([.. graph.Nodes.Select(node => node is LowBitConvolution convolution && WeightOf(convolution) is { } weight
            ? new MixedConvolution(
                node.Name, node.Inputs, convolution.Geometry, new(weight.Name, ParameterRole.LatentSign, weight.Shape, (float[])weight.Values.Clone()),
                [.. Enumerable.Repeat(bits, weight.Shape[0])])
            {
                ActivationBits = convolution.ActivationBits,
            }
            : node.WithOwnParameters())], graph.Outputs);
    }

    /// <summary>
    /// The graph with every <see cref="SearchConvolution"/> replaced by a <see cref="MixedConvolution"/> of the widths that its gates
    /// say. The batch norms after them take in their steps, so that it computes the same. A graph without any is returned unchanged.
    /// </summary>
    /// <exception cref="GraphException">Something else than a batch norm reads a search convolution.</exception>
    public static DenseGraph Settle(DenseGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (!graph.Nodes.Any(node => node is SearchConvolution))
        {
            return graph;
        }

        Node[] nodes = [.. graph.Nodes.Select(node => node.WithOwnParameters())];
        for (int i = 0; i < nodes.Length; i++)
        {
            if (nodes[i] is not SearchConvolution search)
            {
                continue;
            }

            ExpectNorms(graph, i);
            QuantizedTensor.Quantize(search.Weight, search.Bits, out float[] steps);
            Parameter latent = new(search.Weight.Name, ParameterRole.LatentSign, search.Weight.Shape, InRange(search.Weight.Values, steps.Length));
            nodes[i] = new MixedConvolution(search.Name, search.Inputs, search.Geometry, latent, search.Bits) { ActivationBits = search.ActivationBits };
            RescaleNorms(nodes, i, (_, c) => steps[c] > 0 ? 1.0 / steps[c] : 1);
        }

        return new DenseGraph([.. nodes], graph.Outputs);
    }

    /// <summary>What stands for the weights as the gates are.</summary>
    internal static float[] QuantizedWeights(SearchConvolution node)
    {
        QuantizedTensor levels = QuantizedTensor.Quantize(node.Weight, node.Bits, out float[] steps);
        float[] weights = levels.ToFloats();
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] *= steps[i / levels.Products];
        }

        return weights;
    }

    internal static void CheckPrecisions(ImmutableArray<byte> precisions)
    {
        if (precisions.IsDefaultOrEmpty || precisions.Any(p => !ChannelQuantizer.Widths.Contains(p)) || !precisions.SequenceEqual(precisions.Distinct().Order()) || precisions[^1] == 0)
        {
            throw new ArgumentException(
                $"The precisions are {(precisions.IsDefaultOrEmpty ? "none" : string.Join(", ", precisions))}; they must be ascending, of {string.Join(", ", ChannelQuantizer.Widths)} bits, and one of them above 0.", nameof(precisions));
        }
    }

    private static void CheckTrainable(DenseGraph graph)
    {
        if (graph.IsFrozen)
        {
            throw new GraphException("(graph)", "it is frozen, and widths are those of a trainable network; unfreeze it first");
        }
    }

    // The latent weights of a trainable convolution.
    private static Parameter? WeightOf(LowBitConvolution node) => node.Parameters.FirstOrDefault();

    /// <summary>The batch norms that read a convolution.</summary>
    internal static IEnumerable<BatchNorm> NormsAfter(DenseGraph graph, Node convolution)
    {
        int index = graph.Nodes.IndexOf(convolution);
        return graph.Nodes.OfType<BatchNorm>().Where(norm => norm.Inputs[0] == index);
    }

    private static Parameter Gates(LowBitConvolution node, ImmutableArray<byte> precisions, GateStart start, bool keepsPruning)
    {
        ImmutableArray<byte> bits = node.Widths;
        float[] logits = [.. precisions.SelectMany(p => bits.Select(b =>
            keepsPruning && (p == 0) != (b == 0) ? -Settled
            : start == GateStart.Present && precisions.Contains(b) ? (p == b ? 1 : 0)
            : (float)p / precisions[^1]))];
        return new(node.Name + ".gates", ParameterRole.Architecture, [precisions.Length, bits.Length], logits);
    }

    private static void ExpectNorms(DenseGraph graph, int node)
    {
        string? reader = graph.Nodes.FirstOrDefault(n => n.Inputs.Contains(node) && n is not BatchNorm)?.Name ?? graph.Outputs.Where(o => o.Node == node).Select(o => o.Name).FirstOrDefault();
        if (reader is not null)
        {
            throw new GraphException(
                graph.Nodes[node].Name, $"the widths of its channels cannot be searched for: '{reader}' reads it, and only a batch norm takes the step of each width");
        }
    }

    // Powers of two change no level.
    private static float[] InRange(float[] weights, int outputs)
    {
        float[] scaled = (float[])weights.Clone();
        int products = scaled.Length / outputs;
        for (int c = 0; c < outputs; c++)
        {
            Span<float> channel = scaled.AsSpan(c * products, products);
            float largest = Math.Abs(TensorPrimitives.MaxMagnitude<float>(channel)), scale = 1;
            while (largest * scale > 1)
            {
                scale /= 2;
            }

            TensorPrimitives.Multiply(channel, scale, channel);
        }

        return scaled;
    }

    /// <summary>Lets the batch norms after a convolution give what they gave, where what they read becomes so many times as large.</summary>
    private static void RescaleNorms(Node[] nodes, int convolution, Func<BatchNorm, int, double> factorOf)
    {
        foreach (BatchNorm norm in nodes.OfType<BatchNorm>().Where(norm => norm.Inputs[0] == convolution))
        {
            for (int c = 0; c < norm.Mean.Values.Length; c++)
            {
                Rescale(norm, c, factorOf(norm, c));
            }
        }
    }

    // (v - mean) / sqrt(variance + e) is (f v - f mean) / sqrt(f^2 (variance + e)); where the last sum is below e, no variance says it, and gamma does.
    private static void Rescale(BatchNorm norm, int c, double factor)
    {
        double sum = ((double)norm.Variance.Values[c] + BatchNorm.Epsilon) * factor * factor;
        norm.Mean.Values[c] = (float)(norm.Mean.Values[c] * factor);
        norm.Variance.Values[c] = (float)Math.Max(0, sum - BatchNorm.Epsilon);
        norm.Gamma.Values[c] *= sum < BatchNorm.Epsilon ? (float)Math.Sqrt(BatchNorm.Epsilon / sum) : 1;
    }

    /// <summary>Of the convolution that makes the keys of each attention the name of that which makes its queries, where these are two of as many channels.</summary>
    private static Dictionary<int, string> Ties(DenseGraph graph)
    {
        Dictionary<int, string> ties = [];
        foreach (Node attention in graph.Nodes.Where(node => node is ReducedAttention))
        {
            if (ConvolutionBefore(graph, attention.Inputs[0]) is { } query && ConvolutionBefore(graph, attention.Inputs[1]) is { } key && query != key
                && !ties.ContainsKey(query) && !ties.ContainsValue(graph.Nodes[key].Name))
            {
                ties.TryAdd(key, graph.Nodes[query].Name);
            }
        }

        return ties;
    }

    /// <summary>The convolution of signs of which a node is a function channel by channel.</summary>
    internal static int? ConvolutionBefore(DenseGraph graph, int node)
    {
        while (graph.Nodes[node] is Sign or ActivationLevels or AdaptiveShift or BatchNorm or Affine or Gate or RPReLU or TokenSample)
        {
            node = graph.Nodes[node].Inputs[0];
        }

        return graph.Nodes[node] is LowBitConvolution ? node : null;
    }
}
