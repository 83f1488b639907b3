using System.Buffers;
using System.Text;

namespace Microsoft.ML.Binary.Onnx;

/// <summary>
/// Writes the fields of one protocol-buffer message (protobuf.dev, "Encoding"): a tag, which is the field's number and wire type, then the
/// value. Repeated fields are written once for each value; readers accept that for packed ones too.
/// </summary>
internal sealed class ProtobufWriter
{
    private const int VarintType = 0, LengthType = 2;

    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public void Integer(int field, long value)
    {
        Tag(field, VarintType);
        Varint((ulong)value);
    }

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, LengthType);
        Varint((ulong)value.Length);
        _buffer.Write(value);
    }

    public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A message inside this one.</summary>
    public void Message(int field, Action<ProtobufWriter> write)
    {
        ProtobufWriter inner = new();
        write(inner);
        Bytes(field, inner.Written);
    }

    private void Tag(int field, int wireType) => Varint((ulong)(field << 3 | wireType));

    // Seven bits a byte, lowest first; the highest bit says that more follow.
    private void Varint(ulong value)
    {
        Span<byte> bytes = _buffer.GetSpan(10);
        int count = 0;
        for (; value > 0x7f; value >>= 7)
        {
            bytes[count++] = (byte)(value | 0x80);
        }

        bytes[count++] = (byte)value;
        _buffer.Advance(count);
    }
}
