using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Graph;

/// <summary>Every rule of every node: what is refused, that the message names the node, and the type that comes out otherwise.</summary>
[TestClass]
public sealed class NodeValidationTests
{
    private static readonly FeatureType Map = new(8, 4), Signs = new(8, 4, Bits: 1), Tokens = new(8, 4, Reduction: 2), Levels = new(8, 4, Bits: 2);

    [TestMethod]
    [DynamicData(nameof(Refusals))]
    public void Refuses(string problem, Node node, FeatureType[] inputs)
    {
        GraphException e = Assert.ThrowsExactly<GraphException>(() => node.Infer(inputs));
        Assert.AreEqual(node.Name, e.Node);
        StringAssert.Contains(e.Message, problem);
    }

    [TestMethod]
    [DynamicData(nameof(Acceptances))]
    public void Infers(FeatureType expected, Node node, FeatureType[] inputs) => Assert.AreEqual(expected, node.Infer(inputs));

    public static IEnumerable<(string Problem, Node Node, FeatureType[] Inputs)> Refusals =>
    [
        ("takes one input, and has 2", new AveragePool("n", [0, 1]), [Map, Map]),
        ("takes one input, and has 0", Real(1, [4, 8, 3, 3], new(3)), []),
        ("kernel 5 is not 1 or 3", Real(1, [4, 8, 5, 5], new(5)), [Map]),
        ("stride 3 is not 1 or 2", Real(1, [4, 8, 3, 3], new(3, Stride: 3)), [Map]),
        ("dilation 0 is not in 1..64", Real(1, [4, 8, 3, 3], new(3, Dilation: 0)), [Map]),
        ("dilation 65 is not in 1..64", Real(1, [4, 8, 3, 3], new(3, Dilation: 65)), [Map]),
        ("cannot be dilated", Real(1, [4, 8, 3, 3], new(3, Stride: 2, Dilation: 2)), [Map]),
        ("2 groups are neither 1 nor the 8 input channels", Real(2, [4, 4, 3, 3], new(3)), [Map]),
        ("12 output channels do not divide into 8 groups", Real(8, [12, 1, 3, 3], new(3)), [Map]),
        ("weight [4, 7, 3, 3] does not fit 8 input channels in 1 groups and kernel 3", Real(1, [4, 7, 3, 3], new(3)), [Map]),
        ("weight [4, 8, 1, 1] does not fit", Real(1, [4, 8, 1, 1], new(3)), [Map]),
        ("bias has 3 values for 4 output channels", Real(1, [4, 8, 3, 3], new(3), bias: 3), [Map]),
        ("a reduced token grid cannot be strided", Real(1, [4, 8, 3, 3], new(3, Stride: 2)), [Tokens]),
        ("kernel 2 is not 1 or 3", OneBit([4, 8, 2, 2], new(2)), [Signs]),
        ("put a sign node in front of it", OneBit([4, 8, 3, 3], new(3)), [Map]),
        ("weight [4, 9, 3, 3] does not fit 8 input channels and kernel 3", OneBit([4, 9, 3, 3], new(3)), [Signs]),
        ("a reduced token grid cannot be strided", OneBit([4, 8, 3, 3], new(3, Stride: 2)), [Tokens with { Bits = 1 }]),
        ("stride 4 is not 1 or 2", Packed(4, 8, 3, new(3, Stride: 4)), [Signs]),
        ("put a sign node in front of it", Packed(4, 8, 3, new(3)), [Map]),
        ("weights for 9 channels and kernel 3 do not fit 8 channels and kernel 3", Packed(4, 9, 3, new(3)), [Signs]),
        ("weights for 8 channels and kernel 1 do not fit 8 channels and kernel 3", Packed(4, 8, 1, new(3)), [Signs]),
        ("a reduced token grid cannot be strided", Packed(4, 8, 3, new(3, Stride: 2)), [Tokens with { Bits = 1 }]),
        ("put a sign node in front of it", OneBit([4, 8, 3, 3], new(3)), [Levels]),
        ("it reads levels of 2 bits", OneBit([4, 8, 3, 3], new(3)) with { ActivationBits = 2 }, [Signs]),
        ("it reads levels of 2 bits", Packed(4, 8, 3, new(3)) with { ActivationBits = 2 }, [Map]),
        ("activations of 3 bits are not possible", Packed(4, 8, 3, new(3)) with { ActivationBits = 3 }, [Levels]),
        ("queries and keys must both be signs or both be real", Attention(2, 2), [Levels, Levels, Map]),
        ("takes real values, and has levels", new Bottleneck("n", [0, 1]), [Levels, Levels]),
        ("'n.shift' has 7 values", new ActivationLevels("n", [0], Values("shift", 7), Values("clip", 8)), [Map]),
        ("'n.clip' has 7 values", new ActivationLevels("n", [0], Values("shift", 8), Values("clip", 7)), [Map]),
        ("'n.scale' has 7 values, and the input has 8 channels", new Affine("n", [0], Values("scale", 7), Values("offset", 8)), [Map]),
        ("'n.offset' has 9 values", new Affine("n", [0], Values("scale", 8), Values("offset", 9)), [Map]),
        ("'n.gamma' has 7 values", new BatchNorm("n", [0], Values("gamma", 7), Values("beta", 8), Values("mean", 8), Values("variance", 8)), [Map]),
        ("'n.beta' has 7 values", new BatchNorm("n", [0], Values("gamma", 8), Values("beta", 7), Values("mean", 8), Values("variance", 8)), [Map]),
        ("'n.mean' has 7 values", new BatchNorm("n", [0], Values("gamma", 8), Values("beta", 8), Values("mean", 7), Values("variance", 8)), [Map]),
        ("'n.variance' has 7 values", new BatchNorm("n", [0], Values("gamma", 8), Values("beta", 8), Values("mean", 8), Values("variance", 7)), [Map]),
        ("'n.logit' has 7 values", new Gate("n", [0], Values("logit", 7)), [Map]),
        ("'n.shift' has 7 values", new Sign("n", [0], Values("shift", 7)), [Map]),
        ("'n.shift' has 7 values", new RPReLU("n", [0], Values("shift", 7), Values("slope", 8), Values("offset", 8)), [Map]),
        ("'n.slope' has 7 values", new RPReLU("n", [0], Values("shift", 8), Values("slope", 7), Values("offset", 8)), [Map]),
        ("'n.offset' has 7 values", new RPReLU("n", [0], Values("shift", 8), Values("slope", 8), Values("offset", 7)), [Map]),
        ("'n.excite.bias' has 7 values", Squeeze(3, 8, 8, 3, 3, 7), [Map]),
        ("'n.squeeze' is [3, 7]; for 8 channels and 3 hidden values it must be [3, 8]", Squeeze(3, 7, 8, 3, 3, 8), [Map]),
        ("'n.excite' is [8, 4]", Squeeze(3, 8, 8, 4, 3, 8), [Map]),
        ("'n.weight' has 7 values", new AdaptiveShift("n", [0], Values("weight", 7)), [Map]),
        ("'n.scale' is [8, 1]; it must have one side, [8]", new Affine("n", [0], Column("scale", 8), Values("offset", 8)), [Map]),
        ("'n.bias' is [4, 1]; it must have one side", Real(1, [4, 8, 3, 3], new(3)) with { Bias = Column("bias", 4) }, [Map]),
        ("'n.temperature' is [2, 1]; it must have one side", Attention(2, 2) with { Temperature = Column("temperature", 2) }, [Map, Tokens, Tokens]),
        ("'n.slope' is [2, 1]; it must have one side", Attention(2, 2) with { Slope = Column("slope", 2) }, [Map, Tokens, Tokens]),
        ("'n.squeeze.bias' is [3, 1]; it must have one side", Squeeze(3, 8, 8, 3, 3, 8) with { SqueezeBias = Column("squeeze.bias", 3) }, [Map]),
        ("takes one input, and has 2", new GateMap("n", [0, 1]), [Map, Map]),
        ("takes a mean and a log variance, and has 1 inputs", new Bottleneck("n", [0]), [Map]),
        ("takes a mean and a log variance of one type", new Bottleneck("n", [0, 1]), [Map, Map with { Stride = 8 }]),
        ("takes real values, and has signs", new Bottleneck("n", [0, 1]), [Signs, Signs]),
        ("takes a map and gates, and has 1 inputs", new PixelGate("n", [0], 0), [Map]),
        ("takes a map and gates of one size", new PixelGate("n", [0, 1], 0), [Map, Map with { Stride = 8 }]),
        ("channel 8 of the gates is not in 0..7", new PixelGate("n", [0, 1], 8), [Map, Map]),
        ("channel -1 of the gates", new PixelGate("n", [0, 1], -1), [Map, Map]),
        ("adds two maps or more, and has 1", new Add("n", [0]), [Map]),
        ("adds maps of one shape, and has 8 channels at stride 4 and 9 channels at stride 4", new Add("n", [0, 1]), [Map, Map with { Channels = 9 }]),
        ("adds maps of one shape", new Add("n", [0, 1]), [Map, Map with { Stride = 8 }]),
        ("8 channels at stride 4 reduced by 2", new Add("n", [0, 1]), [Map, Tokens]),
        ("joins one map or more", new Concat("n", []), []),
        ("joins maps of one size", new Concat("n", [0, 1]), [Map, Map with { Stride = 8 }]),
        ("joins maps of one size", new Concat("n", [0, 1]), [Map, Tokens]),
        ("8 channels do not divide into 3 groups", new ChannelMean("n", [0], 3), [Map]),
        ("8 channels do not divide into 0 groups", new ChannelMean("n", [0], 0), [Map]),
        ("factor 3 is not 2 or 4", new Upsample("n", [0], 3, UpsampleMode.Nearest), [Map]),
        ("8 channels at stride 2 cannot be enlarged 4 times", new Upsample("n", [0], 4, UpsampleMode.Bilinear), [Map with { Stride = 2 }]),
        ("cannot be enlarged 2 times", new Upsample("n", [0], 2, UpsampleMode.Nearest), [Tokens]),
        ("factor 1 is not 2 or 4", new PixelShuffle("n", [0], 1), [Map]),
        ("cannot be enlarged 2 times", new PixelShuffle("n", [0], 2), [Map with { Stride = 1 }]),
        ("8 channels do not divide by 16", new PixelShuffle("n", [0], 4), [Map]),
        ("a reduced token grid cannot be pooled", new AveragePool("n", [0]), [Tokens]),
        ("reduction 0 is not in 1..64", new TokenSample("n", [0], 0), [Map]),
        ("reduction 65 is not in 1..64", new TokenSample("n", [0], 65), [Map]),
        ("the grid is reduced already", new TokenSample("n", [0], 2), [Tokens]),
        ("takes queries, keys and values, and has 2 inputs", Attention(2, 2), [Map, Tokens]),
        ("queries and keys must both be signs or both be real", Attention(2, 2), [Signs, Tokens, Tokens]),
        ("queries have 8 channels and keys 4", Attention(2, 2), [Map, Tokens with { Channels = 4 }, Tokens]),
        ("are not of one grid", Attention(2, 2), [Map, Tokens, Map]),
        ("are not of one grid", Attention(2, 2), [Tokens, Tokens, Tokens]),
        ("are not of one grid", Attention(2, 2), [Map with { Stride = 8 }, Tokens, Tokens]),
        ("2 temperatures and 3 slopes", Attention(2, 3), [Map, Tokens, Tokens]),
        ("8 query and 8 value channels do not divide into 3 heads", Attention(3, 3), [Map, Tokens, Tokens]),
        ("8 query and 9 value channels do not divide into 2 heads", Attention(2, 2), [Map, Tokens, Tokens with { Channels = 9 }]),
    ];

    public static IEnumerable<(FeatureType Expected, Node Node, FeatureType[] Inputs)> Acceptances =>
    [
        (new(3, 1), new ImageInput("n"), []),
        (new(4, 8), Real(1, [4, 8, 3, 3], new(3, Stride: 2), bias: 4), [Signs]),
        (new(16, 4), Real(8, [16, 1, 3, 3], new(3, Dilation: 4)), [Map]),
        (new(4, 8), OneBit([4, 8, 3, 3], new(3, Stride: 2)), [Signs]),
        (new(4, 4, Reduction: 2), Packed(4, 8, 1, new(1)), [Tokens with { Bits = 1 }]),
        (Map, Squeeze(3, 8, 8, 3, 3, 8), [Signs]),
        (Map, new AdaptiveShift("n", [0], Values("weight", 8)), [Signs]),
        (Map, new GateMap("n", [0]), [Signs]),
        (Map, new Bottleneck("n", [0, 1]), [Map, Map]),
        (Map, new PixelGate("n", [0, 1], 2), [Signs, Map with { Channels = 3 }]),
        (Map, new Affine("n", [0], Values("scale", 8), Values("offset", 8)), [Signs]),
        (Map, new BatchNorm("n", [0], Values("a", 8), Values("b", 8), Values("c", 8), Values("d", 8)), [Map]),
        (Map, new Gate("n", [0], Values("logit", 8)), [Signs]),
        (Signs, new Sign("n", [0], Values("shift", 8)), [Map]),
        (Map, new RPReLU("n", [0], Values("a", 8), Values("b", 8), Values("c", 8)), [Signs]),
        (Map, new Add("n", [0, 1]), [Signs, Map]),
        (new(16, 4), new Concat("n", [0, 1]), [Signs, Map]),
        (new(16, 4, Bits: 1), new Concat("n", [0, 0]), [Signs, Signs]),
        (Levels, new ActivationLevels("n", [0], Values("shift", 8), Values("clip", 8)), [Map]),
        (new(4, 4), Packed(4, 8, 3, new(3)) with { ActivationBits = 2 }, [Levels]),
        (new(16, 4), new Concat("n", [0, 0]), [Levels, Levels]),
        (new(8, 1, Bits: 2), new Upsample("n", [0], 4, UpsampleMode.Nearest), [Levels]),
        (new(8, 1), new Upsample("n", [0], 4, UpsampleMode.Bilinear), [Levels]),
        (new(2, 2), new PixelShuffle("n", [0], 2), [Levels]),
        (new(8, 4, Reduction: 8, Bits: 2), new TokenSample("n", [0], 8), [Levels]),
        (new(2, 4), new ChannelMean("n", [0], 4), [Signs]),
        (new(8, 1, Bits: 1), new Upsample("n", [0], 4, UpsampleMode.Nearest), [Signs]),
        (new(8, 2), new Upsample("n", [0], 2, UpsampleMode.Bilinear), [Signs]),
        (new(2, 2, Bits: 1), new PixelShuffle("n", [0], 2), [Signs]),
        (new(8, 8), new AveragePool("n", [0]), [Signs]),
        (new(8, 4, Reduction: 8, Bits: 1), new TokenSample("n", [0], 8), [Signs]),
        (new(4, 4), Attention(2, 2), [Signs, Tokens with { Bits = 1 }, Tokens with { Channels = 4 }]),
    ];

    private static Convolution Real(int groups, ImmutableArray<int> shape, ConvolutionGeometry geometry, int bias = 0) => new(
        "n", [0], geometry, groups,
        new("n.weight", ParameterRole.Weight, shape, new float[shape.Aggregate(1, (a, b) => a * b)]),
        bias == 0 ? null : Values("bias", bias));

    private static BinaryConvolution OneBit(ImmutableArray<int> shape, ConvolutionGeometry geometry) =>
        new("n", [0], geometry, new("n.weight", ParameterRole.LatentSign, shape, new float[shape.Aggregate(1, (a, b) => a * b)]));

    private static PackedBinaryConvolution Packed(int outputs, int inputs, int kernel, ConvolutionGeometry geometry) =>
        new("n", [0], geometry, new SignTensor(outputs, inputs, kernel, new byte[(outputs * inputs * kernel * kernel + 7) / 8]));

    private static ReducedAttention Attention(int temperatures, int slopes) =>
        new("n", [0, 1, 2], Values("temperature", temperatures), Values("slope", slopes));

    private static SqueezeExcitation Squeeze(int squeezeRows, int squeezeColumns, int exciteRows, int exciteColumns, int hidden, int channels) => new(
        "n", [0], new("n.squeeze", ParameterRole.Weight, [squeezeRows, squeezeColumns], new float[squeezeRows * squeezeColumns]), Values("squeeze.bias", hidden),
        new("n.excite", ParameterRole.Weight, [exciteRows, exciteColumns], new float[exciteRows * exciteColumns]), Values("excite.bias", channels));

    private static Parameter Values(string name, int count) => new($"n.{name}", ParameterRole.Modulation, [count], new float[count]);

    private static Parameter Column(string name, int count) => new($"n.{name}", ParameterRole.Modulation, [count, 1], new float[count]);
}
