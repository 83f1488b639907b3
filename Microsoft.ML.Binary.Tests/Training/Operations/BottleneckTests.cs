using System.Text.Json;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Operations;

namespace Microsoft.ML.Binary.Tests.Training.Operations;

[TestClass]
public sealed class BottleneckTests
{
    [TestMethod]
    public void Vectors_AreReproduced()
    {
        JsonElement vectors = OracleVectors.Losses("vib");
        float[] mean = vectors.Floats("mu"), logVariance = vectors.Floats("logvar"), e = vectors.Floats("eps");
        float[] z = new float[mean.Length], dMean = new float[mean.Length], dVariance = new float[mean.Length];

        double divergence = BottleneckOperation.Sample(mean, logVariance, e, z) / mean.Length;
        BottleneckOperation.AddGradients(
            mean, logVariance, e, vectors.Floats("upstream"), (float)(vectors.GetProperty("beta").GetDouble() / mean.Length), dMean, dVariance);

        OracleVectors.AssertClose(vectors.Floats("z"), z, "z");
        Assert.AreEqual(vectors.GetProperty("kl_mean").GetDouble(), divergence, 1e-6);
        OracleVectors.AssertClose(vectors.Floats("grad_mu"), dMean, "gradient of the mean");
        OracleVectors.AssertClose(vectors.Floats("grad_logvar"), dVariance, "gradient of the log variance");
    }

    [TestMethod]
    public void Gradient_IsTheDifferenceOfTheValue()
    {
        FeatureType map = new(3, 4);
        GradientCheck check = new(new Bottleneck("n", [0, 1]), [map, map], 2, 8, 8);
        check.Pass.Noise = new(Seed: 5, Step: 7, Weight: 0);
        check.Run(0.01f, tolerance: 1e-3);
    }

    [TestMethod]
    public void Noise_DependsOnSeedStepAndNameAloneAndIsAbsentInUse()
    {
        float[] once = Run("a", new(1, 2, 0), threads: 1);
        CollectionAssert.AreEqual(once, Run("a", new(1, 2, 0), threads: 2));
        CollectionAssert.AreNotEqual(once, Run("b", new(1, 2, 0), threads: 1));
        CollectionAssert.AreNotEqual(once, Run("a", new(1, 3, 0), threads: 1));
        CollectionAssert.AreNotEqual(once, Run("a", new(2, 2, 0), threads: 1));
        Assert.IsTrue(Run("a", null, threads: 1).All(z => z == 0));
        Assert.AreEqual(0, once.Average(), 0.05);
        Assert.AreEqual(1, once.Average(z => z * z), 0.05);

        static float[] Run(string name, BottleneckNoise? noise, int threads)
        {
            TrainingValue mean = new(2, 3, 40, 40, needsGradient: true), logVariance = new(2, 3, 40, 40, needsGradient: true), z = new(2, 3, 40, 40, needsGradient: true);
            TrainingPass pass = new(threads, new Dictionary<Parameter, float[]>()) { Noise = noise };
            new BottleneckOperation(new Bottleneck(name, [0, 1])) { Inputs = [mean, logVariance], Output = z }.Forward(pass);
            return z.Data;
        }
    }

    [TestMethod]
    public void FrozenGraphs_HaveNeitherTheNodeNorItsLogVariance()
    {
        DenseGraph graph = WithBottleneck();
        Assert.IsFalse(graph.IsFrozen);

        DenseGraph frozen = Freezing.Freeze(graph);

        Assert.IsTrue(frozen.IsFrozen);
        CollectionAssert.AreEqual(
            new[] { "image", "stem", "classify", "logits" }, frozen.Nodes.Select(n => n.Name).ToArray(), "without the log variance the batch norm folds into the convolution");
    }

    private static DenseGraph WithBottleneck()
    {
        RandomStream random = new(1);
        Parameter Vector(string name, ParameterRole role, float value) => new(name, role, [4], [value, value, value, value]);
        Node[] nodes =
        [
            new ImageInput("image"),
            new Convolution("stem", [0], new(3, Stride: 2), 1, new("w", ParameterRole.Weight, [4, 3, 3, 3], [.. Enumerable.Range(0, 108).Select(_ => random.NextNormal())]), null),
            new BatchNorm("mean", [1], Vector("g", ParameterRole.Modulation, 1), Vector("b", ParameterRole.Modulation, 0), Vector("m", ParameterRole.Statistic, 0), Vector("v", ParameterRole.Statistic, 1)),
            new Affine("log-variance", [1], Vector("s", ParameterRole.Modulation, 0), Vector("o", ParameterRole.Modulation, -4)),
            new Bottleneck("bottleneck", [2, 3]),
            new Convolution("classify", [4], new(1), 1, new("c", ParameterRole.Weight, [2, 4, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8]), null),
            new Upsample("logits", [5], 2, UpsampleMode.Bilinear),
        ];
        return new([.. nodes], [new(DenseGraph.LogitsOutput, 6)]);
    }
}
