using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// Turns a frozen graph into a trainable one that computes the same: the way back from <see cref="Freezing"/>. One-bit weights become
/// latent ones of equal magnitude, since how sure training was of each sign is not in a frozen graph; per-channel affine maps become
/// batch norms, and a real-valued convolution with a bias gets one after it. Gates stay where they went, in the scale of these norms.
/// </summary>
/// <remarks>
/// The statistics of the batch norms are not in a frozen graph either: here they are those of values that need no normalisation, mean 0
/// and variance 1. Frozen again, the graph is the same to the last bit. To train it, set
/// <see cref="Training.TrainingOptions.MeasuresInitialStatistics"/>: while training, batch norms go by the statistics of each batch.
/// </remarks>
/// <example>
/// <code>
/// DenseGraph trainable = Unfreezing.Unfreeze(network.Graph);              // latent weights of the size that one training step moves
/// </code>
/// </example>
public static class Unfreezing
{
    /// <summary>
    /// Magnitude of latent weights: far enough from 0 that a single step does not turn a sign, near enough that training can.
    /// </summary>
    internal const float LatentMagnitude = 0.1f;

    // With the epsilon of batch norm this is 1 but for the rounding of the variance, which is below that of a scale.
    private const float UnitVariance = 1 - BatchNorm.Epsilon;

    /// <summary>The trainable graph, with parameters of its own. A graph that is trainable already is returned unchanged.</summary>
    /// <exception cref="GraphException">Levels of a channel are such as no weights are quantised to (<see cref="ChannelQuantizer"/>).</exception>
    public static DenseGraph Unfreeze(DenseGraph graph)
    {
        if (!graph.IsFrozen)
        {
            return graph;
        }

        HashSet<string> names = [.. graph.Nodes.Select(node => node.Name)];
        HashSet<int> heads = [.. graph.Outputs.Select(output => Classifier.Find(graph, output.Node))];
        ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>();
        int[] written = new int[graph.Nodes.Length];
        for (int i = 0; i < written.Length; i++)
        {
            Node node = graph.Nodes[i].WithOwnParameters();
            node = node with { Inputs = [.. node.Inputs.Select(input => written[input])] };
            switch (node)
            {
                case PackedBinaryConvolution packed:
                    nodes.Add(new BinaryConvolution(packed.Name, packed.Inputs, packed.Geometry, Latent(packed)) { ActivationBits = packed.ActivationBits });
                    break;
                case PackedMixedConvolution packed:
                    nodes.Add(new MixedConvolution(packed.Name, packed.Inputs, packed.Geometry, Latent(packed), packed.Weight.Bits) { ActivationBits = packed.ActivationBits });
                    break;
                case Affine { Scale.Role: ParameterRole.Modulation } affine:
                    nodes.Add(Norm(affine.Name, affine.Inputs, affine.Scale.Values, affine.Offset.Values));
                    break;
                case Convolution { Bias: { } bias } convolution when !heads.Contains(i) && names.Add(NormName(convolution)):
                    nodes.Add(convolution with { Bias = null });
                    nodes.Add(Norm(NormName(convolution), [nodes.Count - 1], [.. bias.Values.Select(_ => 1f)], bias.Values));
                    break;
                default:
                    nodes.Add(node);
                    break;
            }

            written[i] = nodes.Count - 1;
        }

        return new DenseGraph(nodes.ToImmutable(), [.. graph.Outputs.Select(output => output with { Node = written[output.Node] })]);
    }

    private static string NormName(Convolution convolution) => convolution.Name + ".norm";

    private static BatchNorm Norm(string name, ImmutableArray<int> inputs, float[] scale, float[] offset) => new(
        name,
        inputs,
        new Parameter(name + ".gamma", ParameterRole.Modulation, [scale.Length], scale),
        new Parameter(name + ".beta", ParameterRole.Modulation, [offset.Length], offset),
        Parameter.PerChannel(name + ".mean", scale.Length, 0, ParameterRole.Statistic),
        Parameter.PerChannel(name + ".variance", scale.Length, UnitVariance, ParameterRole.Statistic));

    private static Parameter Latent(LowBitConvolution packed)
    {
        QuantizedTensor tensor = packed.Levels;
        float[] values = new float[tensor.Levels.Length];
        for (int c = 0; c < tensor.Outputs; c++)
        {
            if (!ChannelQuantizer.TryWeightsOf(tensor.Channel(c), tensor.Bits[c], LatentMagnitude, values.AsSpan(c * tensor.Products, tensor.Products)))
            {
                throw new GraphException(
                    packed.Name, $"channel {c} has {tensor.Bits[c]} bits, and its levels do not reach from {ChannelQuantizer.LowestLevel(tensor.Bits[c])} or to {ChannelQuantizer.HighestLevel(tensor.Bits[c])}: no weights are quantised so, and it cannot be trained on");
            }
        }

        return new Parameter(packed.Name + ".weight", ParameterRole.LatentSign, [tensor.Outputs, tensor.Inputs, tensor.Kernel, tensor.Kernel], values);
    }
}
