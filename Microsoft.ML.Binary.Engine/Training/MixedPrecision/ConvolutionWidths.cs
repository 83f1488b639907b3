using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>The widths of a convolution of signs.</summary>
/// <param name="Shape">The convolution.</param>
/// <param name="Bits">The width of each output channel, 0, 1, 2, 4 or 8 bits.</param>
/// <example>
/// <code>
/// foreach (ConvolutionWidths layer in ConvolutionWidths.Of(network.Graph, height: 360, width: 480))
/// {
///     Console.WriteLine($"{layer.Shape.Name}: {layer}");                  // how many channels have each width: 0:0 1:48 2:0 4:0 8:0
/// }
/// </code>
/// </example>
public sealed record ConvolutionWidths(ConvolutionShape Shape, ImmutableArray<byte> Bits)
{
    /// <summary>The widths of every convolution of signs in a graph, for images of the given size.</summary>
    public static ImmutableArray<ConvolutionWidths> Of(DenseGraph graph, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(graph);
        (height, width) = graph.PaddedSize(height, width);
        return
        [
            .. from i in Enumerable.Range(0, graph.Nodes.Length)
               where graph.Nodes[i] is LowBitConvolution
               select new ConvolutionWidths(GateGroup.Shape(graph, i, height, width), ((LowBitConvolution)graph.Nodes[i]).Widths),
        ];
    }

    /// <summary>How many channels have each width, for example <c>0:12 1:96 2:60 4:24 8:0</c>.</summary>
    public override string ToString() => string.Join(' ', ChannelQuantizer.Widths.Select(width => $"{width}:{Bits.Count(bits => bits == width)}"));
}
