using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>A graph with weights of another.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="Transferred">Names of the parameters whose values come from the other graph.</param>
/// <param name="Initial">Names of those that are as they were: the other graph has none of that name and shape.</param>
public sealed record TransferredWeights(DenseGraph Graph, ImmutableArray<string> Transferred, ImmutableArray<string> Initial);

/// <summary>
/// Lets a graph start from the weights of a relative: a binary network from its full-precision twin, for training in two stages, or a
/// network from one of another depth or with other classes.
/// </summary>
public static class WeightTransfer
{
    /// <summary>
    /// A copy of a graph in which every parameter but constants has the values of the source's parameter of the same name, where shapes agree. Real-valued
    /// weights that become latent one-bit weights are brought to the spread that latent weights start with, a whole convolution at a time.
    /// </summary>
    /// <param name="source">A trainable graph.</param>
    /// <param name="target">A trainable graph; it stays as it is.</param>
    /// <exception cref="ArgumentException">A graph is frozen, or they have no parameter in common.</exception>
    public static TransferredWeights Transfer(DenseGraph source, DenseGraph target)
    {
        CheckTrainable(source, nameof(source));
        CheckTrainable(target, nameof(target));
        Dictionary<string, Parameter> known = source.Parameters.ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);
        DenseGraph graph = target.Copy();
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

        return transferred.Count > 0
            ? new(graph, transferred.ToImmutable(), initial.ToImmutable())
            : throw new ArgumentException("The two graphs have no parameter of the same name and shape.", nameof(source));
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
