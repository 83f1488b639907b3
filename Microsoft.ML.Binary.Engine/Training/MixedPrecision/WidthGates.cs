using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>
/// The gates of one layer: for every channel the share theta of each precision in its weights, the softmax over precisions of logit / temperature
/// (arXiv 2407.01054), and the way back from the gradient of theta to that of the logits.
/// </summary>
/// <param name="precisions">Number of precisions.</param>
/// <param name="channels">Number of output channels.</param>
internal sealed class WidthGates(int precisions, int channels)
{
    private readonly float[] _soft = new float[precisions * channels];
    private float _temperature = 1;

    public int Precisions => precisions;

    public int Channels => channels;

    /// <summary>[precision, channel]: shares as they are used, of every channel 1 in all.</summary>
    public float[] Theta { get; } = new float[precisions * channels];

    /// <summary>The gradient of the loss by <see cref="Theta"/>, which operation and cost add to.</summary>
    public float[] ThetaGradient { get; } = new float[precisions * channels];

    /// <summary>Computes <see cref="Theta"/> from the logits, and forgets the gradient.</summary>
    /// <param name="logits">[precision, channel].</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="sampling">Whether shares are taken as they are, or the largest as 1.</param>
    /// <param name="noise">Draws of a layer and step, where the sampling needs them.</param>
    public void Update(ReadOnlySpan<float> logits, double temperature, GateSampling sampling, RandomStream noise = default)
    {
        _temperature = (float)temperature;
        Span<float> values = stackalloc float[precisions];
        for (int c = 0; c < channels; c++)
        {
            float highest = float.NegativeInfinity, sum = 0;
            for (int p = 0; p < precisions; p++)
            {
                values[p] = logits[p * channels + c];
                if (sampling == GateSampling.Gumbel)
                {
                    values[p] += (float)-Math.Log(-Math.Log(Math.Clamp(noise.NextSingle(0, 1), 1e-7f, 1 - 1e-7f)));
                }

                values[p] /= _temperature;
                highest = Math.Max(highest, values[p]);
            }

            for (int p = 0; p < precisions; p++)
            {
                values[p] = MathF.Exp(values[p] - highest);
                sum += values[p];
            }

            int best = 0;
            for (int p = 0; p < precisions; p++)
            {
                _soft[p * channels + c] = values[p] / sum;
                best = values[p] > values[best] ? p : best;
            }

            for (int p = 0; p < precisions; p++)
            {
                Theta[p * channels + c] = sampling == GateSampling.Soft ? _soft[p * channels + c] : p == best ? 1 : 0;
            }
        }

        Array.Clear(ThetaGradient);
    }

    /// <summary>Adds the gradient of the logits; taking the largest share as 1 passes gradients as if it had not been done.</summary>
    public void Backward(Span<float> logitsGradient)
    {
        for (int c = 0; c < channels; c++)
        {
            float mean = 0;
            for (int p = 0; p < precisions; p++)
            {
                mean += _soft[p * channels + c] * ThetaGradient[p * channels + c];
            }

            for (int p = 0; p < precisions; p++)
            {
                logitsGradient[p * channels + c] += _soft[p * channels + c] * (ThetaGradient[p * channels + c] - mean) / _temperature;
            }
        }
    }

    /// <summary>The mixture of a channel's weights quantised at each precision.</summary>
    public void Mix(ReadOnlySpan<float> weights, ReadOnlySpan<byte> widths, int channel, Span<float> scratch, Span<float> mixture)
    {
        mixture.Clear();
        for (int p = 0; p < precisions; p++)
        {
            float share = Theta[p * channels + channel];
            if (share == 0 || widths[p] == 0)
            {
                continue;
            }

            ChannelQuantizer.QuantizeToFloats(weights, widths[p], scratch);
            TensorPrimitives.MultiplyAdd(scratch, share, mixture, mixture);
        }
    }

    /// <summary>Adds to <see cref="ThetaGradient"/> what the gradient of a channel's mixture says.</summary>
    public void AddThetaGradient(ReadOnlySpan<float> weights, ReadOnlySpan<byte> widths, int channel, Span<float> scratch, ReadOnlySpan<float> gradient)
    {
        for (int p = 0; p < precisions; p++)
        {
            if (widths[p] > 0)
            {
                ChannelQuantizer.QuantizeToFloats(weights, widths[p], scratch);
                ThetaGradient[p * channels + channel] += TensorPrimitives.Dot(gradient, scratch);
            }
        }
    }
}
