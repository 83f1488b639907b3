using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// All sixteen sums +-a +-b +-c +-d of four vectors: entry k adds those whose bit of k is set and subtracts the others. A product with
/// signs then is one look-up and one addition for four terms, and no multiplication (the look-up tables of BiQGEMM, arXiv 2005.09904, with
/// whole vectors as entries).
/// </summary>
internal static unsafe class SignedSums
{
    /// <summary>Terms of a sum.</summary>
    public const int Terms = 4;

    /// <summary>Entries of a table.</summary>
    public const int Entries = 1 << Terms;

    /// <summary>Writes one vector of each entry; entries are <paramref name="stride"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Build<T>(T a, T b, T c, T d, float* table, nint stride) where T : struct, ILanes<T>
    {
        T sum = a + b, difference = a - b;
        Quarter(-sum, c, d, table, stride);
        Quarter(difference, c, d, table + stride, stride);
        Quarter(-difference, c, d, table + 2 * stride, stride);
        Quarter(sum, c, d, table + 3 * stride, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter<T>(T first, T c, T d, float* table, nint stride) where T : struct, ILanes<T>
    {
        T sum = c + d, difference = c - d;
        (first - sum).Store(table);
        (first + difference).Store(table + 4 * stride);
        (first - difference).Store(table + 8 * stride);
        (first + sum).Store(table + 12 * stride);
    }
}
