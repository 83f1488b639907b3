using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// Adam with decoupled weight decay (arXiv 1711.05101), beta 0.9 and 0.999. Latent one-bit weights are not decayed but clipped to
/// [-1, 1], where their straight-through estimator passes gradients.
/// </summary>
/// <param name="parameters">What is trained.</param>
/// <param name="gradients">Their gradients.</param>
/// <param name="weightDecay">Decay of real-valued weights.</param>
/// <param name="rates">Factors of the learning rate of single parameters; the others have 1.</param>
internal sealed class AdamW(
    ImmutableArray<Parameter> parameters, IReadOnlyDictionary<Parameter, float[]> gradients, float weightDecay,
    IReadOnlyDictionary<Parameter, float>? rates = null)
{
    private const float Beta1 = 0.9f, Beta2 = 0.999f, Epsilon = 1e-8f;

    /// <summary>First moments, in the order of the parameters.</summary>
    public ImmutableArray<float[]> First { get; } = [.. parameters.Select(p => new float[p.Values.Length])];

    /// <summary>Second moments, in the order of the parameters.</summary>
    public ImmutableArray<float[]> Second { get; } = [.. parameters.Select(p => new float[p.Values.Length])];

    /// <summary>Changes every parameter once. <paramref name="step"/> counts from 1.</summary>
    public void Step(TrainingPass pass, int step, double learningRate)
    {
        float correction1 = (float)(1 - Math.Pow(Beta1, step)), correction2 = (float)(1 - Math.Pow(Beta2, step));
        pass.For(parameters.Length, i =>
        {
            Parameter parameter = parameters[i];
            double rate = learningRate * (rates?.GetValueOrDefault(parameter, 1) ?? 1);
            float decay = parameter.Role == ParameterRole.Weight ? (float)(rate * weightDecay) : 0;
            float limit = parameter.Role == ParameterRole.LatentSign ? 1 : float.PositiveInfinity;
            Update(
                parameter.Values, gradients[parameter], First[i], Second[i], (float)(rate / correction1), 1 / correction2, 1 - decay, limit);
        });
    }

    private static void Update(
        Span<float> values, ReadOnlySpan<float> gradient, Span<float> first, Span<float> second, float rate, float secondScale, float keep, float limit)
    {
        int vectors = values.Length / Vector<float>.Count;
        Span<Vector<float>> w = MemoryMarshal.Cast<float, Vector<float>>(values);
        ReadOnlySpan<Vector<float>> g = MemoryMarshal.Cast<float, Vector<float>>(gradient);
        Span<Vector<float>> m = MemoryMarshal.Cast<float, Vector<float>>(first), s = MemoryMarshal.Cast<float, Vector<float>>(second);
        Vector<float> limits = new(limit), epsilons = new(Epsilon);
        for (int i = 0; i < vectors; i++)
        {
            m[i] = m[i] * Beta1 + g[i] * (1 - Beta1);
            s[i] = s[i] * Beta2 + g[i] * g[i] * (1 - Beta2);
            Vector<float> next = w[i] * keep - m[i] * rate / (Vector.SquareRoot(s[i] * secondScale) + epsilons);
            w[i] = Vector.Max(-limits, Vector.Min(limits, next));
        }

        for (int i = vectors * Vector<float>.Count; i < values.Length; i++)
        {
            first[i] = first[i] * Beta1 + gradient[i] * (1 - Beta1);
            second[i] = second[i] * Beta2 + gradient[i] * gradient[i] * (1 - Beta2);
            float next = values[i] * keep - first[i] * rate / (MathF.Sqrt(second[i] * secondScale) + Epsilon);
            values[i] = Math.Max(-limit, Math.Min(limit, next));
        }
    }
}
