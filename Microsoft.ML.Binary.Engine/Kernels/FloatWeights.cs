using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Real weights in the order in which <see cref="FloatConvolution"/> reads them: [output group of 4][step][output in the group], a step
/// being an input channel and a tap; missing outputs of the last group are 0.
/// </summary>
internal static class FloatWeights
{
    /// <summary>Packs [outputs, steps].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float[] Pack(ReadOnlySpan<float> weights, int outputs)
    {
        int steps = weights.Length / outputs;
        float[] packed = new float[(outputs + 3) / 4 * 4 * steps];
        for (int o = 0; o < outputs; o++)
        {
            for (int s = 0; s < steps; s++)
            {
                packed[((o >> 2) * steps + s) * 4 + (o & 3)] = weights[o * steps + s];
            }
        }

        return packed;
    }

    /// <summary>Packs shifts, slopes and offsets of <see cref="FloatConvolution.Activate"/> for groups of outputs.</summary>
    public static float[] PackActivation(ReadOnlySpan<float> shift, ReadOnlySpan<float> slope, ReadOnlySpan<float> offset)
    {
        float[] packed = new float[(shift.Length + 3) / 4 * FloatConvolution.ActivationLength];
        for (int o = 0; o < shift.Length; o++)
        {
            int at = (o >> 2) * FloatConvolution.ActivationLength + (o & 3);
            (packed[at], packed[at + 4], packed[at + 8]) = (shift[o], slope[o], offset[o]);
        }

        return packed;
    }
}
