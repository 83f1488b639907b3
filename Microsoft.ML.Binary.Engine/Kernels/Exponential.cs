using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// The exponential that frozen graphs use: our own, because a library's differs in the last bit from one version and instruction set to
/// another. Range reduction by ln 2 in two parts and a polynomial of degree 7 (coefficients of Cephes' expf, S. Moshier); products and
/// sums rounded separately. Relative error below 2e-7. Arguments are clamped to [-87, 88].
/// </summary>
internal static class Exponential
{
    internal const float Lowest = -87f, Highest = 88f;
    private const float InverseLn2 = 1.44269504088896341f, Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;
    private const float P0 = 1.9875691500e-4f, P1 = 1.3981999507e-3f, P2 = 8.3334519073e-3f;
    private const float P3 = 4.1665795894e-2f, P4 = 1.6666665459e-1f, P5 = 5.0000001201e-1f;

    public static float Exp(float x)
    {
        x = Math.Min(Math.Max(x, Lowest), Highest);
        float n = MathF.Floor(x * InverseLn2 + 0.5f);
        float r = x - n * Ln2High;
        r -= n * Ln2Low;
        float y = P0 * r + P1;
        y = y * r + P2;
        y = y * r + P3;
        y = y * r + P4;
        y = y * r + P5;
        y = y * (r * r) + r + 1;
        return y * BitConverter.Int32BitsToSingle(((int)n + 127) << 23);
    }

    /// <summary>1 / (1 + exp(-x)), from the exponential of -|x|.</summary>
    public static float Sigmoid(float x)
    {
        float e = Exp(-Math.Abs(x));
        return (x >= 0 ? 1 : e) / (1 + e);
    }

    /// <summary>The same operations in the same order on a register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V>(V x) where V : struct, ILanes<V>
    {
        x = V.Min(V.Max(x, V.Broadcast(Lowest)), V.Broadcast(Highest));
        V n = V.Floor(x * V.Broadcast(InverseLn2) + V.Broadcast(0.5f));
        V r = x - n * V.Broadcast(Ln2High);
        r -= n * V.Broadcast(Ln2Low);
        V y = r * V.Broadcast(P0) + V.Broadcast(P1);
        y = y * r + V.Broadcast(P2);
        y = y * r + V.Broadcast(P3);
        y = y * r + V.Broadcast(P4);
        y = y * r + V.Broadcast(P5);
        y = y * (r * r) + r + V.Broadcast(1);
        return y * V.ShiftLeftInt32(V.AddInt32(V.ToInt32(n), V.BroadcastInt32(127)), 23);
    }

    /// <inheritdoc cref="Exp{V}(V)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<V>(V x) where V : struct, ILanes<V>
    {
        V e = Exp(-V.Abs(x));
        return V.Select(V.GreaterOrEqual(x, V.Broadcast(0)), V.Broadcast(1), e) / (V.Broadcast(1) + e);
    }
}
