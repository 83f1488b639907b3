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
        Vector128<float> a = Vector128.Load(source), b = Vector128.Load(source + pitch);
        Vector128<float> c = Vector128.Load(source + 2 * pitch), d = Vector128.Load(source + 3 * pitch);
        Vector128<float> lowAB = Interleave.Low(a, b), highAB = Interleave.High(a, b);
        Vector128<float> lowCD = Interleave.Low(c, d), highCD = Interleave.High(c, d);
        return (
            Vector128.Create(lowAB.GetLower(), lowCD.GetLower()), Vector128.Create(lowAB.GetUpper(), lowCD.GetUpper()),
            Vector128.Create(highAB.GetLower(), highCD.GetLower()), Vector128.Create(highAB.GetUpper(), highCD.GetUpper()));
    }
}
