using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Tests.Training.Operations;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class OptimizerTests
{
    // Not a multiple of any vector's length: the last elements take another path.
    private const int Count = 45;

    [TestMethod]
    [DataRow(ParameterRole.Weight)]
    [DataRow(ParameterRole.Modulation)]
    [DataRow(ParameterRole.LatentSign)]
    public void AdamWFollowsItsPaper(ParameterRole role)
    {
        const double rate = 0.05, decay = 0.1;
        Parameter parameter = RandomParameter.Uniform("p", role, 1, -1, 1, Count);
        double[] w = [.. parameter.Values.Select(v => (double)v)], m = new double[Count], v = new double[Count];
        Dictionary<Parameter, float[]> gradients = new() { [parameter] = new float[Count] };
        AdamW optimizer = new([parameter], gradients, (float)decay);
        RandomStream random = new(2);
        for (int step = 1; step <= 25; step++)
        {
            for (int i = 0; i < Count; i++)
            {
                double g = gradients[parameter][i] = random.NextNormal() + i % 3 - 1;
                m[i] = 0.9 * m[i] + 0.1 * g;
                v[i] = 0.999 * v[i] + 0.001 * g * g;
                double update = m[i] / (1 - Math.Pow(0.9, step)) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, step))) + 1e-8);
                w[i] -= rate * (update + (role == ParameterRole.Weight ? decay * w[i] : 0));
                w[i] = role == ParameterRole.LatentSign ? Math.Clamp(w[i], -1, 1) : w[i];
            }

            optimizer.Step(new TrainingPass(2, gradients), step, rate);
        }

        for (int i = 0; i < Count; i++)
        {
            Assert.AreEqual(w[i], parameter.Values[i], 1e-5, $"element {i}");
        }

        Assert.AreEqual(role == ParameterRole.LatentSign, w.All(x => Math.Abs(x) <= 1), "The clipping must show.");
    }

    [TestMethod]
    public void TheAverageFollowsItsRecurrence()
    {
        const float decay = 0.5f;
        Parameter parameter = RandomParameter.Uniform("p", ParameterRole.Weight, 1, -1, 1, Count);
        double[] expected = [.. parameter.Values.Select(v => (double)v)];
        WeightAverage average = new([parameter], decay);
        RandomStream random = new(2);
        for (int step = 0; step < 20; step++)
        {
            double keep = Math.Min(decay, (1.0 + step) / (10 + step));
            for (int i = 0; i < Count; i++)
            {
                parameter.Values[i] += random.NextSingle(-1, 1);
                expected[i] = keep * expected[i] + (1 - keep) * parameter.Values[i];
            }

            average.Update(new TrainingPass(2, ImmutableDictionary<Parameter, float[]>.Empty), step);
        }

        float[] weights = (float[])parameter.Values.Clone();
        average.Swap();
        for (int i = 0; i < Count; i++)
        {
            Assert.AreEqual(expected[i], parameter.Values[i], 1e-5, $"element {i}");
        }

        average.Swap();
        CollectionAssert.AreEqual(weights, parameter.Values);
    }

    [TestMethod]
    public void TheLearningRateWarmsUpAndFallsAlongACosine()
    {
        Assert.AreEqual(0, LearningRateSchedule.At(0, 0.1, 4));
        Assert.AreEqual(2, LearningRateSchedule.At(0.05, 0.1, 4), 1e-12);
        Assert.AreEqual(4, LearningRateSchedule.At(0.1, 0.1, 4), 1e-12);
        Assert.AreEqual(4 * 0.75, LearningRateSchedule.At(0.1 + 0.9 / 3, 0.1, 4), 1e-12, "cos 60 degrees is a half");
        Assert.AreEqual(2, LearningRateSchedule.At(0.55, 0.1, 4), 1e-12);
        Assert.AreEqual(0, LearningRateSchedule.At(1, 0.1, 4), 1e-12);
        Assert.AreEqual(4, LearningRateSchedule.At(0, 0, 4), "without warm-up the first step is the highest");
    }
}
