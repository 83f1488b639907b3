using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Fuzz.Graphs;

/// <summary>Random networks: any node after any other that it fits, with few and odd numbers of channels more often than not.</summary>
internal static class GraphGenerator
{
    public static DenseGraph Build(long seed, int nodes = 14)
    {
        RandomStream random = new(seed, 21);
        GraphBuilder builder = new(Precision.Binary, seed);
        int image = builder.NormalizedImage([120, 110, 100], [60, 50, 55]);
        List<int> made = [image];
        if (random.NextInt(3) > 0)
        {
            made.Add(Stem(builder, ref random, image));
        }

        made.Add(builder.BinaryOrFloatConvolution(made[^1], "binary", Channels(ref random), new(3)));
        for (int i = 0; i < nodes; i++)
        {
            if (Append(builder, ref random, made[random.NextInt(3) == 0 ? random.NextInt(made.Count) : made.Count - 1], $"n{i}", made) is { } node)
            {
                made.Add(node);
            }
        }

        return Shake(builder.Build(new GraphOutput(DenseGraph.LogitsOutput, Logits(builder, ref random, made))), seed);
    }

    // Half of them as presets have it; the others almost so.
    private static int Stem(GraphBuilder builder, ref RandomStream random, int image)
    {
        int first = Channels(ref random);
        int node = After(builder, ref random, builder.Convolution(image, "first", first, new(3, 2), bias: random.NextInt(2) == 0), "first");
        (int outputs, int groups) = random.NextInt(4) switch
        {
            0 => (Channels(ref random), 1),
            1 => (2 * first, first),
            _ => (first, first),
        };
        node = After(builder, ref random, builder.Convolution(node, "second", outputs, new(3, random.NextInt(5) > 0 ? 2 : 1), groups, bias: random.NextInt(2) == 0), "second");
        return builder.Convolution(node, "point", Channels(ref random), new(random.NextInt(5) > 0 ? 1 : 3), bias: random.NextInt(2) == 0);
    }

    private static int After(GraphBuilder builder, ref RandomStream random, int node, string name)
    {
        node = random.NextInt(2) == 0 ? builder.BatchNorm(node, name + ".norm") : node;
        return random.NextInt(2) == 0 ? builder.RPReLU(node, name + ".act") : node;
    }

    private static int Logits(GraphBuilder builder, ref RandomStream random, List<int> made)
    {
        List<int> ends = [];
        foreach (int node in made.Where(n => builder.TypeOf(n).Reduction == 1))
        {
            int end = node;
            for (int k = 0; builder.TypeOf(end).Stride > 1; k++)
            {
                FeatureType type = builder.TypeOf(end);
                int factor = type.Stride % 4 == 0 && random.NextInt(2) == 0 ? 4 : 2;
                end = type.Channels % (factor * factor) == 0 && random.NextInt(3) == 0
                    ? builder.PixelShuffle(end, $"end{node}.{k}", factor)
                    : builder.Upsample(end, $"end{node}.{k}", factor, random.NextInt(2) == 0 ? UpsampleMode.Nearest : UpsampleMode.Bilinear);
            }

            ends.Add(end);
        }

        int joined = ends.Count == 1 || random.NextInt(6) == 0 ? ends[^1] : builder.Concat("joined", [.. ends.Take(DenseGraph.MaxInputs)]);
        int channels = builder.TypeOf(joined).Channels;
        return channels is 1 or > 255 || random.NextInt(3) > 0
            ? builder.Convolution(joined, "classifier", 1 + random.NextInt(4), new(1), bias: true)
            : joined;
    }

    private static int? Append(GraphBuilder builder, ref RandomStream random, int input, string name, List<int> made)
    {
        FeatureType type = builder.TypeOf(input);
        int[] alike = [.. made.Where(n => (builder.TypeOf(n).Stride, builder.TypeOf(n).Reduction) == (type.Stride, type.Reduction))];
        int[] same = [.. alike.Where(n => builder.TypeOf(n).Channels == type.Channels)];
        int factor = type.Stride % 4 == 0 && random.NextInt(2) == 0 ? 4 : 2, kernel = random.NextInt(2) == 0 ? 1 : 3;
        int stride = type.Stride < 16 && type.Reduction == 1 && random.NextInt(3) == 0 ? 2 : 1, dilation = stride == 1 ? 1 << random.NextInt(4) : 1;
        bool small = type.Channels < 40, isFull = type.Reduction == 1;
        switch (random.NextInt(25))
        {
            case 0:
                return builder.Convolution(input, name, Channels(ref random), new(kernel, stride, dilation), bias: random.NextInt(2) == 0);
            case 1:
                return builder.Convolution(input, name, type.Channels * (small ? 1 + random.NextInt(3) : 1), new(kernel, stride, dilation), groups: type.Channels);
            case 2 or 3 or 4:
                return builder.BinaryOrFloatConvolution(input, name, Channels(ref random), new(kernel, stride, dilation), activationBits: ActivationBits(ref random));
            case 5:
                return builder.BatchNorm(input, name);
            case 6:
                return builder.Gate(input, name);
            case 7:
                return builder.Sign(input, name);
            case 8:
                return builder.RPReLU(input, name);
            case 9:
                return builder.Add(name, [input, .. same.Take(1 + random.NextInt(6)), input]);
            case 10 when small:
                return builder.Concat(name, [input, alike[random.NextInt(alike.Length)]]);
            case 11 when type.Channels % 2 == 0:
                return builder.ChannelMean(input, name, type.Channels % 4 == 0 && random.NextInt(2) == 0 ? 4 : 2);
            case 12 when type.Stride > 1 && isFull:
                return builder.Upsample(input, name, factor, random.NextInt(2) == 0 ? UpsampleMode.Nearest : UpsampleMode.Bilinear);
            case 13 when type.Stride > 1 && isFull:
                int wide = builder.BinaryOrFloatConvolution(input, name + ".wide", factor * factor * (1 + random.NextInt(3)), new(1));
                return builder.PixelShuffle(wide, name, factor);
            case 14 when type.Stride < 16 && isFull:
                return builder.AveragePool(input, name);
            case 15 when isFull:
                return builder.TokenSample(input, name, 1 + random.NextInt(5));
            case 16 or 17 when isFull:
                return Attention(builder, ref random, input, name);
            case 18:
                return builder.SqueezeExcitation(input, name, 1 + random.NextInt(4));
            case 19:
                return builder.GateMap(input, name);
            case 20:
                int map = alike[random.NextInt(alike.Length)], gates = random.NextInt(2) == 0 ? builder.GateMap(map, name + ".gates") : map;
                int value = random.NextInt(3) == 0 ? input : builder.BinaryOrFloatConvolution(input, name + ".value", type.Channels, new(kernel));
                int gated = builder.PixelGate(value, gates, name, random.NextInt(builder.TypeOf(gates).Channels));
                return random.NextInt(2) == 0 ? gated : builder.Add(name + ".sum", [gated, .. same.Take(1 + random.NextInt(4))]);
            case 21 or 22:
                return builder.MixedConvolution(input, name, Widths(ref random, Channels(ref random)), new(kernel, stride, dilation), ActivationBits(ref random));
            case 23:
                return builder.ActivationLevels(input, name);
            case 24:
                return builder.AdaptiveShift(input, name);
            default:
                return null;
        }
    }

    /// <summary>A single convolution with widths of its own for every channel, of signs or of levels, with what may lie in front of it and after it.</summary>
    public static DenseGraph Layer(long seed)
    {
        RandomStream random = new(seed, 24);
        GraphBuilder builder = new(Precision.Binary, seed);
        int channels = random.NextInt(8) == 0 ? 60 + random.NextInt(120) : Channels(ref random), kernel = random.NextInt(3) == 0 ? 1 : 3;
        int node = builder.Convolution(builder.NormalizedImage([120, 110, 100], [60, 50, 55]), "first", channels, new(3, 2));
        int activationBits = ActivationBits(ref random);
        if (random.NextInt(4) == 0)
        {
            node = builder.Upsample(activationBits == 1 ? builder.Sign(node, "small") : builder.ActivationLevels(node, "small"), "enlarged", 2, UpsampleMode.Nearest);
        }

        int stride = random.NextInt(3) == 0 ? 2 : 1, dilation = stride == 1 && random.NextInt(2) == 0 ? 1 + random.NextInt(9) : 1;
        int outputs = random.NextInt(8) == 0 ? 40 + random.NextInt(60) : Channels(ref random);
        int layer = random.NextInt(4) == 0
            ? builder.BinaryOrFloatConvolution(node, "layer", outputs, new(kernel, stride, dilation), activationBits: activationBits)
            : builder.MixedConvolution(node, "layer", Widths(ref random, outputs), new(kernel, stride, dilation), activationBits);
        int after = random.NextInt(6) switch
        {
            0 => builder.Sign(layer, "signs"),
            1 => builder.RPReLU(layer, "act"),
            2 => builder.Add("sum", layer, builder.MixedConvolution(node, "other", Widths(ref random, outputs), new(kernel, stride, dilation), ActivationBits(ref random))),
            3 => builder.RPReLU(builder.Add("sum", builder.BinaryOrFloatConvolution(node, "other", outputs, new(kernel, stride, dilation)), layer), "act"),
            4 => builder.BinaryOrFloatConvolution(layer, "next", outputs, new(1), activationBits: 2),
            _ => layer,
        };
        for (int k = 0; builder.TypeOf(after).Stride > 1; k++)
        {
            after = builder.Upsample(after, $"end{k}", 2, UpsampleMode.Nearest);
        }

        return Shake(builder.Build(new GraphOutput(DenseGraph.LogitsOutput, builder.Convolution(after, "classifier", 2, new(1), bias: true))), seed);
    }

    private static int ActivationBits(ref RandomStream random) => random.NextInt(3) == 0 ? 2 : 1;

    // One width for all, a few of two, pruned or one bit, or any.
    private static ImmutableArray<byte> Widths(ref RandomStream random, int channels)
    {
        byte[] widths = new byte[channels];
        (int kinds, int first, int second) = (random.NextInt(4), random.NextInt(5), random.NextInt(5));
        for (int c = 0; c < channels; c++)
        {
            widths[c] = ChannelQuantizer.Widths[kinds == 0 ? first : kinds == 1 ? random.NextInt(6) == 0 ? second : first : random.NextInt(kinds == 2 ? 2 : 5)];
        }

        return [.. widths];
    }

    private static int Attention(GraphBuilder builder, ref RandomStream random, int input, string name)
    {
        int heads = 1 + random.NextInt(3), reduction = 1 + random.NextInt(4);
        int queries = builder.Convolution(input, name + ".query", heads * (1 + random.NextInt(8)), new(1));
        int keys = builder.TokenSample(queries, name + ".key", reduction);
        int values = builder.TokenSample(builder.Convolution(input, name + ".value", heads * (1 + random.NextInt(6)), new(1)), name + ".token", reduction);
        bool signs = random.NextInt(2) == 0;
        return builder.ReducedAttention(
            signs ? builder.Sign(queries, name + ".query.sign") : queries, signs ? builder.Sign(keys, name + ".key.sign") : keys, values, name, heads);
    }

    private static int Channels(ref RandomStream random) => random.NextInt(4) switch
    {
        0 => 1,
        1 => 1 + random.NextInt(5),
        _ => 1 + random.NextInt(26),
    };

    private static DenseGraph Shake(DenseGraph graph, long seed)
    {
        RandomStream random = new(seed, 77);
        foreach (Parameter parameter in graph.Parameters.Where(p => p.Role is ParameterRole.Statistic or ParameterRole.Modulation))
        {
            bool isVariance = parameter.Name.EndsWith("variance", StringComparison.Ordinal);
            for (int i = 0; i < parameter.Values.Length; i++)
            {
                parameter.Values[i] = isVariance ? random.NextSingle(0.5f, 40) : parameter.Values[i] + random.NextSingle(-1, 1);
            }
        }

        return graph;
    }
}
