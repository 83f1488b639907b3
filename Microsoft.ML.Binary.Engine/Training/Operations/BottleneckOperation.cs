using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>
/// z = mean + e exp(v / 2), v the log variance within its bounds, e normal noise; and beta times the mean over all elements of
/// (mean^2 + exp(v) - v - 1) / 2, whose value goes to <see cref="TrainingPass.Penalty"/> and whose gradient to the inputs.
/// </summary>
internal sealed class BottleneckOperation(Bottleneck node) : TrainingOperation
{
    private readonly long _key = RandomStream.KeyOf(node.Name);
    private float[] _noise = [];

    private TrainingValue LogVariance => Inputs[1];

    public override void Forward(TrainingPass pass)
    {
        if (pass.Noise is not { } noise)
        {
            Input.Data.CopyTo(Output.Data, 0);
            return;
        }

        _noise = _noise.Length == Output.Length ? _noise : new float[Output.Length];
        double[] divergences = new double[Input.Images * Input.Channels];
        pass.For(divergences.Length, plane =>
        {
            (int image, int c) = (plane / Input.Channels, plane % Input.Channels);
            ReadOnlySpan<float> mean = Input.Plane(image, c), logVariance = LogVariance.Plane(image, c);
            Span<float> z = Output.Plane(image, c), e = _noise.AsSpan(Output.PlaneStart(image, c), z.Length);
            RandomStream stream = new(noise.Seed ^ _key, noise.Step, plane);
            for (int i = 0; i < e.Length; i++)
            {
                e[i] = stream.NextNormal();
            }

            divergences[plane] = Sample(mean, logVariance, e, z);
        });
        pass.Penalty += noise.Weight * divergences.Sum() / Output.Length;
    }

    public override void Backward(TrainingPass pass)
    {
        if (pass.Noise is not { } noise)
        {
            throw new InvalidOperationException("A bottleneck that drew no noise has nothing to go back through.");
        }

        float weight = (float)(noise.Weight / Output.Length);
        foreach (TrainingValue input in Inputs)
        {
            if (!pass.BeginGradient(input))
            {
                Array.Clear(input.Gradient!);
            }
        }

        pass.ForPlanes(Input, (image, c) =>
        {
            AddGradients(
                Input.Plane(image, c), LogVariance.Plane(image, c), _noise.AsSpan(Output.PlaneStart(image, c), Output.Pixels), Output.GradientPlane(image, c),
                weight, Input.GradientPlane(image, c), LogVariance.GradientPlane(image, c));
        });
    }

    /// <summary>Sets z; returns the sum over the elements of the divergence from a standard normal distribution.</summary>
    internal static double Sample(ReadOnlySpan<float> mean, ReadOnlySpan<float> logVariance, ReadOnlySpan<float> e, Span<float> z)
    {
        double divergence = 0;
        for (int i = 0; i < z.Length; i++)
        {
            float v = Bounded(logVariance[i]);
            z[i] = mean[i] + (e[i] * MathF.Exp(v / 2));
            divergence += 0.5 * (((double)mean[i] * mean[i]) + Math.Exp(v) - v - 1);
        }

        return divergence;
    }

    /// <summary>Adds to the gradients of mean and log variance; the divergence of an element has the given weight.</summary>
    internal static void AddGradients(
        ReadOnlySpan<float> mean, ReadOnlySpan<float> logVariance, ReadOnlySpan<float> e, ReadOnlySpan<float> dz, float weight, Span<float> dMean, Span<float> dVariance)
    {
        for (int i = 0; i < mean.Length; i++)
        {
            dMean[i] += dz[i] + (weight * mean[i]);
            if (logVariance[i] == Bounded(logVariance[i]))
            {
                float deviation = MathF.Exp(logVariance[i] / 2);
                dVariance[i] += (dz[i] * e[i] * deviation / 2) + (weight * 0.5f * ((deviation * deviation) - 1));
            }
        }
    }

    private static float Bounded(float logVariance) => Math.Clamp(logVariance, Bottleneck.LowestLogVariance, Bottleneck.HighestLogVariance);
}
