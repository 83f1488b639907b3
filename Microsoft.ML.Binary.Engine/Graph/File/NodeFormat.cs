using System.Collections.Immutable;
using System.Text.Json;

namespace Microsoft.ML.Binary.Graph;

/// <summary>A node in the header of a network file: what all kinds have in common. What each has of its own is in <see cref="NodeKind"/>.</summary>
internal static class NodeFormat
{
    public const string SignsRole = "signs", LevelsRole = "levels";

    public static readonly IReadOnlyDictionary<string, ParameterRole> Roles = new Dictionary<string, ParameterRole>
    {
        ["weight"] = ParameterRole.Weight,
        ["latent"] = ParameterRole.LatentSign,
        ["modulation"] = ParameterRole.Modulation,
        ["statistic"] = ParameterRole.Statistic,
        ["constant"] = ParameterRole.Constant,
        ["architecture"] = ParameterRole.Architecture,
    };

    private static readonly Dictionary<ParameterRole, string> RoleNames = Roles.ToDictionary(p => p.Value, p => p.Key);

    /// <summary>The first version of the file format that has every one of these nodes.</summary>
    public static uint VersionOf(IEnumerable<Node> nodes) => nodes.Max(node =>
        Math.Max(NodeKind.Of(node).Version, node is LowBitConvolution { ActivationBits: > 1 } ? NetworkFileLayout.LevelsVersion : 1));

    public static void Write(Utf8JsonWriter json, Node node)
    {
        json.WriteStartObject();
        NodeKind kind = NodeKind.Of(node);
        json.WriteString("op", kind.Tag);
        json.WriteString("name", node.Name);
        json.WriteStartArray("in");
        foreach (int input in node.Inputs)
        {
            json.WriteNumberValue(input);
        }

        json.WriteEndArray();
        kind.WriteAttributes(json, node);
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
        else if (node is PackedMixedConvolution { Weight: QuantizedTensor q })
        {
            json.WriteStartObject();
            WriteRoleAndShape(json, LevelsRole, [q.Outputs, q.Inputs, q.Kernel, q.Kernel]);
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
        if (!NodeKind.ByTag.TryGetValue(op, out NodeKind? kind))
        {
            throw new InvalidDataException($"node '{name}' has the operation '{op}', which this release does not know");
        }

        Node node = kind.Read(name, inputs, header, ref tensors);
        tensors.End();
        header.End();
        return node is ImageInput && inputs.Length > 0
            ? throw new InvalidDataException($"node '{name}' is the image and has inputs")
            : node;
    }

    /// <summary>The packed weights of a node, which are no <see cref="Parameter"/>.</summary>
    public static ReadOnlySpan<byte> PackedWeights(Node node) => node switch
    {
        PackedBinaryConvolution n => n.Weight.Bits,
        PackedMixedConvolution n => n.Weight.Pack(),
        _ => [],
    };

    public static string FullName(string node, string name) => name.StartsWith('.') ? node + name : name;

    // A parameter is named after its node; only the rest is written.
    private static string ShortName(string node, string name) =>
        name.Length > node.Length + 1 && name.StartsWith(node, StringComparison.Ordinal) && name[node.Length] == '.' ? name[node.Length..] : name;

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
