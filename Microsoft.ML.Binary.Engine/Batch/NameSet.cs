using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Microsoft.ML.Binary;

/// <summary>Which of millions of names were met before, and with what number. Names are kept as 16 bytes of their SHA-256.</summary>
internal sealed class NameSet(bool ignoreCase = false)
{
    private readonly Dictionary<UInt128, int> _numbers = [];

    /// <summary>Adds a name.</summary>
    /// <returns>The number of an equal name that was added before; null if there was none.</returns>
    public int? Add(string name, int number = 0)
    {
        ref int known = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, KeyOf(name), out bool exists);
        if (exists)
        {
            return known;
        }

        known = number;
        return null;
    }

    public bool Contains(string name) => _numbers.ContainsKey(KeyOf(name));

    private UInt128 KeyOf(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes((ignoreCase ? name.ToUpperInvariant() : name).AsSpan()), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }
}
