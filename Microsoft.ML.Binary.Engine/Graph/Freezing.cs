using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// Turns a trained graph into a frozen one. Batch norms and gates become affine maps, chains of them a single one, and one after a
/// real-valued convolution goes into its weights and bias; latent weights become signs or levels; bottlenecks are their means. Everything is computed in double and rounded
/// to float once, so the frozen graph defines exactly what every later reader computes.
/// </summary>
/// <example>
/// <code>
/// DenseGraph frozen = Freezing.Freeze(result.Graph);                      // one bit for each binary weight; DenseNetwork.Freeze keeps heads and provenance
/// </code>
/// </example>
public static class Freezing
{
    /// <summary>The frozen graph; parameters are copied, the trained graph stays as it is. A frozen graph is returned unchanged.</summary>
    /// <exception cref="GraphException">A parameter is not finite, or would not be when folded; or a running variance is negative.</exception>
    public static DenseGraph Freeze(DenseGraph graph)
    {
        if (!graph.IsFrozen)
        {
            return new Folder(WidthGraphs.Settle(Bottleneck.RemoveAll(graph))).Run();
        }

        CheckFinite(graph);
        return graph;
    }

    /// <summary>x * scale + offset for each channel of node <paramref name="Base"/> of the trained graph, not yet written.</summary>
    private sealed record Pending(int Base, double[] Scale, double[] Offset);

    private sealed class Folder(DenseGraph graph)
    {
        private readonly int[] _readers = graph.CountReaders();
        private readonly Pending?[] _pending = new Pending?[graph.Nodes.Length];
        private readonly int[] _written = [.. Enumerable.Repeat(-1, graph.Nodes.Length)];
        private readonly ImmutableArray<Node>.Builder _nodes = ImmutableArray.CreateBuilder<Node>();

        public DenseGraph Run()
        {
            CheckFinite(graph);
            for (int i = 0; i < graph.Nodes.Length; i++)
            {
                switch (graph.Nodes[i])
                {
                    case BatchNorm norm:
                        Defer(i, norm, NormScale(norm, out double[] offset), offset);
                        break;
                    case Gate gate:
                        Defer(i, gate, [.. gate.Logit.Values.Select(g => 1 / (1 + Math.Exp(-g)))], new double[gate.Logit.Values.Length]);
                        break;
                    case Convolution when IsFolded(i):
                        break;
                    case Node node:
                        Write(i, Frozen(node));
                        break;
                }
            }

            ImmutableArray<GraphOutput> outputs = [.. graph.Outputs.Select(output => output with { Node = Resolve(output.Node) })];
            return new DenseGraph(_nodes.ToImmutable(), outputs);
        }

        // A real-valued convolution whose only reader is an affine map is written together with it.
        private bool IsFolded(int convolution) =>
            _readers[convolution] == 1 && graph.Nodes.Any(n => n is BatchNorm or Gate && n.Inputs[0] == convolution);

        private void Defer(int index, Node node, double[] scale, double[] offset)
        {
            int input = node.Inputs[0];
            if (_pending[input] is not { } inner || _readers[input] != 1)
            {
                _pending[index] = new Pending(input, scale, offset);
                return;
            }

            double[] joined = new double[scale.Length], shifted = new double[scale.Length];
            for (int c = 0; c < scale.Length; c++)
            {
                joined[c] = scale[c] * inner.Scale[c];
                shifted[c] = scale[c] * inner.Offset[c] + offset[c];
            }

            _pending[index] = new Pending(inner.Base, joined, shifted);
        }

        private int Resolve(int index)
        {
            if (_written[index] < 0 && _pending[index] is { } affine)
            {
                string name = graph.Nodes[index].Name;
                Write(index, graph.Nodes[affine.Base] is Convolution convolution && IsFolded(affine.Base)
                    ? Fold(convolution, affine)
                    : new Affine(name, [Resolve(affine.Base)], Rounded(name + ".scale", affine.Scale), Rounded(name + ".offset", affine.Offset)));
            }

            return _written[index];
        }

        private void Write(int index, Node node)
        {
            _written[index] = _nodes.Count;
            _nodes.Add(node);
        }

        private Node Frozen(Node node)
        {
            ImmutableArray<int> inputs = [.. node.Inputs.Select(Resolve)];
            return node switch
            {
                BinaryConvolution n => OfOneBit(n, n.Weight),
                MixedConvolution n when n.Bits.All(bits => bits == 1) => OfOneBit(n, n.Weight),
                MixedConvolution n => new PackedMixedConvolution(n.Name, inputs, n.Geometry, QuantizedTensor.Quantize(n.Weight, n.Bits)) { ActivationBits = n.ActivationBits },
                _ => node.WithOwnParameters() with { Inputs = inputs },
            };

            PackedBinaryConvolution OfOneBit(LowBitConvolution n, Parameter weight) =>
                new(n.Name, inputs, n.Geometry, SignTensor.FromLatent(weight)) { ActivationBits = n.ActivationBits };
        }

        private Convolution Fold(Convolution convolution, Pending affine)
        {
            float[] weight = new float[convolution.Weight.Values.Length];
            float[] bias = new float[affine.Scale.Length];
            int perOutput = weight.Length / bias.Length;
            for (int i = 0; i < weight.Length; i++)
            {
                weight[i] = (float)(convolution.Weight.Values[i] * affine.Scale[i / perOutput]);
            }

            for (int c = 0; c < bias.Length; c++)
            {
                bias[c] = (float)((convolution.Bias?.Values[c] ?? 0) * affine.Scale[c] + affine.Offset[c]);
            }

            return convolution with
            {
                Inputs = [.. convolution.Inputs.Select(Resolve)],
                Weight = Finite(new Parameter(convolution.Weight.Name, ParameterRole.Weight, convolution.Weight.Shape, weight)),
                Bias = Finite(new Parameter(convolution.Name + ".bias", ParameterRole.Modulation, [bias.Length], bias)),
            };
        }

        private static double[] NormScale(BatchNorm norm, out double[] offset)
        {
            double[] scale = new double[norm.Gamma.Values.Length];
            offset = new double[scale.Length];
            for (int c = 0; c < scale.Length; c++)
            {
                if (norm.Variance.Values[c] < 0)
                {
                    throw new GraphException(norm.Variance.Name, $"the variance of channel {c} is {norm.Variance.Values[c]}; it cannot be negative");
                }

                scale[c] = norm.Gamma.Values[c] / Math.Sqrt((double)norm.Variance.Values[c] + BatchNorm.Epsilon);
                offset[c] = norm.Beta.Values[c] - norm.Mean.Values[c] * scale[c];
            }

            return scale;
        }

        private static Parameter Rounded(string name, double[] values) =>
            Finite(new Parameter(name, ParameterRole.Modulation, [values.Length], [.. values.Select(v => (float)v)]));

        // Finite factors can still have a product beyond the largest float.
        private static Parameter Finite(Parameter parameter)
        {
            CheckFinite(parameter);
            return parameter;
        }
    }

    private static void CheckFinite(DenseGraph graph)
    {
        foreach (Parameter parameter in graph.Parameters)
        {
            CheckFinite(parameter);
        }
    }

    internal static void CheckFinite(Parameter parameter)
    {
        for (int i = 0; i < parameter.Values.Length; i++)
        {
            if (!float.IsFinite(parameter.Values[i]))
            {
                throw new GraphException(parameter.Name, $"value {i} is {parameter.Values[i]}; every value must be finite");
            }
        }
    }
}
