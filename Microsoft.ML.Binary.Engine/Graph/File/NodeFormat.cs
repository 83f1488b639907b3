using System.Collections.Immutable;
using System.Text.Json;

namespace Microsoft.ML.Binary.Graph;

/// <summary>How each kind of node is written into the header of a network file, and read from it: the two switches mirror each other.</summary>
internal static class NodeFormat
{
    public const string SignsRole = "signs";

    public static readonly IReadOnlyDictionary<string, ParameterRole> Roles = new Dictionary<string, ParameterRole>
    {
        ["weight"] = ParameterRole.Weight,
        ["latent"] = ParameterRole.LatentSign,
        ["modulation"] = ParameterRole.Modulation,
        ["statistic"] = ParameterRole.Statistic,
        ["constant"] = ParameterRole.Constant,
    };

    private static readonly Dictionary<string, UpsampleMode> Modes = new()
    {
        ["nearest"] = UpsampleMode.Nearest,
        ["bilinear"] = UpsampleMode.Bilinear,
    };

    private static readonly Dictionary<ParameterRole, string> RoleNames = Roles.ToDictionary(p => p.Value, p => p.Key);

    /// <summary>The first version of the file format that has every one of these nodes.</summary>
    public static uint VersionOf(IEnumerable<Node> nodes) => nodes.Any(node => node is SqueezeExcitation or GateMap or PixelGate) ? 3u : 1u;

    public static void Write(Utf8JsonWriter json, Node node)
    {
        json.WriteStartObject();
        json.WriteString("op", Tag(node));
        json.WriteString("name", node.Name);
        json.WriteStartArray("in");
        foreach (int input in node.Inputs)
        {
            json.WriteNumberValue(input);
        }

        json.WriteEndArray();
        WriteAttributes(json, node);
        json.WriteStartArray("tensors");
        foreach (Parameter parameter in node.Parameters)
        {
            json.WriteStartObject();
            json.WriteString("name", ShortName(node.Name, parameter.Name));
            WriteRoleAndShape(json, RoleNames[parameter.Role], parameter.Shape.AsSpan());
        }

        if (node is PackedBinaryConvolution { Weight: SignTensor w })
        {
            json.WriteStartObject();
            WriteRoleAndShape(json, SignsRole, [w.Outputs, w.Inputs, w.Kernel, w.Kernel]);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static Node Read(HeaderObject header, ref TensorReader tensors)
    {
        string op = header.Text("op"), name = header.Text("name");
        header.Where = $"node '{name}'";
        ImmutableArray<int> inputs = [.. header.Integers("in", DenseGraph.MaxInputs, 0, DenseGraph.MaxNodes)];
        tensors.Begin(header, name);
        Node node = op switch
        {
            "image" => new ImageInput(name),
            "convolution" => new Convolution(
                name, inputs, Geometry(header), header.Integer("groups", 1, DenseGraph.MaxChannels),
                tensors.Next(rank: 4), tensors.HasNext ? tensors.Next(rank: 1) : null),
            "binary-convolution" => new BinaryConvolution(name, inputs, Geometry(header), tensors.Next(rank: 4)),
            "packed-binary-convolution" => new PackedBinaryConvolution(name, inputs, Geometry(header), tensors.NextSigns()),
            "affine" => new Affine(name, inputs, tensors.Next(rank: 1), tensors.Next(rank: 1)),
            "batch-norm" => new BatchNorm(name, inputs, tensors.Next(rank: 1), tensors.Next(rank: 1), tensors.Next(rank: 1), tensors.Next(rank: 1)),
            "gate" => new Gate(name, inputs, tensors.Next(rank: 1)),
            "sign" => new Sign(name, inputs, tensors.Next(rank: 1)),
            "rprelu" => new RPReLU(name, inputs, tensors.Next(rank: 1), tensors.Next(rank: 1), tensors.Next(rank: 1)),
            "add" => new Add(name, inputs),
            "concat" => new Concat(name, inputs),
            "channel-mean" => new ChannelMean(name, inputs, header.Integer("groups", 1, DenseGraph.MaxChannels)),
            "upsample" => new Upsample(name, inputs, header.Integer("factor", 1, 64), header.Choice("mode", Modes)),
            "pixel-shuffle" => new PixelShuffle(name, inputs, header.Integer("factor", 1, 64)),
            "average-pool" => new AveragePool(name, inputs),
            "token-sample" => new TokenSample(name, inputs, header.Integer("factor", 1, 64)),
            "reduced-attention" => new ReducedAttention(name, inputs, tensors.Next(rank: 1), tensors.Next(rank: 1)),
            "squeeze-excitation" => new SqueezeExcitation(
                name, inputs, tensors.Next(rank: 2), tensors.Next(rank: 1), tensors.Next(rank: 2), tensors.Next(rank: 1)),
            "gate-map" => new GateMap(name, inputs),
            "pixel-gate" => new PixelGate(name, inputs, header.Integer("channel", 0, DenseGraph.MaxChannels)),
            _ => throw new InvalidDataException($"node '{name}' has the operation '{op}', which this release does not know"),
        };
        tensors.End();
        header.End();
        return node is ImageInput && inputs.Length > 0
            ? throw new InvalidDataException($"node '{name}' is the image and has inputs")
            : node;
    }

    public static string FullName(string node, string name) => name.StartsWith('.') ? node + name : name;

    // A parameter is named after its node; only the rest is written.
    private static string ShortName(string node, string name) =>
        name.Length > node.Length + 1 && name.StartsWith(node, StringComparison.Ordinal) && name[node.Length] == '.' ? name[node.Length..] : name;

    public static string Tag(Node node) => node switch
    {
        ImageInput => "image",
        Convolution => "convolution",
        BinaryConvolution => "binary-convolution",
        PackedBinaryConvolution => "packed-binary-convolution",
        Affine => "affine",
        BatchNorm => "batch-norm",
        Gate => "gate",
        Sign => "sign",
        RPReLU => "rprelu",
        Add => "add",
        Concat => "concat",
        ChannelMean => "channel-mean",
        Upsample => "upsample",
        PixelShuffle => "pixel-shuffle",
        AveragePool => "average-pool",
        TokenSample => "token-sample",
        ReducedAttention => "reduced-attention",
        SqueezeExcitation => "squeeze-excitation",
        GateMap => "gate-map",
        PixelGate => "pixel-gate",
        _ => throw new GraphException(node.Name, $"the network file has no case for {node.GetType().Name}"),
    };

    private static void WriteAttributes(Utf8JsonWriter json, Node node)
    {
        switch (node)
        {
            case Convolution n:
                WriteGeometry(json, n.Geometry);
                json.WriteNumber("groups", n.Groups);
                break;
            case BinaryConvolution n:
                WriteGeometry(json, n.Geometry);
                break;
            case PackedBinaryConvolution n:
                WriteGeometry(json, n.Geometry);
                break;
            case ChannelMean n:
                json.WriteNumber("groups", n.Groups);
                break;
            case Upsample n:
                json.WriteNumber("factor", n.Factor);
                json.WriteString("mode", Modes.First(m => m.Value == n.Mode).Key);
                break;
            case PixelShuffle n:
                json.WriteNumber("factor", n.Factor);
                break;
            case TokenSample n:
                json.WriteNumber("factor", n.Factor);
                break;
            case PixelGate n:
                json.WriteNumber("channel", n.Channel);
                break;
        }
    }

    private static void WriteGeometry(Utf8JsonWriter json, ConvolutionGeometry geometry)
    {
        json.WriteNumber("kernel", geometry.Kernel);
        json.WriteNumber("stride", geometry.Stride);
        json.WriteNumber("dilation", geometry.Dilation);
    }

    private static ConvolutionGeometry Geometry(HeaderObject header) =>
        new(header.Integer("kernel", 1, 64), header.Integer("stride", 1, 64), header.Integer("dilation", 1, 64));

    private static void WriteRoleAndShape(Utf8JsonWriter json, string role, ReadOnlySpan<int> shape)
    {
        json.WriteString("role", role);
        json.WriteStartArray("shape");
        foreach (int side in shape)
        {
            json.WriteNumberValue(side);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
