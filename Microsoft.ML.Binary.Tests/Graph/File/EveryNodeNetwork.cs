using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Graph;

/// <summary>
/// A tiny network that has every kind of node, attribute and parameter role, two outputs, text beyond ASCII, and values that follow from
/// their position alone: the content of the golden files.
/// </summary>
internal static class EveryNodeNetwork
{
    /// <param name="version">The version of the file format whose nodes it has.</param>
    public static DenseNetwork Create(int version = 8)
    {
        List<Node> nodes = [];
        int image = Append(new ImageInput("image"));
        int normal = Append(new Affine(
            "normalize", [image], Values("normalize.scale", 3, ParameterRole.Constant), Values("normalize.offset", 3, ParameterRole.Constant)));
        int stem = Append(new Convolution(
            "stem", [normal], new(Kernel: 3, Stride: 2), 1, Tensor("stem.weight", ParameterRole.Weight, 4, 3, 3, 3), Values("stem.bias", 4)));
        int norm = Append(new BatchNorm(
            "norm", [stem], Values("norm.gamma", 4), Values("norm.beta", 4),
            Values("norm.mean", 4, ParameterRole.Statistic), new("norm.variance", ParameterRole.Statistic, [4], [1, 0.5f, 2, 0.25f])));
        int bent = Append(new RPReLU("bend", [norm], Values("bend.shift", 4), Values("bend.slope", 4), Values("bend.offset", 4)));
        int depth = Append(new Convolution("depth", [bent], new(Kernel: 3, Dilation: 2), 4, Tensor("depth.weight", ParameterRole.Weight, 4, 1, 3, 3), null));
        int pooled = Append(new AveragePool("pool", [depth]));
        int signs = Append(new Sign("sign", [pooled], Values("sign.shift", 4)));
        int latent = Append(new BinaryConvolution("latent", [signs], new(Kernel: 3), Tensor("latent.weight", ParameterRole.LatentSign, 4, 4, 3, 3)));
        int gate = Append(new Gate("gate", [latent], Values("another name.logit", 4)));
        int packed = Append(new PackedBinaryConvolution("packed", [signs], new(Kernel: 1), new SignTensor(3, 4, 1, [0b1010_0110, 0b0000_1001])));
        int tokens = Append(new TokenSample("tokens", [signs], 2));
        int attended = Append(new ReducedAttention("attend", [signs, tokens, tokens], Values("attend.temperature", 2), Values("attend.slope", 2)));
        int sum = Append(new Add("sum", [gate, attended]));
        int scaled = sum;
        if (version > 1)
        {
            int gates = Append(new GateMap("gates", [gate]));
            int gated = Append(new PixelGate("gated", [sum, gates], 2));
            scaled = Append(new SqueezeExcitation(
                "scaled", [gated], Tensor("scaled.squeeze", ParameterRole.Weight, 3, 4), Values("scaled.squeeze.bias", 3),
                Tensor("scaled.excite", ParameterRole.Weight, 4, 3), Values("scaled.excite.bias", 4)));
        }

        if (version > 3)
        {
            scaled = Append(new Bottleneck("rest", [scaled, sum]));
        }

        if (version > 4)
        {
            int bits = Append(new Sign("few.sign", [scaled], Values("few.sign.shift", 4)));
            int few = Append(new PackedMixedConvolution("few", [bits], new(Kernel: 1), new QuantizedTensor(
                4, 1, [0, 1, 2, 8, 4], [0, 0, 0, 0, 1, -1, -1, 1, -2, 1, 0, -1, -128, 127, 5, -6, 7, -8, 0, 3])));
            int again = Append(new Sign("some.sign", [few], Values("some.sign.shift", 5)));
            int some = Append(new MixedConvolution("some", [again], new(Kernel: 3, Dilation: 2), Tensor("some.weight", ParameterRole.LatentSign, 4, 5, 3, 3), [2, 0, 8, 1]));
            int sought = Append(new SearchConvolution(
                "sought", [bits], new(Kernel: 3), Tensor("sought.weight", ParameterRole.Weight, 4, 4, 3, 3), Tensor("sought.gates", ParameterRole.Architecture, 3, 4), [0, 2, 4]));
            int tied = Append(new SearchConvolution(
                "tied", [bits], new(Kernel: 1), Tensor("tied.weight", ParameterRole.Weight, 4, 4, 1, 1), Tensor("tied.gates", ParameterRole.Architecture, 3, 4), [0, 2, 4], TiedTo: "sought"));
            int soughtNorm = Append(Norm("sought.norm", sought)), tiedNorm = Append(Norm("tied.norm", tied));
            scaled = Append(new Add("of several widths", [some, soughtNorm, tiedNorm]));
        }

        if (version > 5)
        {
            int levels = Append(new ActivationLevels("levels", [scaled], Values("levels.shift", 4), new("levels.clip", ParameterRole.Modulation, [4], [6, 0.5f, 3, 0])));
            int one = Append(new BinaryConvolution("one of levels", [levels], new(Kernel: 3), Tensor("one of levels.weight", ParameterRole.LatentSign, 4, 4, 3, 3)) { ActivationBits = 2 });
            int bits = Append(new PackedBinaryConvolution("bits of levels", [levels], new(Kernel: 1), new SignTensor(4, 4, 1, [0b1010_0110, 0b0110_1001])) { ActivationBits = 2 });
            int few = Append(new PackedMixedConvolution("few of levels", [levels], new(Kernel: 1), new QuantizedTensor(
                4, 1, [0, 1, 2, 8], [0, 0, 0, 0, 1, -1, -1, 1, -2, 1, 0, -1, -128, 127, 5, -6]))
            { ActivationBits = 2 });
            int some = Append(new MixedConvolution("some of levels", [levels], new(Kernel: 1), Tensor("some of levels.weight", ParameterRole.LatentSign, 4, 4, 1, 1), [2, 0, 8, 1]) { ActivationBits = 2 });
            int sought = Append(Norm("sought of levels.norm", Append(new SearchConvolution(
                "sought of levels", [levels], new(Kernel: 1), Tensor("sought of levels.weight", ParameterRole.Weight, 4, 4, 1, 1),
                Tensor("sought of levels.gates", ParameterRole.Architecture, 2, 4), [1, 2])
            { ActivationBits = 2 })));
            scaled = Append(new Add("of levels", [one, bits, few, some, sought]));
        }

        if (version > 7)
        {
            scaled = Append(new AdaptiveShift("threshold", [scaled], Values("threshold.weight", 4)));
        }

        int shuffled = Append(new PixelShuffle("shuffle", [scaled], 2));
        int nearest = Append(new Upsample("nearest", [packed], 2, UpsampleMode.Nearest));
        int joined = Append(new Concat("join", [shuffled, nearest]));
        int mean = Append(new ChannelMean("mean", [joined], 2));
        int logits = Append(new Upsample("enlarge", [mean], 2, UpsampleMode.Bilinear));
        return new DenseNetwork(
            new DenseGraph([.. nodes], [new(DenseGraph.LogitsOutput, logits), new("features", sum)]),
            DenseTask.Segmentation,
            ["Straße", "\"sky\" 天"],
            ["#804080", "#00ff0A"],
            new Dictionary<string, string> { ["seed"] = "1", ["data"] = "none\n(golden)" }.ToImmutableSortedDictionary());

        static BatchNorm Norm(string name, int input) => new(
            name, [input], Values(name + ".gamma", 4), Values(name + ".beta", 4), Values(name + ".mean", 4, ParameterRole.Statistic),
            new(name + ".variance", ParameterRole.Statistic, [4], [1, 0.5f, 2, 0.25f]));

        int Append(Node node)
        {
            nodes.Add(node);
            return nodes.Count - 1;
        }
    }

    private static Parameter Values(string name, int count, ParameterRole role = ParameterRole.Modulation) => Tensor(name, role, count);

    private static Parameter Tensor(string name, ParameterRole role, params int[] shape) => new(
        name, role, [.. shape], [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(i => ((i * 7 + 3) % 11 - 5) / 4f)]);
}
