namespace Microsoft.ML.Binary.Tests.Training.MixedPrecision;

/// <summary>
/// Activations of a few bits with a learned upper end (PACT; Choi et al., arXiv 1805.06085), in the form that arXiv 2407.01054 was published with:
/// q = floor(clamp(x, 0, c) (2^bits - 1) / (c + 1e-3)), y = q (c + 1e-3) / (2^bits - 1). The 1e-3 keeps the highest level out of reach; what is
/// trained here goes without it.
/// </summary>
internal static class ClippedActivation
{
    private const float Margin = 1e-3f;

    /// <summary>The step between two levels.</summary>
    public static float Step(float clip, int bits) => (clip + Margin) / ((1 << bits) - 1);

    /// <summary>Quantises x.</summary>
    public static (int Level, float Value) Forward(float x, float clip, int bits)
    {
        float scale = ((1 << bits) - 1) / (clip + Margin);
        int level = (int)MathF.Floor(Math.Clamp(x, 0, clip) * scale);
        return (level, level / scale);
    }

    /// <summary>What the gradient of the value is for x (straight through, where x is inside) and for the clip (where x is not below it).</summary>
    public static (float Input, float Clip) Backward(float x, float clip, float gradient) =>
        (x > 0 && x < clip ? gradient : 0, x >= clip ? gradient : 0);

    /// <summary>A bias in whole steps of activation times weight; 0 where there are no steps.</summary>
    public static int BiasLevel(float bias, float activationStep, float weightStep) =>
        activationStep * weightStep is not 0 and var step ? (int)MathF.Round(bias / step, MidpointRounding.ToEven) : 0;
}
