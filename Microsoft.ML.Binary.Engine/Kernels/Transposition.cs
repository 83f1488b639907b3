using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>Exchanges rows and columns of 4x4 blocks of floats.</summary>
internal static unsafe class Transposition
{
    /// <summary>Rows and columns of a block.</summary>
    public const int Side = 4;

    /// <summary>The columns of four rows that are <paramref name="pitch"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector128<float> A, Vector128<float> B, Vector128<float> C, Vector128<float> D) Columns(float* source, nint pitch)
    {
        Lanes128 a = Lanes128.Load(source), b = Lanes128.Load(source + pitch);
        Lanes128 c = Lanes128.Load(source + 2 * pitch), d = Lanes128.Load(source + 3 * pitch);
        Vector128<float> lowAB = Lanes128.MergeLow(a, b).Value, highAB = Lanes128.MergeHigh(a, b).Value;
        Vector128<float> lowCD = Lanes128.MergeLow(c, d).Value, highCD = Lanes128.MergeHigh(c, d).Value;
        return (
            Vector128.Create(lowAB.GetLower(), lowCD.GetLower()), Vector128.Create(lowAB.GetUpper(), lowCD.GetUpper()),
            Vector128.Create(highAB.GetLower(), highCD.GetLower()), Vector128.Create(highAB.GetUpper(), highCD.GetUpper()));
    }
}
