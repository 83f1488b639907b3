using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>The two small products of <see cref="Graph.SqueezeExcitation"/>, from means of channels to their scales.</summary>
internal static class ChannelExcitation
{
    /// <summary>Computes hidden values and scales.</summary>
    /// <param name="means">[channels].</param>
    /// <param name="squeeze">[hidden, channels].</param>
    /// <param name="squeezeBias">[hidden].</param>
    /// <param name="excite">[channels, hidden].</param>
    /// <param name="exciteBias">[channels].</param>
    /// <param name="hidden">Receives [hidden].</param>
    /// <param name="scales">Receives [channels].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        ReadOnlySpan<float> means, ReadOnlySpan<float> squeeze, ReadOnlySpan<float> squeezeBias, ReadOnlySpan<float> excite, ReadOnlySpan<float> exciteBias,
        Span<float> hidden, Span<float> scales)
    {
        Multiply(squeeze, squeezeBias, means, hidden);
        for (int h = 0; h < hidden.Length; h++)
        {
            hidden[h] = hidden[h] > 0 ? hidden[h] : 0;
        }

        Multiply(excite, exciteBias, hidden, scales);
        for (int c = 0; c < scales.Length; c++)
        {
            scales[c] = 2 * Exponential.Sigmoid(scales[c]);
        }
    }

    // Four sums at a time, since each has to wait for itself.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(ReadOnlySpan<float> matrix, ReadOnlySpan<float> bias, ReadOnlySpan<float> values, Span<float> result)
    {
        int row = 0, columns = values.Length;
        for (; row <= result.Length - 4; row += 4)
        {
            ReadOnlySpan<float> w0 = matrix.Slice(row * columns, columns), w1 = matrix.Slice((row + 1) * columns, columns);
            ReadOnlySpan<float> w2 = matrix.Slice((row + 2) * columns, columns), w3 = matrix.Slice((row + 3) * columns, columns);
            float a = bias[row], b = bias[row + 1], c = bias[row + 2], d = bias[row + 3];
            for (int i = 0; i < columns; i++)
            {
                float v = values[i];
                a += w0[i] * v;
                b += w1[i] * v;
                c += w2[i] * v;
                d += w3[i] * v;
            }

            (result[row], result[row + 1], result[row + 2], result[row + 3]) = (a, b, c, d);
        }

        for (; row < result.Length; row++)
        {
            float sum = bias[row];
            for (int i = 0; i < columns; i++)
            {
                sum += matrix[row * columns + i] * values[i];
            }

            result[row] = sum;
        }
    }
}
