using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Weights of a 3x3 binary convolution over a map that nearest-neighbour enlargement has doubled. The nine taps of an output pixel see
/// only four different source pixels, so four steps instead of nine do for each group of input channels. Which taps fall together
/// depends on the output pixel's phase 2 i + j, its row and column modulo 2.
/// </summary>
internal static class EnlargedWeights
{
    /// <summary>Steps of a group of input channels.</summary>
    public const int Places = 4;

    /// <summary>Number of weights of all phases: [phase][output group of 4][input group of 4][place][output in the group].</summary>
    public static int Length(int outputs, int inputs) => 4 * PhaseLength(outputs, inputs);

    /// <summary>Number of weights of one phase.</summary>
    public static int PhaseLength(int outputs, int inputs) => NibbleWeights.Length(outputs, inputs, Places);

    /// <summary>For each place in order its row and column relative to the source pixel.</summary>
    public static (int Row, int Column) Place(int phase, int place) => ((phase >> 1) - 1 + (place >> 1), (phase & 1) - 1 + (place & 1));

    /// <summary>Packs bits [outputs, inputs, 3, 3], row-major, least significant bit of a byte first, a set bit meaning -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBits(ReadOnlySpan<byte> bits, int outputs, int inputs, Span<ushort> packed)
    {
        Span<int> negatives = stackalloc int[4];
        Span<uint> seen = stackalloc uint[4 * Places];
        for (int i = 0; i < seen.Length; i++)
        {
            seen[i] = Taps(i / Places, i % Places);
        }

        int groups = NibbleWeights.Groups(inputs), phaseLength = PhaseLength(outputs, inputs);
        for (int o = 0; o < 4 * NibbleWeights.Groups(outputs); o++)
        {
            for (int g = 0; g < groups; g++)
            {
                Span<ushort> target = packed[(((o >> 2) * groups + g) * Places * 4 + (o & 3))..];
                uint a = Row(bits, 4 * g), b = Row(bits, 4 * g + 1), c = Row(bits, 4 * g + 2), d = Row(bits, 4 * g + 3);
                for (int i = 0; i < seen.Length; i++)
                {
                    negatives[0] = BitOperations.PopCount(a & seen[i]);
                    negatives[1] = BitOperations.PopCount(b & seen[i]);
                    negatives[2] = BitOperations.PopCount(c & seen[i]);
                    negatives[3] = BitOperations.PopCount(d & seen[i]);
                    target[i / Places * phaseLength + i % Places * 4] = (ushort)MismatchTables.Offset(BitOperations.PopCount(seen[i]), negatives);
                }
            }

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            uint Row(ReadOnlySpan<byte> bits, int input) => o < outputs && input < inputs ? BitRow.Read(bits, (o * inputs + input) * 9, 9) : 0;
        }
    }

    // The taps of a window that see a place: bit 3 row + column.
    private static uint Taps(int phase, int place)
    {
        uint taps = 0;
        for (int tap = 0; tap < 9; tap++)
        {
            // The tap sees enlarged pixel (i - 1 + row, j - 1 + column), and so that halved, rounded down.
            int row = ((phase >> 1) + tap / 3 + 1) / 2 - 1, column = ((phase & 1) + tap % 3 + 1) / 2 - 1;
            taps |= (row, column) == Place(phase, place) ? 1u << tap : 0;
        }

        return taps;
    }
}
