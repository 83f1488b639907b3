namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// The exponential that frozen graphs use: our own, because a library's differs in the last bit from one version and instruction set to
/// another. Range reduction by ln 2 in two parts and a polynomial of degree 7 (coefficients of Cephes' expf, S. Moshier); products and
/// sums rounded separately. Relative error below 2e-7. Arguments are clamped to [-87, 88].
/// </summary>
internal static class Exponential
{
    internal const float Lowest = -87f, Highest = 88f, InverseLn2 = 1.44269504088896341f, Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;
    internal const float P0 = 1.9875691500e-4f, P1 = 1.3981999507e-3f, P2 = 8.3334519073e-3f;
    internal const float P3 = 4.1665795894e-2f, P4 = 1.6666665459e-1f, P5 = 5.0000001201e-1f;

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
}
