using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

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
    /// <summary>First moments, in the order of the parameters.</summary>
    public ImmutableArray<float[]> First { get; } = [.. parameters.Select(p => new float[p.Values.Length])];

    /// <summary>Second moments, in the order of the parameters.</summary>
    public ImmutableArray<float[]> Second { get; } = [.. parameters.Select(p => new float[p.Values.Length])];

    /// <summary>Changes every parameter once. <paramref name="step"/> counts from 1.</summary>
    public void Step(TrainingPass pass, int step, double learningRate)
    {
        float correction1 = (float)(1 - Math.Pow(AdamWRow.Beta1, step)), correction2 = (float)(1 - Math.Pow(AdamWRow.Beta2, step));
        pass.For(parameters.Length, i =>
        {
            Parameter parameter = parameters[i];
            double rate = learningRate * (rates?.GetValueOrDefault(parameter, 1) ?? 1);
            float decay = parameter.Role == ParameterRole.Weight ? (float)(rate * weightDecay) : 0;
            float limit = parameter.Role == ParameterRole.LatentSign ? 1 : float.PositiveInfinity;
            pass.Kernels.StepAdamW(
                parameter.Values, gradients[parameter], First[i], Second[i], new((float)(rate / correction1), 1 / correction2, 1 - decay, limit));
        });
    }
}
