using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>The real-valued convolution that makes the logits; after it they are only enlarged.</summary>
internal static class Classifier
{
    // Small, so that training starts from nearly equal logits.
    private const double NewWeightGain = 0.1;

    /// <summary>The node whose enlarged output a node puts out; itself if it enlarges nothing.</summary>
    public static int Find(DenseGraph graph, int node)
    {
        while (graph.Nodes[node] is Upsample upsample)
        {
            node = upsample.Inputs[0];
        }

        return node;
    }

    /// <summary>A classifier with initial weights: a pointwise convolution.</summary>
    /// <param name="name">The node's name, and how its parameters' names begin.</param>
    /// <param name="input">The node that it reads.</param>
    /// <param name="channels">Channels of that node.</param>
    /// <param name="logits">Outputs.</param>
    /// <param name="seed">Seed of the weights.</param>
    public static Convolution Create(string name, int input, int channels, int logits, long seed) => new(
        name, [input], new(Kernel: 1), Groups: 1,
        new Parameter(name + ".weight", ParameterRole.Weight, [logits, channels, 1, 1], InitialWeights(logits, channels, seed)),
        Parameter.PerChannel(name + ".bias", logits, 0));

    /// <summary>The same graph with other logits. Parameters that stay are shared.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="logits">The output's node.</param>
    /// <param name="rows">For each new logit the old one whose weights it takes; -1 gives it initial weights.</param>
    /// <param name="seed">Seed of initial weights.</param>
    /// <exception cref="GraphException">The logits come from something else than a convolution.</exception>
    public static DenseGraph WithLogits(DenseGraph graph, int logits, ImmutableArray<int> rows, long seed)
    {
        int index = Find(graph, logits);
        Convolution old = graph.Nodes[index] is Convolution { Groups: 1 } convolution
            ? convolution
            : throw new GraphException(
                graph.Nodes[index].Name, "the logits come from it, and only a convolution can be given other outputs; train a network of your own from the start");
        int inputs = old.Weight.Values.Length / old.Weight.Shape[0];
        float[] weight = InitialWeights(rows.Length, inputs, seed), bias = new float[rows.Length];
        for (int row = 0; row < rows.Length; row++)
        {
            if (rows[row] >= 0)
            {
                old.Weight.Values.AsSpan(rows[row] * inputs, inputs).CopyTo(weight.AsSpan(row * inputs));
                bias[row] = old.Bias?.Values[rows[row]] ?? 0;
            }
        }

        Convolution replaced = old with
        {
            Weight = new Parameter(old.Weight.Name, old.Weight.Role, old.Weight.Shape.SetItem(0, rows.Length), weight),
            Bias = new Parameter(old.Bias?.Name ?? old.Name + ".bias", ParameterRole.Modulation, [rows.Length], bias),
        };
        return new DenseGraph(graph.Nodes.SetItem(index, replaced), graph.Outputs);
    }

    private static float[] InitialWeights(int logits, int inputs, long seed)
    {
        RandomStream random = new(seed);
        return GraphBuilder.Normal([logits, inputs], NewWeightGain * Math.Sqrt(2.0 / inputs), ref random);
    }
}
