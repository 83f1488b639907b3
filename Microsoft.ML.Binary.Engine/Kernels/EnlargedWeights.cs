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
        int index = 0;
        for (int phase = 0; phase < 4; phase++)
        {
            for (int outputGroup = 0; outputGroup < NibbleWeights.Groups(outputs); outputGroup++)
            {
                for (int inputGroup = 0; inputGroup < NibbleWeights.Groups(inputs); inputGroup++)
                {
                    for (int i = 0; i < Places * 4; i++)
                    {
                        int place = i / 4, output = 4 * outputGroup + i % 4, taps = 0;
                        negatives.Clear();
                        for (int tap = 0; tap < 9; tap++)
                        {
                            // The tap sees enlarged pixel (i - 1 + row, j - 1 + column), and so that halved, rounded down.
                            int row = ((phase >> 1) + tap / 3 + 1) / 2 - 1, column = ((phase & 1) + tap % 3 + 1) / 2 - 1;
                            if ((row, column) != Place(phase, place))
                            {
                                continue;
                            }

                            taps++;
                            for (int c = 0; c < 4 && output < outputs && 4 * inputGroup + c < inputs; c++)
                            {
                                int bit = (output * inputs + 4 * inputGroup + c) * 9 + tap;
                                negatives[c] += bits[bit >> 3] >> (bit & 7) & 1;
                            }
                        }

                        packed[index++] = (ushort)MismatchTables.Offset(taps, negatives);
                    }
                }
            }
        }
    }
}
