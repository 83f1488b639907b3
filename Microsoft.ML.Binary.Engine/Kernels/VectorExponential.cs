using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary><see cref="Exponential"/> on registers: the same operations in the same order, so the same bits.</summary>
internal static class VectorExponential
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x)
    {
        x = Vector.Min(Vector.Max(x, new Vector<float>(Exponential.Lowest)), new Vector<float>(Exponential.Highest));
        Vector<float> n = Vector.Floor(x * Exponential.InverseLn2 + new Vector<float>(0.5f));
        Vector<float> r = x - n * Exponential.Ln2High;
        r -= n * Exponential.Ln2Low;
        Vector<float> y = r * Exponential.P0 + new Vector<float>(Exponential.P1);
        y = y * r + new Vector<float>(Exponential.P2);
        y = y * r + new Vector<float>(Exponential.P3);
        y = y * r + new Vector<float>(Exponential.P4);
        y = y * r + new Vector<float>(Exponential.P5);
        y = y * (r * r) + r + Vector<float>.One;
        Vector<int> power = (Vector.ConvertToInt32(n) + new Vector<int>(127)) << 23;
        return y * Vector.AsVectorSingle(power);
    }

    /// <summary>1 / (1 + exp(-x)), from the exponential of -|x|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Sigmoid(Vector<float> x)
    {
        Vector<float> e = Exp(-Vector.Abs(x));
        return Vector.ConditionalSelect(Vector.GreaterThanOrEqual(x, Vector<float>.Zero), Vector<float>.One, e) / (Vector<float>.One + e);
    }
}
