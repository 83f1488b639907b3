using System.Collections.Immutable;
using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// A moving average of the trained parameters. Early on the decay is min(decay, (1 + step) / (10 + step)), so that the initial weights
/// are forgotten at once.
/// </summary>
internal sealed class WeightAverage(ImmutableArray<Parameter> parameters, float decay)
{
    /// <summary>The averages, in the order of the parameters.</summary>
    public ImmutableArray<float[]> Values { get; } = [.. parameters.Select(p => (float[])p.Values.Clone())];

    /// <summary>Takes the current weights in.</summary>
    public void Update(TrainingPass pass, int step)
    {
        float keep = Math.Min(decay, (1f + step) / (10f + step));
        pass.For(parameters.Length, i => TensorPrimitives.Lerp(parameters[i].Values, Values[i], keep, Values[i]));
    }

    /// <summary>Starts anew from the current weights.</summary>
    public void Reset()
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            parameters[i].Values.CopyTo(Values[i], 0);
        }
    }

    /// <summary>Exchanges the averages and the weights in use.</summary>
    public void Swap()
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            float[] weights = parameters[i].Values, average = Values[i];
            for (int j = 0; j < weights.Length; j++)
            {
                (weights[j], average[j]) = (average[j], weights[j]);
            }
        }
    }
}
