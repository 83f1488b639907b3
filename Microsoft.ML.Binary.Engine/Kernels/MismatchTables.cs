using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// The tables of <see cref="NibbleDot"/>: 16 bytes each, indexed by four activations. Where n taps of a window see the same pixel, what
/// counts is how many of their weights are -1 in each of the four channels, m: an activation of +1 mismatches m of them, -1 the other
/// n - m. So there are (n + 1)^4 tables for n taps; for n = 1 the number of the table is the weight nibble.
/// </summary>
internal static unsafe class MismatchTables
{
    /// <summary>The first table, in memory that lives as long as the process: for 1, 2 and 4 taps one after the other.</summary>
    /// <remarks>Not a readonly field: of one the JIT makes a constant, which it then loads anew in every turn of an inner loop.</remarks>
    public static byte* Start { get; private set; } = Make();

    /// <summary>Byte offset of a table.</summary>
    /// <param name="taps">1, 2 or 4.</param>
    /// <param name="negatives">For each of four channels the number of weights that are -1.</param>
    public static int Offset(int taps, ReadOnlySpan<int> negatives)
    {
        int index = 0;
        for (int c = 3; c >= 0; c--)
        {
            index = index * (taps + 1) + negatives[c];
        }

        return 16 * (First(taps) + index);
    }

    private static int First(int taps) => taps switch
    {
        1 => 0,
        2 => 16,
        4 => 16 + 81,
        _ => 16 + 81 + 625,
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static byte* Make()
    {
        byte* tables = (byte*)NativeMemory.AlignedAlloc((nuint)(16 * First(int.MaxValue)), 64);
        foreach (int taps in (ReadOnlySpan<int>)[1, 2, 4])
        {
            for (int i = 0; i < (taps + 1) * (taps + 1) * (taps + 1) * (taps + 1); i++)
            {
                for (int activations = 0; activations < 16; activations++)
                {
                    int count = 0;
                    for (int c = 0, rest = i; c < 4; c++, rest /= taps + 1)
                    {
                        int negatives = rest % (taps + 1);
                        count += (activations >> c & 1) == 0 ? negatives : taps - negatives;
                    }

                    tables[16 * (First(taps) + i) + activations] = (byte)count;
                }
            }
        }

        return tables;
    }
}
