namespace Microsoft.ML.Binary.Graph;

/// <summary>Counts what a graph costs, from its nodes and shapes alone; nothing is run.</summary>
/// <example>
/// <code>
/// GraphCost cost = CostModel.Measure(network.Graph, height: 360, width: 480);
/// Console.WriteLine($"{cost.Macs.Weighted / 1e6:F0} million multiply-accumulates, {cost.OneBitParameters} one-bit weights");
/// </code>
/// </example>
public static class CostModel
{
    /// <summary>The cost for an image of the given size, padded to the graph's alignment.</summary>
    /// <param name="graph">A trainable or frozen graph. Freezing saves parameters and channel-wise nodes, and leaves the multiply-accumulates, but for those of the noise of a
    /// pointwise bottleneck (<see cref="Networks.TaskBottleneck.Pointwise"/>), which is there for training alone.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    public static GraphCost Measure(DenseGraph graph, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (height, width) = graph.PaddedSize(height, width);
        Counter counter = new(graph, height, width);
        IEnumerable<int> nodes = Enumerable.Range(0, graph.Nodes.Length);
        return new GraphCost(
            height, width,
            [.. nodes.Select(counter.Cost)],
            [.. nodes.Where(i => graph.Nodes[i] is ReducedAttention).Select(counter.Attention)]);
    }

    private sealed class Counter(DenseGraph graph, int height, int width)
    {
        public NodeCost Cost(int index)
        {
            Node node = graph.Nodes[index];
            (int rows, int columns) = graph.Types[index].SizeAt(height, width);
            long oneBit = OneBitParameters(node), real = node.Parameters.Sum(p => IsPacked(node, p) ? 0L : p.Values.Length);
            long bytes = MapBytes(index) + node.Inputs.Sum(MapBytes) + Bytes(oneBit, 1) + Bytes(real, FeatureType.RealBits);
            return new NodeCost(
                node.Name, NodeKind.Of(node).Tag, graph.Types[index].Channels, rows, columns, Macs(index), oneBit, real, bytes);
        }

        public AttentionCost Attention(int index)
        {
            Node node = graph.Nodes[index];
            (int query, int key, int value) = (node.Inputs[0], node.Inputs[1], node.Inputs[2]);
            long queries = Pixels(query), keys = Pixels(key);
            int?[] onQueries = [ProjectionBefore(query), ProjectionAfter(index)], onKeys = [ProjectionBefore(key), ProjectionBefore(value)];
            MacCount projections = Sum(onQueries) + Sum(onKeys);
            return new AttentionCost(
                node.Name, (int)queries, (int)keys,
                Scores(node), Mixing(node), projections,
                new(queries * queries * graph.Types[query].Channels, 0),
                new(queries * queries * graph.Types[value].Channels, 0),
                new(Sum(onQueries).Total + Sum(onKeys).Total / keys * queries, 0));
        }

        private MacCount Macs(int index) => graph.Nodes[index] switch
        {
            ReducedAttention node => Scores(node) + Mixing(node),
            SqueezeExcitation node => new(node.Squeeze.Values.Length + node.Excite.Values.Length, 0),
            Node node => node.MacsPerPixel.Times(Pixels(index)),
        };

        private MacCount Scores(Node attention)
        {
            (int query, int key) = (attention.Inputs[0], attention.Inputs[1]);
            return MacCount.Of(Pixels(query) * Pixels(key) * graph.Types[query].Channels, graph.Types[query].IsSign);
        }

        private MacCount Mixing(Node attention) =>
            new(Pixels(attention.Inputs[0]) * Pixels(attention.Inputs[2]) * graph.Types[attention.Inputs[2]].Channels, 0);

        private MacCount Sum(ReadOnlySpan<int?> nodes)
        {
            MacCount sum = default;
            foreach (int? node in nodes)
            {
                sum += node is int index ? Macs(index) : default;
            }

            return sum;
        }

        private int? ProjectionBefore(int index)
        {
            while (IsChannelWise(graph.Nodes[index]))
            {
                index = graph.Nodes[index].Inputs[0];
            }

            return IsProjection(graph.Nodes[index]) ? index : null;
        }

        private int? ProjectionAfter(int index)
        {
            for (int i = index + 1; i < graph.Nodes.Length; i++)
            {
                if (graph.Nodes[i].Inputs.Contains(index))
                {
                    if (IsProjection(graph.Nodes[i]))
                    {
                        return i;
                    }

                    if (!IsChannelWise(graph.Nodes[i]))
                    {
                        return null;
                    }

                    index = i;
                }
            }

            return null;
        }

        private static bool IsProjection(Node node) => node is Convolution or LowBitConvolution;

        private static bool IsChannelWise(Node node) => node is Affine or AdaptiveShift or BatchNorm or Sign or ActivationLevels or RPReLU or Gate;

        private long Pixels(int index)
        {
            (int rows, int columns) = graph.Types[index].SizeAt(height, width);
            return (long)rows * columns;
        }

        private long MapBytes(int index) => Bytes(Pixels(index) * graph.Types[index].Channels, graph.Types[index].Bits);

        private static long Bytes(long values, int bits) => (values * bits + 7) / 8;

        // Weights of few bits count as what they are once frozen.
        private static bool IsPacked(Node node, Parameter parameter) =>
            parameter.Role is ParameterRole.LatentSign or ParameterRole.Architecture || (node is SearchConvolution search && parameter == search.Weight);

        private static long OneBitParameters(Node node) => (node as LowBitConvolution)?.WeightBits ?? 0;
    }
}
