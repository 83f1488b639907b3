using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Mismatches of one tap of six channels: AVX-512 VBMI looks bytes up in tables of 64, so that one look-up and one addition count six channels of 64 pixels.
/// 42 steps make at most 252.
/// </summary>
internal readonly unsafe struct TablesOfSix : IWideTables
{
    // Not readonly, for the reason given at MismatchTables.Start.
    private static byte* Tables { get; set; } = MakeTables();

    public static byte* Start => Tables;

    public static int StepsPerByte => 42;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Load(byte* table) => Vector512.LoadAligned(table);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LookUp(Vector512<byte> table, Vector512<byte> signs) => Avx512Vbmi.PermuteVar64x8(table, signs);

    // Table w holds popcount(a xor w) for every a.
    private static byte* MakeTables()
    {
        byte* tables = (byte*)NativeMemory.AlignedAlloc(64 * 64, 64);
        for (int i = 0; i < 64 * 64; i++)
        {
            tables[i] = (byte)BitOperations.PopCount((uint)(i / 64 ^ i % 64));
        }

        return tables;
    }
}

/// <summary>
/// One-bit weights in the order in which <see cref="WideDot"/> reads them: [output group of 4][input group of 6][tap][output in the
/// group], each the six weight bits (bit set: -1) times 64, the bytes of a table. Missing channels are +1, and so are missing activations.
/// </summary>
internal static class VbmiWeights
{
    /// <summary>Channels of a plane.</summary>
    public const int Channels = 6;

    /// <summary>Number of weights of a convolution.</summary>
    public static int Length(int outputs, int inputs, int taps) => NibbleWeights.Groups(outputs) * SignPacking.Planes(inputs, Channels) * taps * 4;

    /// <summary>Packs bits [outputs, inputs, taps], row-major, least significant bit of a byte first, a set bit meaning -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBits(ReadOnlySpan<byte> bits, int outputs, int inputs, int taps, Span<ushort> packed)
    {
        Span<uint> rows = stackalloc uint[Channels];
        int groups = SignPacking.Planes(inputs, Channels);
        packed.Clear();
        for (int o = 0; o < outputs; o++)
        {
            for (int g = 0; g < groups; g++)
            {
                Span<ushort> target = packed[(((o >> 2) * groups + g) * taps * 4 + (o & 3))..];
                for (int first = 0; first < taps; first += BitRow.Longest)
                {
                    int count = Math.Min(taps - first, BitRow.Longest);
                    rows.Clear();
                    for (int c = 0; c < Math.Min(Channels, inputs - g * Channels); c++)
                    {
                        rows[c] = BitRow.Read(bits, (o * inputs + g * Channels + c) * taps + first, count);
                    }

                    for (int t = 0; t < count; t++)
                    {
                        uint six = rows[0] >> t & 1 | (rows[1] >> t & 1) << 1 | (rows[2] >> t & 1) << 2
                            | (rows[3] >> t & 1) << 3 | (rows[4] >> t & 1) << 4 | (rows[5] >> t & 1) << 5;
                        target[4 * (first + t)] = (ushort)(six << 6);
                    }
                }
            }
        }
    }
}
