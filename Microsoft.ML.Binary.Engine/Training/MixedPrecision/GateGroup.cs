using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>The convolutions that share a set of gates: one, or the queries and keys of attention.</summary>
/// <param name="Nodes">The convolutions; the first has the gates that the others follow.</param>
/// <param name="Shapes">What each of them is for a cost.</param>
/// <param name="Heads">Attention heads, each of which needs a channel; 0 where it feeds none.</param>
internal sealed record GateGroup(ImmutableArray<SearchConvolution> Nodes, ImmutableArray<ConvolutionShape> Shapes, int Heads)
{
    public ImmutableArray<byte> Precisions => Nodes[0].Precisions;

    public int Channels => Nodes[0].Weight.Shape[0];

    /// <summary>The logits that decide.</summary>
    public float[] Logits => Nodes[0].GateLogits.Values;

    /// <summary>The groups of a graph, for images of the given size.</summary>
    public static ImmutableArray<GateGroup> Of(DenseGraph graph, int height, int width)
    {
        (height, width) = graph.PaddedSize(height, width);
        Dictionary<int, int> heads = [];
        foreach (Node node in graph.Nodes)
        {
            foreach (int input in node is ReducedAttention ? node.Inputs.Take(2) : [])
            {
                if (WidthGraphs.ConvolutionBefore(graph, input) is { } convolution)
                {
                    heads[convolution] = ((ReducedAttention)node).Heads;
                }
            }
        }

        return
        [
            .. from i in Enumerable.Range(0, graph.Nodes.Length)
               where graph.Nodes[i] is SearchConvolution { TiedTo: null }
               let members = Enumerable.Range(0, graph.Nodes.Length).Where(j => j == i || (graph.Nodes[j] as SearchConvolution)?.TiedTo == graph.Nodes[i].Name).ToArray()
               select new GateGroup(
                   [.. members.OrderBy(j => j != i).Select(j => (SearchConvolution)graph.Nodes[j])],
                   [.. members.OrderBy(j => j != i).Select(j => Shape(graph, j, height, width))],
                   members.Max(j => heads.GetValueOrDefault(j))),
        ];
    }

    /// <summary>Shape of every convolution of few bits, whatever it is.</summary>
    public static ConvolutionShape Shape(DenseGraph graph, int index, int height, int width)
    {
        (int rows, int columns) = graph.Types[index].SizeAt(height, width);
        LowBitConvolution node = graph.Nodes[index] as LowBitConvolution ?? throw new GraphException(graph.Nodes[index].Name, "it is no convolution of few bits");
        int input = node.Inputs[0];
        bool doubled = node.Geometry == new ConvolutionGeometry(Kernel: 3) && graph.Nodes[input] is Upsample { Mode: UpsampleMode.Nearest, Factor: 2 };
        return new(node.Name, graph.Types[input].Channels, graph.Types[index].Channels, node.Geometry, rows, columns, doubled) { ActivationBits = node.ActivationBits };
    }

    /// <summary>The cost with the given precision of each channel.</summary>
    public double CostOf(WidthCost cost, int[] chosen) => Shapes.Sum(shape => cost.Of(shape, chosen.Select(p => Precisions[p])));

    /// <summary>The cost of so many channels of each precision.</summary>
    public double CostOf(WidthCost cost, ReadOnlySpan<double> channels, Span<double> gradient)
    {
        double sum = 0;
        Span<double> own = stackalloc double[gradient.Length];
        gradient.Clear();
        foreach (ConvolutionShape shape in Shapes)
        {
            sum += cost.Of(shape, Precisions.AsSpan(), channels, own);
            for (int p = 0; p < own.Length; p++)
            {
                gradient[p] += own[p];
            }
        }

        return sum;
    }
}
