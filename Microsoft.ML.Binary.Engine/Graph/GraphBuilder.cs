using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// Grows a trainable graph node by node, makes initial parameters, and knows the type of every node so far. Nodes are named by a path:
/// <see cref="Scope"/> puts a prefix in front of what is built inside.
/// </summary>
/// <param name="precision">Whether <see cref="BinaryOrFloatConvolution"/> builds one-bit convolutions or their float twins.</param>
/// <param name="seed">Seed of the initial weights.</param>
/// <example>
/// <code>
/// GraphBuilder builder = new(Precision.Binary, seed: 1);
/// int image = builder.NormalizedImage(mean: [124, 116, 104], deviation: [58, 57, 57]);
/// int stem = builder.BatchNorm(builder.Convolution(image, "stem", outputs: 16, new(Kernel: 3)), "stem.norm");
/// int block = builder.Add("block.sum", stem, builder.BinaryOrFloatConvolution(stem, "block", outputs: 16, new(Kernel: 3)));
/// int logits = builder.Convolution(builder.RPReLU(block, "block.activation"), "classifier", outputs: 3, new(Kernel: 1));
/// DenseGraph graph = builder.Build(new GraphOutput(DenseGraph.LogitsOutput, logits));
/// </code>
/// </example>
public sealed class GraphBuilder(Precision precision, long seed)
{
    /// <summary>Deviation of initial latent weights.</summary>
    internal const double LatentDeviation = 0.1;

    private readonly ImmutableArray<Node>.Builder _nodes = ImmutableArray.CreateBuilder<Node>();
    private readonly List<FeatureType> _types = [];
    private string _scope = "";
    private RandomStream _random = new(seed);

    /// <summary>What is being built: one-bit convolutions or their float twins.</summary>
    public Precision Precision { get; } = precision;

    /// <summary>Whether convolutions of few bits put an <see cref="Graph.AdaptiveShift"/> in front of the signs or levels that they make of a map.</summary>
    internal bool HasAdaptiveThresholds { get; set; }

    /// <summary>The type of a node built so far.</summary>
    public FeatureType TypeOf(int node) => _types[node];

    /// <summary>Builds a part whose node names start with <paramref name="name"/> and a slash.</summary>
    public T Scope<T>(string name, Func<T> build)
    {
        string outer = _scope;
        _scope = outer + name + "/";
        try
        {
            return build();
        }
        finally
        {
            _scope = outer;
        }
    }

    /// <summary>The image, 0..255, normalised to (x - mean) / deviation for each of red, green, blue.</summary>
    public int NormalizedImage(ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation)
    {
        int image = Append(new ImageInput(Name("image")));
        string name = Name("normalize");
        float[] scale = new float[3], offset = new float[3];
        for (int c = 0; c < 3; c++)
        {
            scale[c] = (float)(1.0 / deviation[c]);
            offset[c] = (float)(-(double)mean[c] / deviation[c]);
        }

        return Append(new Affine(
            name, [image],
            new Parameter(name + ".scale", ParameterRole.Constant, [3], scale),
            new Parameter(name + ".offset", ParameterRole.Constant, [3], offset)));
    }

    /// <summary>
    /// A real-valued convolution; <paramref name="groups"/> is 1 or the input channels. Its weights are He-initialised, times
    /// <paramref name="gain"/>: a small one lets a classifier start from nearly equal logits.
    /// </summary>
    public int Convolution(
        int input, string name, int outputs, ConvolutionGeometry geometry, int groups = 1, bool bias = false, float gain = 1)
    {
        name = Name(name);
        ImmutableArray<int> shape = [outputs, TypeOf(input).Channels / groups, geometry.Kernel, geometry.Kernel];
        float[] weight = Normal(shape, gain * Math.Sqrt(2.0 / (shape[1] * shape[2] * shape[3])));
        return Append(new Convolution(
            name, [input], geometry, groups,
            new Parameter(name + ".weight", ParameterRole.Weight, shape, weight),
            bias ? Parameter.PerChannel(name + ".bias", outputs, 0) : null));
    }

    /// <summary>
    /// Sign (or, for activations of two bits, levels), binary convolution and batch norm of initial scale <paramref name="gain"/>; in float precision
    /// convolution and batch norm. A map of signs or levels is read as it is.
    /// </summary>
    public int BinaryOrFloatConvolution(int input, string name, int outputs, ConvolutionGeometry geometry, float gain = 1, int activationBits = 1)
    {
        if (Precision == Precision.Float)
        {
            return BatchNorm(Convolution(input, name, outputs, geometry), name + ".norm", gain);
        }

        return LowBit(input, name, outputs, geometry, gain, activationBits, (path, inputs, weight) => new BinaryConvolution(path, inputs, geometry, weight));
    }

    /// <summary>Sign or levels, convolution with the given width of each output channel, and batch norm. A map of signs or levels is read as it is.</summary>
    internal int MixedConvolution(int input, string name, ImmutableArray<byte> bits, ConvolutionGeometry geometry, int activationBits = 1) => LowBit(
        input, name, bits.Length, geometry, gain: 1, activationBits, (path, inputs, weight) => new MixedConvolution(path, inputs, geometry, weight, bits));

    private int LowBit(
        int input, string name, int outputs, ConvolutionGeometry geometry, float gain, int activationBits, Func<string, ImmutableArray<int>, Parameter, LowBitConvolution> make)
    {
        input = FewBits(input, name, activationBits);
        string path = Name(name);
        ImmutableArray<int> shape = [outputs, TypeOf(input).Channels, geometry.Kernel, geometry.Kernel];
        Parameter weight = new(path + ".weight", ParameterRole.LatentSign, shape, Normal(shape, LatentDeviation));
        return BatchNorm(Append(make(path, [input], weight) with { ActivationBits = TypeOf(input).Bits }), name + ".norm", gain);
    }

    private int FewBits(int input, string name, int bits)
    {
        if (!TypeOf(input).IsReal)
        {
            return input;
        }

        input = HasAdaptiveThresholds ? AdaptiveShift(input, name + ".threshold") : input;
        return bits switch
        {
            1 => Sign(input, name + ".sign"),
            Graph.ActivationLevels.Bits => ActivationLevels(input, name + ".levels"),
            _ => throw new ArgumentOutOfRangeException(nameof(bits), bits, "Activations have one or two bits."),
        };
    }

    /// <summary>Batch normalisation; <paramref name="gain"/> is its initial scale, and with 0 it starts as a map of zeros.</summary>
    public int BatchNorm(int input, string name, float gain = 1)
    {
        name = Name(name);
        int channels = TypeOf(input).Channels;
        return Append(new BatchNorm(
            name, [input],
            Parameter.PerChannel(name + ".gamma", channels, gain),
            Parameter.PerChannel(name + ".beta", channels, 0),
            Parameter.PerChannel(name + ".mean", channels, 0, ParameterRole.Statistic),
            Parameter.PerChannel(name + ".variance", channels, 1, ParameterRole.Statistic)));
    }

    /// <summary>x * scale + offset for each channel, both trained.</summary>
    internal int Affine(int input, string name, float scale, float offset)
    {
        name = Name(name);
        int channels = TypeOf(input).Channels;
        return Append(new Affine(name, [input], Parameter.PerChannel(name + ".scale", channels, scale), Parameter.PerChannel(name + ".offset", channels, offset)));
    }

    /// <summary>A variational information bottleneck.</summary>
    internal int Bottleneck(int mean, int logVariance, string name) => Append(new Bottleneck(Name(name), [mean, logVariance]));

    /// <summary>Shifted sign.</summary>
    public int Sign(int input, string name)
    {
        name = Name(name);
        return Append(new Sign(name, [input], Parameter.PerChannel(name + ".shift", TypeOf(input).Channels, 0)));
    }

    /// <summary>Levels of two bits. Their thresholds start one apart, the middle one at 0, where a sign has its own.</summary>
    public int ActivationLevels(int input, string name)
    {
        name = Name(name);
        int channels = TypeOf(input).Channels;
        return Append(new ActivationLevels(name, [input], Parameter.PerChannel(name + ".shift", channels, 2), Parameter.PerChannel(name + ".clip", channels, Graph.ActivationLevels.Highest)));
    }

    /// <summary>Sign in binary precision, nothing in float precision.</summary>
    public int SignIfBinary(int input, string name) => Precision == Precision.Binary ? Sign(input, name) : input;

    /// <summary>RPReLU, starting as a PReLU of slope 0.25.</summary>
    public int RPReLU(int input, string name)
    {
        name = Name(name);
        int channels = TypeOf(input).Channels;
        return Append(new RPReLU(
            name, [input],
            Parameter.PerChannel(name + ".shift", channels, 0),
            Parameter.PerChannel(name + ".slope", channels, 0.25f),
            Parameter.PerChannel(name + ".offset", channels, 0)));
    }

    /// <summary>x * sigmoid(logit), starting at one half.</summary>
    public int Gate(int input, string name)
    {
        name = Name(name);
        return Append(new Gate(name, [input], Parameter.PerChannel(name + ".logit", TypeOf(input).Channels, 0)));
    }

    /// <summary>The map less a share of each channel's mean; it starts with all of it.</summary>
    public int AdaptiveShift(int input, string name)
    {
        name = Name(name);
        return Append(new AdaptiveShift(name, [input], Parameter.PerChannel(name + ".weight", TypeOf(input).Channels, 1)));
    }

    /// <summary>Channel scaling computed from the map, with <c>channels / reduction</c> hidden values, at least 4; it starts as the identity.</summary>
    public int SqueezeExcitation(int input, string name, int reduction)
    {
        name = Name(name);
        int channels = TypeOf(input).Channels, hidden = Math.Max(4, channels / reduction);

        // Random numbers of its own: with or without it, the rest of a network starts from the same weights.
        RandomStream random = new(seed, _nodes.Count);
        ImmutableArray<int> squeeze = [hidden, channels], excite = [channels, hidden];
        return Append(new SqueezeExcitation(
            name, [input],
            new Parameter(name + ".squeeze", ParameterRole.Weight, squeeze, Normal(squeeze, Math.Sqrt(2.0 / channels), ref random)),
            Parameter.PerChannel(name + ".squeeze.bias", hidden, 0),
            new Parameter(name + ".excite", ParameterRole.Weight, excite, new float[channels * hidden]),
            Parameter.PerChannel(name + ".excite.bias", channels, 0)));
    }

    /// <summary>2 sigmoid(x).</summary>
    public int GateMap(int input, string name) => Append(new GateMap(Name(name), [input]));

    /// <summary>Every channel times one channel of <paramref name="gates"/>.</summary>
    public int PixelGate(int input, int gates, string name, int channel) => Append(new PixelGate(Name(name), [input, gates], channel));

    /// <summary>The sum of maps; of a single one, itself.</summary>
    public int Add(string name, params ReadOnlySpan<int> inputs) => inputs.Length == 1 ? inputs[0] : Append(new Add(Name(name), [.. inputs]));

    /// <summary>Channels of all inputs, one after the other.</summary>
    public int Concat(string name, params ReadOnlySpan<int> inputs) => Append(new Concat(Name(name), [.. inputs]));

    /// <summary>The mean over <paramref name="groups"/> channel groups; for one group, the input itself.</summary>
    public int ChannelMean(int input, string name, int groups) => groups == 1 ? input : Append(new ChannelMean(Name(name), [input], groups));

    /// <summary>Enlarges a map.</summary>
    public int Upsample(int input, string name, int factor, UpsampleMode mode) => Append(new Upsample(Name(name), [input], factor, mode));

    /// <summary>Channels to space.</summary>
    public int PixelShuffle(int input, string name, int factor) => Append(new PixelShuffle(Name(name), [input], factor));

    /// <summary>Mean of 2x2 blocks.</summary>
    public int AveragePool(int input, string name) => Append(new AveragePool(Name(name), [input]));

    /// <summary>Nearest-exact sampling of the token grid.</summary>
    public int TokenSample(int input, string name, int factor) => Append(new TokenSample(Name(name), [input], factor));

    /// <summary>Attention with temperature 1 / sqrt(head channels) and no distance bias to start with.</summary>
    public int ReducedAttention(int queries, int keys, int values, string name, int heads)
    {
        name = Name(name);
        float temperature = (float)(1 / Math.Sqrt(TypeOf(queries).Channels / (double)heads));
        return Append(new ReducedAttention(
            name, [queries, keys, values],
            Parameter.PerChannel(name + ".temperature", heads, temperature),
            Parameter.PerChannel(name + ".slope", heads, 0)));
    }

    /// <summary>The finished graph.</summary>
    public DenseGraph Build(params ReadOnlySpan<GraphOutput> outputs) => new(_nodes.ToImmutable(), [.. outputs]);

    private string Name(string name) => _scope + name;

    private int Append(Node node)
    {
        FeatureType[] inputs = [.. node.Inputs.Select(TypeOf)];
        _types.Add(node.Infer(inputs));
        _nodes.Add(node);
        return _nodes.Count - 1;
    }

    private float[] Normal(ImmutableArray<int> shape, double deviation) => Normal(shape, deviation, ref _random);

    internal static float[] Normal(ImmutableArray<int> shape, double deviation, ref RandomStream random)
    {
        float[] values = new float[shape.Aggregate(1, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(deviation * random.NextNormal());
        }

        return values;
    }
}
