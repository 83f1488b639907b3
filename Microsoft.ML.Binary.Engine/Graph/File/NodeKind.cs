using System.Collections.Immutable;
using System.Text.Json;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// A kind of node in the header of a network file: its name there, and how its attributes are written and the node is read back. A new kind
/// of node is a row of the table.
/// </summary>
internal sealed class NodeKind
{
    private const string ActivationBitsName = "activationBits";

    private static readonly Dictionary<string, UpsampleMode> Modes = new()
    {
        ["nearest"] = UpsampleMode.Nearest,
        ["bilinear"] = UpsampleMode.Bilinear,
    };

    private static readonly NodeKind[] All =
    [
        Of<ImageInput>("image", (name, _, _, ref _) => new ImageInput(name)),
        Of<Convolution>(
            "convolution",
            (name, inputs, header, ref tensors) => new Convolution(
                name, inputs, Geometry(header), header.Integer("groups", 1, DenseGraph.MaxChannels),
                tensors.Next(rank: 4), tensors.HasNext ? tensors.Next(rank: 1) : null),
            (json, node) =>
            {
                WriteGeometry(json, node.Geometry);
                json.WriteNumber("groups", node.Groups);
            }),
        Of<BinaryConvolution>(
            "binary-convolution",
            (name, inputs, header, ref tensors) => new BinaryConvolution(name, inputs, Geometry(header), tensors.Next(rank: 4)) { ActivationBits = ActivationBits(header) },
            WriteGeometry),
        Of<PackedBinaryConvolution>(
            "packed-binary-convolution",
            (name, inputs, header, ref tensors) => new PackedBinaryConvolution(name, inputs, Geometry(header), tensors.NextSigns()) { ActivationBits = ActivationBits(header) },
            WriteGeometry),
        Of<MixedConvolution>(
            "mixed-convolution",
            (name, inputs, header, ref tensors) => new MixedConvolution(
                name, inputs, Geometry(header), tensors.Next(rank: 4), Widths(header, "bits", DenseGraph.MaxChannels))
            {
                ActivationBits = ActivationBits(header),
            },
            (json, node) =>
            {
                WriteGeometry(json, node);
                WriteWidths(json, "bits", node.Bits);
            },
            version: 5),
        Of<PackedMixedConvolution>(
            "packed-mixed-convolution",
            (name, inputs, header, ref tensors) => new PackedMixedConvolution(
                name, inputs, Geometry(header), tensors.NextLevels(Widths(header, "bits", DenseGraph.MaxChannels)))
            {
                ActivationBits = ActivationBits(header),
            },
            (json, node) =>
            {
                WriteGeometry(json, node);
                WriteWidths(json, "bits", node.Weight.Bits);
            },
            version: 5),
        Of<SearchConvolution>(
            "search-convolution",
            (name, inputs, header, ref tensors) => new SearchConvolution(
                name, inputs, Geometry(header), tensors.Next(rank: 4), tensors.Next(rank: 2), Widths(header, "precisions", ChannelQuantizer.Widths.Length),
                header.Has("tied") ? header.Text("tied") : null)
            {
                ActivationBits = ActivationBits(header),
            },
            (json, node) =>
            {
                WriteGeometry(json, node);
                WriteWidths(json, "precisions", node.Precisions);
                if (node.TiedTo is not null)
                {
                    json.WriteString("tied", node.TiedTo);
                }
            },
            version: 5),
        Of<Affine>("affine", (name, inputs, _, ref tensors) => new Affine(name, inputs, tensors.Next(rank: 1), tensors.Next(rank: 1))),
        Of<BatchNorm>("batch-norm", (name, inputs, _, ref tensors) => new BatchNorm(
            name, inputs, tensors.Next(rank: 1), tensors.Next(rank: 1), tensors.Next(rank: 1), tensors.Next(rank: 1))),
        Of<Gate>("gate", (name, inputs, _, ref tensors) => new Gate(name, inputs, tensors.Next(rank: 1))),
        Of<Sign>("sign", (name, inputs, _, ref tensors) => new Sign(name, inputs, tensors.Next(rank: 1))),
        Of<ActivationLevels>("activation-levels", (name, inputs, _, ref tensors) => new ActivationLevels(name, inputs, tensors.Next(rank: 1), tensors.Next(rank: 1)), version: 6),
        Of<RPReLU>("rprelu", (name, inputs, _, ref tensors) => new RPReLU(
            name, inputs, tensors.Next(rank: 1), tensors.Next(rank: 1), tensors.Next(rank: 1))),
        Of<Add>("add", (name, inputs, _, ref _) => new Add(name, inputs)),
        Of<Concat>("concat", (name, inputs, _, ref _) => new Concat(name, inputs)),
        Of<ChannelMean>(
            "channel-mean",
            (name, inputs, header, ref _) => new ChannelMean(name, inputs, header.Integer("groups", 1, DenseGraph.MaxChannels)),
            (json, node) => json.WriteNumber("groups", node.Groups)),
        Of<Upsample>(
            "upsample",
            (name, inputs, header, ref _) => new Upsample(name, inputs, Factor(header), header.Choice("mode", Modes)),
            (json, node) =>
            {
                json.WriteNumber("factor", node.Factor);
                json.WriteString("mode", Modes.First(mode => mode.Value == node.Mode).Key);
            }),
        Of<PixelShuffle>(
            "pixel-shuffle",
            (name, inputs, header, ref _) => new PixelShuffle(name, inputs, Factor(header)),
            (json, node) => json.WriteNumber("factor", node.Factor)),
        Of<AveragePool>("average-pool", (name, inputs, _, ref _) => new AveragePool(name, inputs)),
        Of<TokenSample>(
            "token-sample",
            (name, inputs, header, ref _) => new TokenSample(name, inputs, Factor(header)),
            (json, node) => json.WriteNumber("factor", node.Factor)),
        Of<ReducedAttention>("reduced-attention", (name, inputs, _, ref tensors) => new ReducedAttention(
            name, inputs, tensors.Next(rank: 1), tensors.Next(rank: 1))),
        Of<SqueezeExcitation>("squeeze-excitation", (name, inputs, _, ref tensors) => new SqueezeExcitation(
            name, inputs, tensors.Next(rank: 2), tensors.Next(rank: 1), tensors.Next(rank: 2), tensors.Next(rank: 1)), version: 3),
        Of<AdaptiveShift>("adaptive-shift", (name, inputs, _, ref tensors) => new AdaptiveShift(name, inputs, tensors.Next(rank: 1)), version: 8),
        Of<Bottleneck>("bottleneck", (name, inputs, _, ref _) => new Bottleneck(name, inputs), version: 4),
        Of<GateMap>("gate-map", (name, inputs, _, ref _) => new GateMap(name, inputs), version: 3),
        Of<PixelGate>(
            "pixel-gate",
            (name, inputs, header, ref _) => new PixelGate(name, inputs, header.Integer("channel", 0, DenseGraph.MaxChannels)),
            (json, node) => json.WriteNumber("channel", node.Channel),
            version: 3),
    ];

    private static readonly Dictionary<Type, NodeKind> ByType = All.ToDictionary(kind => kind._type);

    private readonly Type _type;

    private NodeKind(string tag, Type type, NodeReader read, Action<Utf8JsonWriter, Node> writeAttributes, uint version) =>
        (Tag, _type, Read, WriteAttributes, Version) = (tag, type, read, writeAttributes, version);

    /// <summary>Makes a node from its attributes and tensors.</summary>
    public delegate Node NodeReader(string name, ImmutableArray<int> inputs, HeaderObject header, ref TensorReader tensors);

    /// <summary>The kinds by their names in files.</summary>
    public static IReadOnlyDictionary<string, NodeKind> ByTag { get; } = All.ToDictionary(kind => kind.Tag);

    /// <summary>What files call it.</summary>
    public string Tag { get; }

    /// <summary>Makes a node from its attributes and tensors.</summary>
    public NodeReader Read { get; }

    /// <summary>Writes what a node of this kind has besides name, inputs and tensors.</summary>
    public Action<Utf8JsonWriter, Node> WriteAttributes { get; }

    /// <summary>The first version of the file format that has such nodes.</summary>
    public uint Version { get; }

    /// <summary>The kind of a node.</summary>
    /// <exception cref="GraphException">There is none.</exception>
    public static NodeKind Of(Node node) => ByType.TryGetValue(node.GetType(), out NodeKind? kind)
        ? kind
        : throw new GraphException(node.Name, $"the network file has no case for {node.GetType().Name}");

    private static NodeKind Of<T>(string tag, NodeReader read, Action<Utf8JsonWriter, T>? writeAttributes = null, uint version = 1) where T : Node =>
        new(tag, typeof(T), read, (json, node) => writeAttributes?.Invoke(json, (T)node), version);

    private static int Factor(HeaderObject header) => header.Integer("factor", 1, 64);

    private static ConvolutionGeometry Geometry(HeaderObject header) =>
        new(header.Integer("kernel", 1, 64), header.Integer("stride", 1, 64), header.Integer("dilation", 1, 64));

    private static ImmutableArray<byte> Widths(HeaderObject header, string name, int longest) =>
        [.. header.Integers(name, longest, 0, 8).Select(bits => (byte)bits)];

    private static void WriteWidths(Utf8JsonWriter json, string name, ImmutableArray<byte> widths)
    {
        json.WriteStartArray(name);
        foreach (byte bits in widths)
        {
            json.WriteNumberValue(bits);
        }

        json.WriteEndArray();
    }

    private static int ActivationBits(HeaderObject header) => header.Has(ActivationBitsName) ? header.Integer(ActivationBitsName, 1, 8) : 1;

    private static void WriteGeometry(Utf8JsonWriter json, LowBitConvolution node)
    {
        WriteGeometry(json, node.Geometry);
        if (node.ActivationBits > 1)
        {
            json.WriteNumber(ActivationBitsName, node.ActivationBits);
        }
    }

    private static void WriteGeometry(Utf8JsonWriter json, ConvolutionGeometry geometry)
    {
        json.WriteNumber("kernel", geometry.Kernel);
        json.WriteNumber("stride", geometry.Stride);
        json.WriteNumber("dilation", geometry.Dilation);
    }
}
