using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>A graph with weights of another.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="Transferred">Names of the parameters whose values come from the other graph.</param>
/// <param name="Initial">Names of those that are as they were: the other graph has none of that name and shape.</param>
/// <example>
/// <code>
/// // A binary network starts from its real-valued twin, which was trained first.
/// NetworkConfiguration binary = NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 3);
/// DenseGraph twin = DenseNetworkBuilder.Build(binary with { Precision = Precision.Float });
/// TransferredWeights start = WeightTransfer.Transfer(twin, DenseNetworkBuilder.Build(binary));
/// Console.WriteLine($"{start.Transferred.Length} tensors taken over; new: {string.Join(", ", start.Initial.Take(3))}, ...");
/// DenseGraph graph = start.Graph;
/// </code>
/// </example>
public sealed record TransferredWeights(DenseGraph Graph, ImmutableArray<string> Transferred, ImmutableArray<string> Initial);

/// <summary>
/// Lets a graph start from the weights of a relative: a binary network from its full-precision twin, for training in two stages, or a
/// network from one of another depth or with other classes.
/// </summary>
/// <example>
/// <code>
/// DenseGraph target = DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Small, outputs: 3) with { Stride32Depth = 2 });
/// TransferredWeights transferred = WeightTransfer.Transfer(PretrainedNetworks.Load(PretrainedModel.Nuclei).Unfreeze().Graph, target);
/// Console.WriteLine($"{transferred.Transferred.Length} tensors taken over, {transferred.Initial.Length} begin anew");
/// </code>
/// </example>
public static class WeightTransfer
{
    /// <summary>
    /// A copy of a graph in which every parameter but constants has the values of the source's parameter of the same name, where shapes agree. Real-valued
    /// weights that become latent one-bit weights are brought to the spread that latent weights start with, a whole convolution at a time. Where the source
    /// was frozen once, a gate has gone into the batch norm of its name (<see cref="Unfreezing"/>): the target's batch norm in front of the gate takes it.
    /// Residual units that the target has after those of the source start as the identity, so a network that grows in depth computes what it did before
    /// (Net2DeeperNet, arXiv 1511.05641): batch norms of scale 0, activations of slope 1.
    /// </summary>
    /// <param name="source">A trainable graph.</param>
    /// <param name="target">A trainable graph; it stays as it is.</param>
    /// <exception cref="ArgumentException">A graph is frozen, or they have no parameter in common.</exception>
    public static TransferredWeights Transfer(DenseGraph source, DenseGraph target)
    {
        CheckTrainable(source, nameof(source));
        CheckTrainable(target, nameof(target));
        DenseGraph graph = target.Copy();
        Dictionary<string, Parameter> known = source.Parameters.ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);
        foreach (Gate gate in graph.Nodes.OfType<Gate>())
        {
            TakeGatesOut(graph, gate, known);
        }

        ImmutableArray<string>.Builder transferred = ImmutableArray.CreateBuilder<string>(), initial = ImmutableArray.CreateBuilder<string>();
        foreach (Parameter parameter in graph.Parameters.Where(parameter => parameter.Role != ParameterRole.Constant))
        {
            if (known.TryGetValue(parameter.Name, out Parameter? values) && values.Shape.SequenceEqual(parameter.Shape))
            {
                values.Values.CopyTo(parameter.Values, 0);
                if (parameter.Role == ParameterRole.LatentSign && values.Role != ParameterRole.LatentSign)
                {
                    ToLatent(parameter.Values);
                }

                transferred.Add(parameter.Name);
            }
            else
            {
                initial.Add(parameter.Name);
            }
        }

        AppendedUnits.StartAsIdentity(graph, [.. initial]);
        return transferred.Count > 0
            ? new(graph, transferred.ToImmutable(), initial.ToImmutable())
            : throw new ArgumentException("The two graphs have no parameter of the same name and shape.", nameof(source));
    }

    /// <summary>Adds what the batch norm in front of a gate was before it took in the gate, as the target's gate is.</summary>
    private static void TakeGatesOut(DenseGraph target, Gate gate, Dictionary<string, Parameter> known)
    {
        if (target.Nodes[gate.Inputs[0]] is not BatchNorm norm || known.ContainsKey(gate.Logit.Name) || known.ContainsKey(norm.Gamma.Name))
        {
            return;
        }

        foreach (Parameter part in norm.Parameters)
        {
            if (known.TryGetValue(gate.Name + part.Name[norm.Name.Length..], out Parameter? values) && values.Shape.SequenceEqual(part.Shape))
            {
                bool isScaled = part.Role == ParameterRole.Modulation;
                known[part.Name] = new Parameter(
                    part.Name, part.Role, part.Shape,
                    [.. values.Values.Select((v, c) => isScaled ? (float)(v * (1 + Math.Exp(-gate.Logit.Values[c]))) : v)]);
            }
        }
    }

    private static void ToLatent(float[] weights)
    {
        double deviation = Math.Sqrt(weights.Sum(w => (double)w * w) / weights.Length);
        double scale = deviation > 0 ? GraphBuilder.LatentDeviation / deviation : 1;
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)Math.Clamp(weights[i] * scale, -1, 1);
        }
    }

    private static void CheckTrainable(DenseGraph graph, string name)
    {
        ArgumentNullException.ThrowIfNull(graph, name);
        if (graph.IsFrozen)
        {
            throw new ArgumentException($"The graph is frozen, and weights pass between trainable ones; use {nameof(Unfreezing)}.{nameof(Unfreezing.Unfreeze)}.", name);
        }
    }
}
