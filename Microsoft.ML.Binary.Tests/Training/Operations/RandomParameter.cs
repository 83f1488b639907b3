using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Training.Operations;

/// <summary>Parameters of random values.</summary>
internal static class RandomParameter
{
    public static Parameter Weight(long seed, params int[] shape) => Normal("weight", ParameterRole.Weight, seed, shape);

    /// <summary>Latent weights, about a third of them beyond [-1, 1].</summary>
    public static Parameter Latent(long seed, params int[] shape) => Normal("latent", ParameterRole.LatentSign, seed, shape);

    public static Parameter PerChannel(string name, long seed, int channels) => Normal(name, ParameterRole.Modulation, seed, channels);

    public static Parameter Uniform(string name, ParameterRole role, long seed, float low, float high, int channels)
    {
        RandomStream random = new(seed, 7);
        float[] values = new float[channels];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextSingle(low, high);
        }

        return new(name, role, [channels], values);
    }

    private static Parameter Normal(string name, ParameterRole role, long seed, params int[] shape)
    {
        RandomStream random = new(seed, name.Length);
        float[] values = new float[shape.Aggregate(1, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextNormal();
        }

        return new(name, role, [.. shape], values);
    }
}
