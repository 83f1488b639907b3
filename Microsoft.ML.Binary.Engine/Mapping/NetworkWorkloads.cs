using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>
/// The layers of a network that an accelerator's multipliers work on: convolutions, and the two products of attention for each head. What
/// lies between them (signs, affine maps, sums, resampling) is not counted, as in arXiv 2404.05368.
/// </summary>
/// <example>
/// <code>
/// foreach (Workload layer in NetworkWorkloads.Of(network.Graph, height: 360, width: 480))
/// {
///     Console.WriteLine($"{layer.Name}: {layer.Macs} multiply-accumulates, {layer.Bits} bits");
/// }
/// </code>
/// </example>
public static class NetworkWorkloads
{
    /// <summary>Bits that a real value counts as, where nothing else is said.</summary>
    public const int RealBits = 16;

    /// <summary>
    /// The layers in the order of the graph. One-bit weights and maps of signs count one bit, levels and wider weights theirs, all other values <see cref="RealBits"/>; partial
    /// sums take 16 bits.
    /// </summary>
    /// <param name="graph">A trainable or frozen graph.</param>
    /// <param name="height">Rows of the image, at least 1; padded to the graph's alignment.</param>
    /// <param name="width">Columns of the image.</param>
    public static ImmutableArray<Workload> Of(DenseGraph graph, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        (height, width) = graph.PaddedSize(height, width);
        return [.. Enumerable.Range(0, graph.Nodes.Length).SelectMany(Layers)];

        IEnumerable<Workload> Layers(int index)
        {
            Node node = graph.Nodes[index];
            (int rows, int columns) = graph.Types[index].SizeAt(height, width);
            switch (node)
            {
                case Convolution n:
                    yield return Convolution(node, n.Geometry, n.Weight.Shape[1], n.Weight.Shape[0] / n.Groups, n.Groups, RealBits);
                    break;
                case LowBitConvolution n:
                    // A layer of mixed widths is one layer for each width that channels of it have.
                    IGrouping<byte, byte>[] widths = [.. n.Widths.Where(bits => bits > 0).GroupBy(bits => bits).OrderBy(group => group.Key)];
                    foreach (IGrouping<byte, byte> group in widths)
                    {
                        Workload part = Convolution(node, n.Geometry, n.ReadChannels, group.Count(), 1, group.Key);
                        yield return widths.Length == 1 ? part : part with { Name = $"{node.Name}/{group.Key}-bit" };
                    }

                    break;
                case ReducedAttention n:
                    (FeatureType queries, FeatureType keys, FeatureType values) = (graph.Types[n.Inputs[0]], graph.Types[n.Inputs[1]], graph.Types[n.Inputs[2]]);
                    (int keyRows, int keyColumns) = keys.SizeAt(height, width);
                    Workload scores = new()
                    {
                        Name = node.Name + "/QK",
                        C = keys.Channels / n.Heads,
                        M = keyRows * keyColumns,
                        P = rows * columns,
                        Heads = n.Heads,
                        IsProductOfMaps = true,
                        Bits = new BitWidths(Bits(queries), Bits(keys), RealBits),
                    };
                    yield return scores;
                    yield return scores with
                    {
                        Name = node.Name + "/AV",
                        C = scores.M,
                        M = values.Channels / n.Heads,
                        Bits = new BitWidths(RealBits, Bits(values), RealBits),
                    };
                    break;
            }

            Workload Convolution(Node node, ConvolutionGeometry geometry, int inputs, int outputs, int groups, int weightBits) => new()
            {
                Name = node.Name,
                C = inputs,
                M = outputs,
                R = geometry.Kernel,
                S = geometry.Kernel,
                P = columns,
                Q = rows,
                StrideX = geometry.Stride,
                StrideY = geometry.Stride,
                DilationX = geometry.Dilation,
                DilationY = geometry.Dilation,
                Groups = groups,
                Bits = new BitWidths(Bits(graph.Types[node.Inputs[0]]), weightBits, RealBits),
            };
        }
    }

    private static int Bits(FeatureType type) => type.IsReal ? RealBits : type.Bits;
}
