using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// Variational information bottleneck (Alemi et al., arXiv 1612.00410; before the heads of several tasks as in Bi-MTDP, arXiv 2405.14136). While
/// training, z = mean + e * exp(log variance / 2) with e drawn from a normal distribution, and the Kullback-Leibler divergence from a standard
/// normal distribution is a part of the loss. Everywhere else its value is the mean, and a frozen graph has neither the node nor what computed the
/// log variance.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The mean and the log variance, of one type.</param>
/// <example>
/// <code>
/// Bottleneck bottleneck = new("z", [0, 1]);
/// FeatureMap mean = new(1, 1, 2, [0.5f, -1]), logVariance = new(1, 1, 2);
/// FeatureMap z = ReferenceInterpreter.Evaluate(bottleneck, [mean, logVariance], new(1, 1, 2));                 // 0.5, -1: noise is added in training alone
/// </code>
/// </example>
public sealed record Bottleneck(string Name, ImmutableArray<int> Inputs) : Node(Name, Inputs)
{
    /// <summary>The log variance is taken to be at least this.</summary>
    public const float LowestLogVariance = -8;

    /// <summary>The log variance is taken to be at most this.</summary>
    public const float HighestLogVariance = 4;

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        Expect(inputs.Length == 2, $"takes a mean and a log variance, and has {inputs.Length} inputs");
        Expect(inputs[0] == inputs[1], $"takes a mean and a log variance of one type, and has {inputs[0]} and {inputs[1]}");
        Expect(inputs[0].IsReal, $"takes real values, and has {(inputs[0].IsSign ? "signs" : "levels")}");
        return inputs[0];
    }

    /// <summary>The graph with every bottleneck replaced by its mean, and without the nodes that nothing reads after that.</summary>
    internal static DenseGraph RemoveAll(DenseGraph graph)
    {
        if (!graph.Nodes.Any(node => node is Bottleneck))
        {
            return graph;
        }

        int[] instead = new int[graph.Nodes.Length];
        for (int i = 0; i < instead.Length; i++)
        {
            instead[i] = graph.Nodes[i] is Bottleneck bottleneck ? instead[bottleneck.Inputs[0]] : i;
        }

        return new DenseGraph([.. graph.Nodes.Select(node => node with { Inputs = [.. node.Inputs.Select(input => instead[input])] })], graph.Outputs)
            .WithOutputs([.. graph.Outputs.Select(output => output with { Node = instead[output.Node] })]);
    }
}
