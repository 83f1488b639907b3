using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>A graph with weights of another.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="Transferred">Names of the parameters whose values come from the other graph.</param>
/// <param name="Widened">Names of those a part of whose channels comes from the other graph, which is narrower.</param>
/// <param name="Initial">Names of those that begin anew: the other graph has none of that name and shape.</param>
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
public sealed record TransferredWeights(DenseGraph Graph, ImmutableArray<string> Transferred, ImmutableArray<string> Widened, ImmutableArray<string> Initial);

/// <summary>
/// Lets a graph start from the weights of a relative: a binary network from its full-precision twin, for training in two stages, or a
/// network from one of another depth, of less width, or with other classes.
/// </summary>
/// <example>
/// <code>
/// NetworkConfiguration configuration = NetworkConfiguration.For(NetworkPreset.Small, outputs: 3) with { AdaptiveThresholds = AdaptiveThresholds.Encoder, Stride32Depth = 2 };
/// DenseGraph target = DenseNetworkBuilder.Build(configuration);
/// TransferredWeights transferred = WeightTransfer.Transfer(PretrainedNetworks.Load(PretrainedModel.Nuclei).Unfreeze().Graph, target);
/// Console.WriteLine($"{transferred.Transferred.Length} tensors taken over, {transferred.Initial.Length} begin anew");
/// </code>
/// </example>
public static class WeightTransfer
{
    /// <summary>
    /// A copy of a graph in which every parameter but constants has the values of the source's parameter of the same name, where shapes agree. Real-valued
    /// weights that become latent one-bit weights are brought to the spread that latent weights start with, a whole convolution at a time. Where the source
    /// was frozen once, a gate has gone into the batch norm of its name (<see cref="Unfreezing"/>): the target's batch norm in front of the gate takes it,
    /// or, where there is none (transposed branches), the gate takes its scale where that is between 0 and 1; what training has added to it since, a gate has no place for.
    /// Residual units that the target has after those of the source start as the identity, so a network that grows in depth computes what it did before
    /// (Net2DeeperNet, arXiv 1511.05641): batch norms of scale 0, activations of slope 1. Where the target is the source made wider (the same classes, heads, branches, precision and bits of
    /// activations, and no fewer hidden values of channel scaling), its new channels start so that it computes what the source did, but for rounding.
    /// Thresholds that follow the image in the target alone start static; <see cref="Training.TrainingOptions.MeasuresInitialStatistics"/> lets them follow it from the first step.
    /// </summary>
    /// <param name="source">A trainable graph.</param>
    /// <param name="target">A trainable graph, as it was built; it stays as it is.</param>
    /// <exception cref="ArgumentException">A graph is frozen, they have no parameter in common, or thresholds follow the image in the source alone.</exception>
    public static TransferredWeights Transfer(DenseGraph source, DenseGraph target)
    {
        CheckTrainable(source, nameof(source));
        CheckTrainable(target, nameof(target));
        DenseGraph graph = target.Copy();
        Dictionary<string, Parameter> known = source.Parameters.ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);
        (Gate Gate, BatchNorm Norm)[] gated = TakeGatesOut(graph, known);
        WiderChannels? wider = WiderChannels.Between(source, graph);
        ImmutableArray<string>.Builder transferred = ImmutableArray.CreateBuilder<string>(), widened = ImmutableArray.CreateBuilder<string>(), initial = ImmutableArray.CreateBuilder<string>();
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            foreach (Parameter parameter in graph.Nodes[i].Parameters.Where(parameter => parameter.Role != ParameterRole.Constant))
            {
                Parameter? values = known.TryGetValue(parameter.Name, out Parameter? found) ? InRoleOf(parameter, found) : null;
                if (values is not null && values.Shape.SequenceEqual(parameter.Shape))
                {
                    values.Values.CopyTo(parameter.Values, 0);
                    transferred.Add(parameter.Name);
                }
                else
                {
                    (values is not null && wider?.TryWiden(i, parameter, values) == true ? widened : initial).Add(parameter.Name);
                }
            }
        }

        foreach ((Gate gate, BatchNorm norm) in gated.Where(pair => !initial.Contains(pair.Norm.Gamma.Name)))
        {
            for (int c = 0; c < norm.Gamma.Values.Length; c++)
            {
                double factor = 1 + Math.Exp(-gate.Logit.Values[c]);
                norm.Gamma.Values[c] = (float)(norm.Gamma.Values[c] * factor);
                norm.Beta.Values[c] = (float)(norm.Beta.Values[c] * factor);
            }
        }

        AppendedUnits.StartAsIdentity(graph, [.. initial]);
        KeepThresholds(source, graph, [.. initial]);
        return transferred.Count + widened.Count > 0
            ? new(graph, transferred.ToImmutable(), widened.ToImmutable(), initial.ToImmutable())
            : throw new ArgumentException("The two graphs have no parameter of the same name and shape.", nameof(source));
    }

    /// <summary>
    /// Signs and levels that came over keep their thresholds: a shift in front of one that did not come over takes nothing away, and one that the source alone has cannot be left out.
    /// </summary>
    /// <exception cref="ArgumentException">Thresholds follow the image in the source and not in the graph.</exception>
    private static void KeepThresholds(DenseGraph source, DenseGraph graph, HashSet<string> initial)
    {
        Dictionary<string, AdaptiveShift> before = source.AdaptiveThresholds().ToDictionary(pair => pair.Threshold.Name, pair => pair.Shift, StringComparer.Ordinal);
        foreach ((AdaptiveShift shift, Parameter threshold) in graph.AdaptiveThresholds())
        {
            if (initial.Contains(shift.Weight.Name) && !initial.Contains(threshold.Name))
            {
                Array.Clear(shift.Weight.Values);
            }

            before.Remove(threshold.Name);
        }

        HashSet<string> taken = [.. graph.Parameters.Select(parameter => parameter.Name).Except(initial)];
        if (before.FirstOrDefault(pair => taken.Contains(pair.Key)).Value is { } lost)
        {
            throw new ArgumentException(
                $"In the source '{lost.Name}' lets thresholds follow the image, and the new network has no such node: its thresholds would be wrong. "
                + $"Build it with {nameof(Networks.NetworkConfiguration)}.{nameof(Networks.NetworkConfiguration.AdaptiveThresholds)} (--network thresholds=...) as the source was.",
                nameof(source));
        }
    }

    /// <summary>
    /// The target's gates that are none in the source, with the batch norms in front of them: frozen once, batch norm and gate have become one, under the name of the
    /// gate or, in a full-precision twin, of the batch norm. It then lacks what the target's gate takes away. What is known under the name of the gate becomes known under that of the batch norm.
    /// </summary>
    private static (Gate Gate, BatchNorm Norm)[] TakeGatesOut(DenseGraph target, Dictionary<string, Parameter> known)
    {
        List<(Gate, BatchNorm)> gated = [];
        foreach (Gate gate in target.Nodes.OfType<Gate>().Where(gate => !known.ContainsKey(gate.Logit.Name)))
        {
            if (target.Nodes[gate.Inputs[0]] is not BatchNorm norm)
            {
                if (LogitsOf(gate, known) is { } logits)
                {
                    known[gate.Logit.Name] = logits;
                }

                continue;
            }

            foreach (Parameter part in norm.Parameters)
            {
                if (!known.ContainsKey(part.Name) && known.TryGetValue(gate.Name + part.Name[norm.Name.Length..], out Parameter? both))
                {
                    known[part.Name] = both;
                }
            }

            gated.Add((gate, norm));
        }

        return [.. gated];
    }

    /// <summary>A gate's logits by the batch norm that freezing made of it; null where there is none. A scale that no gate has is left out.</summary>
    private static Parameter? LogitsOf(Gate gate, Dictionary<string, Parameter> known)
    {
        if (!known.TryGetValue(gate.Name + ".gamma", out Parameter? gamma) || !known.TryGetValue(gate.Name + ".variance", out Parameter? variance))
        {
            return null;
        }

        float[] logits = new float[gamma.Values.Length];
        for (int c = 0; c < logits.Length; c++)
        {
            // Rounded as freezing does it, so that the gate has the same scale again.
            float scale = (float)(gamma.Values[c] / Math.Sqrt((double)variance.Values[c] + BatchNorm.Epsilon));
            logits[c] = scale is > 0 and < 1 ? (float)Math.Log(scale / (1.0 - scale)) : 0;
        }

        return new Parameter(gate.Logit.Name, gate.Logit.Role, gamma.Shape, logits);
    }

    /// <summary>The source's values as the target takes them.</summary>
    private static Parameter InRoleOf(Parameter target, Parameter source)
    {
        if (target.Role != ParameterRole.LatentSign || source.Role == ParameterRole.LatentSign)
        {
            return source;
        }

        Parameter latent = source.Copy();
        ToLatent(latent.Values);
        return latent;
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
