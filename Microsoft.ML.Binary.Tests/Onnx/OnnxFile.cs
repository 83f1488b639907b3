using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Binary.Tests.Onnx;

/// <summary>A constant or value of an ONNX graph; whole numbers are held as doubles too.</summary>
internal sealed record OnnxArray(bool IsFloat, int[] Sides, double[] Values);

/// <summary>An operator as read from a file. Attributes are texts or lists of whole numbers.</summary>
internal sealed record OnnxOperator(string Type, string[] Inputs, string[] Outputs, Dictionary<string, object> Attributes)
{
    public int[] Numbers(string attribute) => [.. ((List<long>)Attributes[attribute]).Select(n => (int)n)];

    public int Number(string attribute) => Numbers(attribute).Single();
}

/// <summary>An input or output: its sides are numbers, symbols, or empty where unknown.</summary>
internal sealed record OnnxEnd(string Name, string[] Sides);

/// <summary>What tests look at in an ONNX file, read by field numbers from onnx.proto with nothing of the writer's code.</summary>
internal sealed class OnnxFile
{
    private OnnxFile(Message model)
    {
        FormatVersion = (long)model.Single(1);
        Producer = Message.Text(model.Single(2));
        OperatorSets = [.. model.All(8).Select(o => (Message.Text(new Message(o).All(1).FirstOrDefault(Array.Empty<byte>())), (long)new Message(o).Single(2)))];
        Metadata = model.All(14).Select(o => new Message(o)).ToDictionary(o => Message.Text(o.Single(1)), o => Message.Text(o.Single(2)));
        Message graph = new(model.Single(7));
        Operators = [.. graph.All(1).Select(o => Operator(new Message(o)))];
        Constants = graph.All(5).Select(o => new Message(o)).ToDictionary(o => Message.Text(o.Single(8)), Constant);
        Inputs = [.. graph.All(11).Select(o => End(new Message(o)))];
        Outputs = [.. graph.All(12).Select(o => End(new Message(o)))];
    }

    public long FormatVersion { get; }

    public string Producer { get; }

    public (string Domain, long Version)[] OperatorSets { get; }

    public Dictionary<string, string> Metadata { get; }

    public OnnxOperator[] Operators { get; }

    public Dictionary<string, OnnxArray> Constants { get; }

    public OnnxEnd[] Inputs { get; }

    public OnnxEnd[] Outputs { get; }

    public static OnnxFile Parse(byte[] bytes) => new(new Message(bytes));

    /// <summary>The operator that makes a value.</summary>
    public OnnxOperator Maker(string value) => Operators.Single(o => o.Outputs.Contains(value));

    private static OnnxOperator Operator(Message node)
    {
        Dictionary<string, object> attributes = [];
        foreach (Message attribute in node.All(5).Select(o => new Message(o)))
        {
            attributes[Message.Text(attribute.Single(1))] = (long)attribute.Single(20) switch
            {
                2 => new List<long> { (long)attribute.Single(3) },
                3 => Message.Text(attribute.Single(4)),
                7 => attribute.All(8).Select(n => (long)n).ToList(),
                long type => throw new InvalidDataException($"attribute type {type}"),
            };
        }

        Assert.AreEqual(Message.Text(node.All(2).First()), Message.Text(node.Single(3)), "a node is named like its first output");
        return new OnnxOperator(
            Message.Text(node.Single(4)), [.. node.All(1).Select(Message.Text)], [.. node.All(2).Select(Message.Text)], attributes);
    }

    private static OnnxArray Constant(Message tensor)
    {
        int[] sides = [.. tensor.All(1).Select(n => (int)(long)n)];
        byte[] data = (byte[])tensor.Single(9);
        long type = (long)tensor.Single(2);
        int count = sides.Aggregate(1, (a, b) => a * b), size = data.Length / Math.Max(1, count);
        Assert.AreEqual(type switch { 1 => 4, 7 => 8, _ => throw new InvalidDataException($"tensor type {type}") }, size);
        return new OnnxArray(type == 1, sides, [.. Enumerable.Range(0, count).Select(i => type == 1
            ? BinaryPrimitives.ReadSingleLittleEndian(data.AsSpan(4 * i))
            : BinaryPrimitives.ReadInt64LittleEndian(data.AsSpan(8 * i)))]);
    }

    private static OnnxEnd End(Message value)
    {
        Message tensor = new(new Message(value.Single(2)).Single(1));
        Assert.AreEqual(1L, tensor.Single(1), "the element type is float");
        return new OnnxEnd(Message.Text(value.Single(1)), [.. new Message(tensor.Single(2)).All(1).Select(o =>
        {
            Message side = new(o);
            return side.All(1).Concat(side.All(2).Select(text => (object)Message.Text(text))).SingleOrDefault("").ToString()!;
        })]);
    }

    /// <summary>The fields of a protocol-buffer message in order: whole numbers and byte strings, the only wire types in use.</summary>
    private sealed class Message
    {
        private readonly List<(int Field, object Value)> _fields = [];

        public Message(object bytes)
        {
            byte[] data = (byte[])bytes;
            for (int at = 0; at < data.Length;)
            {
                long tag = Varint(data, ref at), value = Varint(data, ref at);
                if ((tag & 7) == 2)
                {
                    _fields.Add(((int)(tag >> 3), data[at..(at + (int)value)]));
                    at += (int)value;
                }
                else
                {
                    Assert.AreEqual(0, tag & 7, "the wire type is varint or length-delimited");
                    _fields.Add(((int)(tag >> 3), value));
                }
            }
        }

        public static string Text(object bytes) => Encoding.UTF8.GetString((byte[])bytes);

        public IEnumerable<object> All(int field) => _fields.Where(f => f.Field == field).Select(f => f.Value);

        public object Single(int field) => All(field).Single();

        private static long Varint(byte[] data, ref int at)
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte b = data[at++];
                value |= (ulong)(b & 0x7f) << shift;
                if (b < 0x80)
                {
                    return (long)value;
                }
            }
        }
    }
}
