using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Reads what <see cref="ModelSaveContext"/> wrote. The file is not trusted: nothing is allocated before its bytes are known to be there.</summary>
internal sealed class ModelReader(byte[] model, ComponentCatalog catalog)
{
    private readonly BinaryReader _reader = new(new MemoryStream(model, writable: false), Encoding.UTF8);

    public ComponentCatalog Catalog => catalog;

    public byte ReadByte() => Checked(_reader.ReadByte);

    public bool ReadBoolean() => ReadByte() != 0;

    public int ReadInt32() => Checked(_reader.ReadInt32);

    public string ReadString() => Checked(_reader.ReadString);

    public string[] ReadStrings()
    {
        var values = new List<string>();
        for (int left = ReadInt32(); left > 0; left--)
        {
            values.Add(ReadString());
        }

        return [.. values];
    }

    public byte[] ReadBytes(int count, int size)
    {
        long bytes = (long)count * size;
        if (count < 0 || bytes > _reader.BaseStream.Length - _reader.BaseStream.Position)
        {
            throw Corrupt($"a vector of {count} items");
        }

        return _reader.ReadBytes((int)bytes);
    }

    public FormatException Corrupt(string found) => new($"The model file is corrupt or truncated: {found} at byte {_reader.BaseStream.Position}.");

    private T Checked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException)
        {
            throw Corrupt("an unreadable value");
        }
    }
}
