using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// Takes the tensors of one node after the other from the tensor part of a file. What a header asks for is compared with the bytes that
/// are left before anything is allocated.
/// </summary>
internal ref struct TensorReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;
    private JsonElement[] _entries = [];
    private int _next;
    private long _pruned;
    private string _node = "";

    /// <summary>Bytes not taken yet.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>Whether the node has another tensor.</summary>
    public readonly bool HasNext => _next < _entries.Length;

    /// <summary>Goes on to the tensors of a node.</summary>
    public void Begin(HeaderObject header, string node)
    {
        _entries = header.List("tensors", DenseGraph.MaxParameters);
        _next = 0;
        _node = node;
    }

    /// <summary>The next tensor of the node, a float one with <paramref name="rank"/> sides.</summary>
    public Parameter Next(int rank)
    {
        HeaderObject entry = NextEntry();
        string name = NodeFormat.FullName(_node, entry.Text("name"));
        ParameterRole role = entry.Choice("role", NodeFormat.Roles);
        ImmutableArray<int> shape = Shape(entry, rank);
        entry.End();
        ReadOnlySpan<byte> bytes = Take(shape, bitsPerValue: 32, name);
        float[] values = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        }

        Parameter parameter = new(name, role, shape, values);
        Freezing.CheckFinite(parameter);
        return parameter;
    }

    /// <summary>The next tensor of the node, one of signs.</summary>
    public SignTensor NextSigns()
    {
        HeaderObject entry = NextEntry();
        string role = entry.Text("role");
        ImmutableArray<int> shape = Shape(entry, 4);
        entry.End();
        if (role != NodeFormat.SignsRole || shape[2] != shape[3])
        {
            throw new InvalidDataException(
                $"the weights of '{_node}' have the role '{role}' and the shape [{string.Join(", ", shape)}], " +
                $"not '{NodeFormat.SignsRole}' and a square kernel");
        }

        return new SignTensor(shape[0], shape[1], shape[2], Take(shape, bitsPerValue: 1, _node).ToArray());
    }

    /// <summary>The next tensor of the node, one of levels of the given widths.</summary>
    public QuantizedTensor NextLevels(ImmutableArray<byte> bits)
    {
        HeaderObject entry = NextEntry();
        string role = entry.Text("role");
        ImmutableArray<int> shape = Shape(entry, 4);
        entry.End();
        if (role != NodeFormat.LevelsRole || shape[2] != shape[3] || shape[0] != bits.Length)
        {
            throw new InvalidDataException(
                $"the weights of '{_node}' have the role '{role}' and the shape [{string.Join(", ", shape)}], " +
                $"not '{NodeFormat.LevelsRole}', {bits.Length} outputs as there are widths, and a square kernel");
        }

        QuantizedTensor.CheckBits(bits);
        UInt128 products = (UInt128)(uint)shape[1] * (uint)shape[2] * (uint)shape[3];
        UInt128 pruned = products * (uint)bits.Count(width => width == 0), kept = products * (uint)bits.Length - pruned;
        if ((UInt128)_pruned + pruned > NetworkFileLayout.MaxPrunedWeights || kept > 8 * (UInt128)_rest.Length || pruned + kept > (UInt128)Array.MaxLength)
        {
            throw new InvalidDataException($"the weights of '{_node}' have the shape [{string.Join(", ", shape)}], which is more than the file can hold ({_rest.Length} bytes are left)");
        }

        _pruned += (long)pruned;
        long bytes = QuantizedTensor.PackedLength(bits.AsSpan(), (long)products);
        if (bytes > _rest.Length)
        {
            throw new InvalidDataException($"the weights of '{_node}' need {bytes} bytes; {_rest.Length} are left");
        }

        QuantizedTensor tensor = QuantizedTensor.Unpack(shape[1], shape[2], bits, _rest[..(int)bytes]);
        _rest = _rest[(int)bytes..];
        return tensor;
    }

    /// <summary>Checks that the node has no further tensors.</summary>
    public readonly void End()
    {
        if (HasNext)
        {
            throw new InvalidDataException($"node '{_node}' has {_entries.Length} tensors, more than its operation takes");
        }
    }

    private HeaderObject NextEntry() => HasNext
        ? new HeaderObject(_entries[_next++], $"a tensor of node '{_node}'")
        : throw new InvalidDataException($"node '{_node}' has {_entries.Length} tensors, fewer than its operation takes");

    private static ImmutableArray<int> Shape(HeaderObject entry, int rank)
    {
        int[] shape = entry.Integers("shape", rank, 1, int.MaxValue);
        return shape.Length == rank
            ? [.. shape]
            : throw new InvalidDataException($"'shape' of {entry.Where} has {shape.Length} sides; it must have {rank}");
    }

    private ReadOnlySpan<byte> Take(ImmutableArray<int> shape, int bitsPerValue, string name)
    {
        UInt128 bits = (UInt128)bitsPerValue;
        foreach (int side in shape)
        {
            bits *= (uint)side;
        }

        UInt128 bytes = (bits + 7) / 8;
        if (bytes > (UInt128)_rest.Length)
        {
            throw new InvalidDataException($"'{name}' has the shape [{string.Join(", ", shape)}], which needs {bytes} bytes; {_rest.Length} are left");
        }

        ReadOnlySpan<byte> taken = _rest[..(int)bytes];
        _rest = _rest[(int)bytes..];
        return taken;
    }
}
