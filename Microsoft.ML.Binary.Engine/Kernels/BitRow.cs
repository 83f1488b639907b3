using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>Reads packed bits, least significant bit of a byte first.</summary>
internal static class BitRow
{
    /// <summary>The most bits that <see cref="Read"/> reads.</summary>
    public const int Longest = 32;

    /// <summary>So many bits from bit <paramref name="first"/> on, at most <see cref="Longest"/>; those above them are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Read(ReadOnlySpan<byte> bits, int first, int count)
    {
        ReadOnlySpan<byte> source = bits[(first >> 3)..];
        ulong word = source.Length >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(source) : ReadEnd(source);
        return (uint)(word >> (first & 7)) & (uint)((1ul << count) - 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong ReadEnd(ReadOnlySpan<byte> source)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        word.Clear();
        source.CopyTo(word);
        return BinaryPrimitives.ReadUInt64LittleEndian(word);
    }
}
