using System.Buffers.Binary;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Onnx;

/// <summary>Grows an ONNX graph operator by operator and keeps the names of its values apart.</summary>
internal sealed class OnnxGraph
{
    private readonly HashSet<string> _names = [];
    private readonly Dictionary<string, string> _shared = [];

    public List<OnnxTensor> Constants { get; } = [];

    public List<OnnxNode> Nodes { get; } = [];

    public List<OnnxValue> Inputs { get; } = [];

    public List<OnnxValue> Outputs { get; } = [];

    /// <summary>Takes a name: the wanted one, or with a number after it where that is taken.</summary>
    public string Reserve(string wanted)
    {
        string name = wanted;
        for (int i = 1; !_names.Add(name); i++)
        {
            name = $"{wanted}_{i}";
        }

        return name;
    }

    /// <summary>Adds an operator whose output gets a name like <paramref name="wanted"/>.</summary>
    /// <returns>The name of the output.</returns>
    public string Add(string wanted, string operation, string[] inputs, params OnnxAttribute[] attributes) =>
        AddAs(Reserve(wanted), operation, inputs, attributes);

    /// <summary>Adds an operator whose output has a name that was reserved for it.</summary>
    /// <returns>That name.</returns>
    public string AddAs(string reserved, string operation, string[] inputs, params OnnxAttribute[] attributes)
    {
        Nodes.Add(new OnnxNode(operation, inputs, [reserved], attributes));
        return reserved;
    }

    /// <summary>Adds an operator with several outputs.</summary>
    public string[] AddSplit(string wanted, int parts, string input, params OnnxAttribute[] attributes)
    {
        string[] outputs = [.. Enumerable.Range(0, parts).Select(i => Reserve($"{wanted}/{i}"))];
        Nodes.Add(new OnnxNode("Split", [input], outputs, attributes));
        return outputs;
    }

    /// <summary>Adds a constant of real numbers; without sides a scalar.</summary>
    /// <returns>Its name.</returns>
    public string Constant(string wanted, ReadOnlySpan<float> values, params long[] sides)
    {
        byte[] data = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(i * sizeof(float)), values[i]);
        }

        return Constant(wanted, OnnxType.Float, data, sides);
    }

    /// <summary>Adds a constant whose elements are given as bytes, little-endian.</summary>
    /// <returns>Its name.</returns>
    public string Constant(string wanted, OnnxType type, byte[] data, params long[] sides)
    {
        string name = Reserve(wanted);
        Constants.Add(new OnnxTensor(name, type, sides, data));
        return name;
    }

    /// <summary>A real number; the same one is stored once.</summary>
    public string Scalar(float value) => Shared(Invariant($"value {value:R}"), name => Constant(name, [value]));

    /// <summary>An integer; the same one is stored once.</summary>
    public string Index(long value) => Shared(Invariant($"index {value}"), name => Constant(name, OnnxType.Int64, Int64Bytes([value])));

    /// <summary>A list of integers; the same one is stored once.</summary>
    public string Indices(params long[] values) => Shared(
        $"indices {string.Join(' ', values.Select(value => Invariant($"{value}")))}", name => Constant(name, OnnxType.Int64, Int64Bytes(values), values.Length));

    private string Shared(string key, Func<string, string> make)
    {
        if (!_shared.TryGetValue(key, out string? name))
        {
            _shared[key] = name = make(key.Length <= 40 ? key : $"{key.AsSpan(0, 40)}...");
        }

        return name;
    }

    private static byte[] Int64Bytes(ReadOnlySpan<long> values)
    {
        byte[] data = new byte[values.Length * sizeof(long)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(i * sizeof(long)), values[i]);
        }

        return data;
    }
}
