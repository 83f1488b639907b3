using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Weights of several bits as digits of base 4, each from -2 to 2, so that the sum of four signs times digits is one of few tables, which stay in the
/// nearest cache: a channel of one or two bits is a row of digits, one of four bits two, of eight bits four. Entries have <see cref="Bias"/> added, so
/// that bytes are never negative.
/// </summary>
internal readonly unsafe struct DigitTables : ITables
{
    /// <summary>Added to each entry.</summary>
    public const int Bias = 8;

    /// <summary>Steps whose sum fits a 16-bit count.</summary>
    public const int MaxSteps = ushort.MaxValue / (2 * Bias);

    // Digits of four inputs.
    private const int Count = 5 * 5 * 5 * 5;

    /// <summary>The tables, in memory that lives as long as the process. Not a constant for the JIT: see <see cref="MismatchTables.Start"/>.</summary>
    private static byte* Tables { get; set; } = Make();

    public static byte* Start => Tables;

    // 15 steps of at most 16.
    public static int StepsPerByte => byte.MaxValue / (2 * Bias);

    /// <summary>Byte offset of the table of four digits.</summary>
    public static int Offset(ReadOnlySpan<int> digits)
    {
        int index = 0;
        for (int c = 3; c >= 0; c--)
        {
            index = 5 * index + digits[c] + 2;
        }

        return 16 * index;
    }

    private static byte* Make()
    {
        byte* tables = (byte*)NativeMemory.AlignedAlloc(16 * Count, 64);
        for (int i = 0; i < Count; i++)
        {
            for (int activations = 0; activations < 16; activations++)
            {
                int sum = Bias;
                for (int c = 0, rest = i; c < 4; c++, rest /= 5)
                {
                    int digit = rest % 5 - 2;
                    sum += (activations >> c & 1) == 0 ? digit : -digit;
                }

                tables[16 * i + activations] = (byte)sum;
            }
        }

        return tables;
    }
}

/// <summary>
/// Digits in the order in which <see cref="NibbleDot"/> reads them: [row group of 4][input group of 4][tap][row in the group], each the offset of a table
/// of <see cref="DigitTables"/>. Missing digits are 0.
/// </summary>
internal static class DigitWeights
{
    /// <summary>Rows of digits that a channel of so many bits has.</summary>
    public static int Rows(int bits) => (bits + 1) / 2;

    /// <summary>The digit of a level in a row: all but the last row of a channel have -2 to 1, the last what is left.</summary>
    public static int Digit(int level, int row, int rows)
    {
        for (int r = 0; r < row; r++)
        {
            level = (level - Lowest(level)) / 4;
        }

        return row == rows - 1 ? level : Lowest(level);

        static int Lowest(int level) => ((level + 2) & 3) - 2;
    }

    /// <summary>Packs digits [rows, inputs, taps]; the rows are whole groups of four.</summary>
    public static ushort[] Pack(Func<int, int, int> digit, int rows, int inputs, int taps)
    {
        int groups = NibbleWeights.Groups(inputs);
        ushort[] packed = new ushort[rows * groups * taps];
        Span<int> digits = stackalloc int[4];
        int at = 0;
        for (int first = 0; first < rows; first += 4)
        {
            for (int group = 0; group < groups; group++)
            {
                for (int tap = 0; tap < taps; tap++)
                {
                    for (int row = first; row < first + 4; row++)
                    {
                        for (int c = 0; c < 4; c++)
                        {
                            int input = 4 * group + c;
                            digits[c] = input < inputs ? digit(row, input * taps + tap) : 0;
                        }

                        packed[at++] = (ushort)DigitTables.Offset(digits);
                    }
                }
            }
        }

        return packed;
    }
}
