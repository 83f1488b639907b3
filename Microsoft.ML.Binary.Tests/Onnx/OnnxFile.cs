using System.Text;

namespace Microsoft.ML.Binary.Tests.Onnx;

/// <summary>An operator as read from a file; where an optional input is missing its name is empty.</summary>
internal sealed record OnnxOperator(string Type, string Name, string[] Inputs, string[] Outputs);

/// <summary>
/// What ONNX Runtime does not tell of a file or does not insist on, read by field numbers from onnx.proto with nothing of the writer's code.
/// </summary>
internal sealed class OnnxFile
{
    private OnnxFile(Message model)
    {
        FormatVersion = (long)model.Single(1);
        OperatorSets = [.. model.All(8).Select(o => new Message(o)).Select(o => (o.Texts(1).SingleOrDefault(""), (long)o.Single(2)))];
        Message graph = new(model.Single(7));
        Operators = [.. graph.All(1).Select(o => new Message(o)).Select(o => new OnnxOperator(o.Texts(4).Single(), o.Texts(3).Single(), [.. o.Texts(1)], [.. o.Texts(2)]))];
        Constants = Names(graph, 5, name: 8);
        Inputs = Names(graph, 11, name: 1);
        Outputs = Names(graph, 12, name: 1);
    }

    public long FormatVersion { get; }

    public (string Domain, long Version)[] OperatorSets { get; }

    public OnnxOperator[] Operators { get; }

    public string[] Constants { get; }

    public string[] Inputs { get; }

    public string[] Outputs { get; }

    public static OnnxFile Parse(byte[] bytes) => new(new Message(bytes));

    private static string[] Names(Message graph, int field, int name) => [.. graph.All(field).SelectMany(o => new Message(o).Texts(name))];

    /// <summary>The fields of a protocol-buffer message in order: integers and byte strings, the only wire types in use.</summary>
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

        public IEnumerable<object> All(int field) => _fields.Where(f => f.Field == field).Select(f => f.Value);

        public object Single(int field) => All(field).Single();

        public IEnumerable<string> Texts(int field) => All(field).Select(bytes => Encoding.UTF8.GetString((byte[])bytes));

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
