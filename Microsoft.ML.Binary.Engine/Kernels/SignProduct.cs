using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// The gradient of a binary convolution's input: sums[i][v] += sum over output channels o and taps of sign[o][i][tap] * dy[o][v - tap].
/// Every pixel position holds <see cref="Lanes"/> values of as many independent parts of the batch, so that a tap is a whole number of
/// vectors away and no load crosses a cache line. Four output channels at a time the sixteen signed sums of their gradients are tabulated
/// for a small window, and each input channel adds the entry that its four weights of a tap select. Additions only, in a fixed order: the
/// result is the same on every instruction set.
/// </summary>
internal static unsafe class SignProduct
{
    /// <summary>Values of a pixel position.</summary>
    public const int Lanes = 16;

    /// <summary>Columns of a tile.</summary>
    public const int Columns = 4;

    /// <summary>Most rows of a tile.</summary>
    public const int MaxRows = 4;

    /// <summary>Floats of the table of a tile with one position of border around it.</summary>
    public const int TableLength = SignedSums.Entries * (MaxRows + 2) * (Columns + 2) * Lanes;

    /// <summary>Tabulates a window: <paramref name="rows"/> rows of <paramref name="length"/> floats.</summary>
    /// <param name="dy">The window's first value of the first of the four channels.</param>
    /// <param name="channel">Floats from one channel to the next.</param>
    /// <param name="pitch">Floats from one row to the next.</param>
    /// <param name="rows">Rows of the window.</param>
    /// <param name="length">Floats of a row.</param>
    /// <param name="table">[entry][row][column][lane].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Build<T>(float* dy, nint channel, int pitch, int rows, int length, float* table) where T : struct, ILanes<T>
    {
        for (int row = 0; row < rows; row++)
        {
            float* source = dy + (nint)row * pitch, target = table + row * length;
            for (int v = 0; v < length; v += T.Count)
            {
                SignedSums.Build(
                    T.Load(source + v), T.Load(source + channel + v), T.Load(source + 2 * channel + v), T.Load(source + 3 * channel + v),
                    target + v, rows * length);
            }
        }
    }

    /// <summary>Adds the taps of each row of <paramref name="offsets"/> to one tile of sums.</summary>
    /// <param name="table">What <see cref="Build"/> wrote.</param>
    /// <param name="offsets">[count][taps]: the entry and, within it, the position of the tap for the tile's first pixel.</param>
    /// <param name="count">Input channels.</param>
    /// <param name="taps">Taps of each.</param>
    /// <param name="rows">Rows of the tile.</param>
    /// <param name="length">Floats of a row of the window.</param>
    /// <param name="sums">[count][row][column][lane].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(float* table, int* offsets, int count, int taps, int rows, int length, float* sums) where T : struct, ILanes<T>
    {
        for (int i = 0; i < count; i++)
        {
            for (int row = 0; row < rows; row++)
            {
                float* window = table + row * length;
                for (int lane = 0; lane < Lanes; lane += T.Count)
                {
                    float* target = sums + lane;
                    T s0 = T.Load(target), s1 = T.Load(target + Lanes), s2 = T.Load(target + 2 * Lanes), s3 = T.Load(target + 3 * Lanes);
                    for (int t = 0; t < taps; t++)
                    {
                        float* p = window + offsets[t] + lane;
                        s0 += T.Load(p);
                        s1 += T.Load(p + Lanes);
                        s2 += T.Load(p + 2 * Lanes);
                        s3 += T.Load(p + 3 * Lanes);
                    }

                    s0.Store(target);
                    s1.Store(target + Lanes);
                    s2.Store(target + 2 * Lanes);
                    s3.Store(target + 3 * Lanes);
                }

                sums += Columns * Lanes;
            }

            offsets += taps;
        }
    }
}
