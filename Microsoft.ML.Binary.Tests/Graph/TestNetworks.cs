using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Tests.Graph;

/// <summary>Networks that several tests use.</summary>
internal static class TestNetworks
{
    public static DenseNetwork Segmentation(NetworkPreset preset, Precision precision, int classes = 11) =>
        new(DenseNetworkBuilder.Build(NetworkConfiguration.For(preset, classes, precision)), DenseTask.Segmentation, ClassNames(classes));

    /// <summary>All parts of a preset, at a size that the reference interpreter runs quickly.</summary>
    public static DenseNetwork Miniature(Precision precision, int classes) =>
        new(DenseNetworkBuilder.Build(MiniatureConfiguration(precision, classes)), DenseTask.Segmentation, ClassNames(classes));

    /// <summary>All parts that a configuration can have.</summary>
    public static DenseNetwork MiniatureOfAllParts(Precision precision, int classes) => new(
        DenseNetworkBuilder.Build(MiniatureConfiguration(precision, classes) with
        {
            Branches = UpsampleBranches.All | UpsampleBranches.Transposed,
            Gates = UpsampleGates.Dynamic,
            Stride32Depth = 2,
            AttentionStride = 32,
            Scaling = ChannelScaling.All,
            ScalingReduction = 2,
            AdaptiveThresholds = AdaptiveThresholds.All,
        }),
        DenseTask.Segmentation, ClassNames(classes));

    public static NetworkConfiguration MiniatureConfiguration(Precision precision, int classes) => new()
    {
        Outputs = classes,
        Width = 8,
        Stride4Depth = 1,
        Stride8Depth = 2,
        Stride16Depth = 2,
        AttentionHeads = 2,
        AttentionReduction = 2,
        Precision = precision,
    };

    /// <summary>An image of smooth colours and noise, 0..255.</summary>
    public static FeatureMap Image(int height, int width, long seed)
    {
        RandomStream random = new(seed);
        FeatureMap image = new(3, height, width);
        for (int i = 0; i < image.Values.Length; i++)
        {
            int row = i / width % height, column = i % width;
            image.Values[i] = 128 + 60 * MathF.Sin(row * 0.2f + i / image.Pixels) * MathF.Cos(column * 0.15f) + random.NextSingle(-40, 40);
        }

        return image;
    }

    public static ImmutableArray<string> ClassNames(int classes) => [.. Enumerable.Range(0, classes).Select(i => $"class {i}")];

    /// <summary>
    /// Replaces what a builder initialises to constants by random values of the kind training leaves: scales of either sign, statistics
    /// that are not 0 and 1, small shifts.
    /// </summary>
    public static DenseGraph Randomize(DenseGraph graph, long seed)
    {
        RandomStream random = new(seed);
        foreach (Parameter parameter in graph.Parameters.Where(p => p.Role is ParameterRole.Modulation or ParameterRole.Statistic))
        {
            bool positive = parameter.Name.EndsWith(".variance", StringComparison.Ordinal);
            for (int i = 0; i < parameter.Values.Length; i++)
            {
                parameter.Values[i] = positive ? random.NextSingle(0.2f, 3) : parameter.Values[i] + random.NextSingle(-0.5f, 0.5f);
            }
        }

        return graph;
    }
}
