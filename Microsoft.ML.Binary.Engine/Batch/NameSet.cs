using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Binary;

/// <summary>Which of millions of names were met before, and with what number. Names are kept as 16 bytes of their SHA-256.</summary>
internal sealed class NameSet(bool ignoreCase = false)
{
    private readonly Dictionary<UInt128, int> _numbers = [];

    /// <summary>Adds a name.</summary>
    /// <returns>The number of an equal name that was added before; null if there was none.</returns>
    public int? Add(string name, int number = 0) => Add(KeyOf(name), number);

    /// <summary>Adds a name in UTF-8.</summary>
    /// <returns>As for the same name as a string.</returns>
    public int? Add(ReadOnlySpan<byte> name, int number = 0)
    {
        char[] text = ArrayPool<char>.Shared.Rent(name.Length);
        try
        {
            return Add(KeyOf(text.AsSpan(0, Encoding.UTF8.GetChars(name, text))), number);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(text);
        }
    }

    public bool Contains(string name) => _numbers.ContainsKey(KeyOf(name));

    private int? Add(UInt128 key, int number)
    {
        ref int known = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, key, out bool exists);
        if (exists)
        {
            return known;
        }

        known = number;
        return null;
    }

    private UInt128 KeyOf(ReadOnlySpan<char> name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(ignoreCase ? name.ToString().ToUpperInvariant() : name), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
