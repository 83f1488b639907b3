using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training.Operations;

[TestClass]
public sealed class ChannelWiseGradientTests
{
    private const float Step = 0.01f;

    [TestMethod]
    [DataRow(1, 1, 2, 3)]
    [DataRow(3, 2, 5, 7)]
    [DataRow(5, 3, 8, 17)]
    public void Affine(int channels, int images, int height, int width) => new GradientCheck(
        new Affine("affine", [0], RandomParameter.PerChannel("scale", 2, channels), RandomParameter.PerChannel("offset", 3, channels)),
        [new FeatureType(channels, 1)], images, height, width).Run();

    [TestMethod]
    public void AffineOfConstantsPassesTheGradientOn() => new GradientCheck(
        new Affine(
            "affine", [0], RandomParameter.Uniform("scale", ParameterRole.Constant, 2, -2, 2, 3),
            RandomParameter.Uniform("offset", ParameterRole.Constant, 3, -2, 2, 3)),
        [new FeatureType(3, 1)], 2, 4, 5).Run();

    [TestMethod]
    [DataRow(1, 1, 3, 5, true)]
    [DataRow(3, 2, 5, 7, true)]
    [DataRow(2, 4, 1, 1, true)]
    [DataRow(4, 3, 4, 17, true)]
    [DataRow(3, 2, 5, 7, false)]
    public void BatchNorm(int channels, int images, int height, int width, bool batchStatistics)
    {
        GradientCheck check = new(RandomNorm(channels), [new FeatureType(channels, 1)], images, height, width);
        check.Pass.UsesBatchStatistics = batchStatistics;
        check.Run(Step, tolerance: 2e-3);
    }

    [TestMethod]
    public void BatchNormMovesItsStatisticsTowardsThoseOfTheBatch()
    {
        BatchNorm norm = RandomNorm(2);
        float[] mean = (float[])norm.Mean.Values.Clone(), variance = (float[])norm.Variance.Values.Clone();
        GradientCheck check = new(norm, [new FeatureType(2, 1)], images: 3, height: 4, width: 5);
        check.Pass.StatisticMomentum = 0.25;
        check.InputGradient(0);
        for (int c = 0; c < 2; c++)
        {
            double[] x = [.. Enumerable.Range(0, 3).SelectMany(image => check.Inputs[0].Plane(image, c).ToArray()).Select(v => (double)v)];
            double batchMean = x.Average(), batchVariance = x.Sum(v => (v - batchMean) * (v - batchMean)) / (x.Length - 1);
            Assert.AreEqual(0.75 * mean[c] + 0.25 * batchMean, norm.Mean.Values[c], 1e-6);
            Assert.AreEqual(0.75 * variance[c] + 0.25 * batchVariance, norm.Variance.Values[c], 1e-6);
        }
    }

    [TestMethod]
    [DataRow(1, 1, 2, 3)]
    [DataRow(5, 3, 8, 17)]
    public void Gate(int channels, int images, int height, int width) => new GradientCheck(
        new Gate("gate", [0], RandomParameter.PerChannel("logit", 2, channels)), [new FeatureType(channels, 1)], images, height, width)
        .Run(Step, tolerance: 1e-3);

    [TestMethod]
    [DataRow(1, 1, 2, 3)]
    [DataRow(5, 3, 8, 17)]
    public void RPReLU(int channels, int images, int height, int width)
    {
        RPReLU node = new(
            "rprelu", [0], RandomParameter.PerChannel("shift", 2, channels), RandomParameter.PerChannel("slope", 3, channels),
            RandomParameter.PerChannel("offset", 4, channels));
        GradientCheck check = new(node, [new FeatureType(channels, 1)], images, height, width);
        KeepAwayFromKink(check.Inputs[0], node.Shift.Values);
        check.Run(Step, tolerance: 2e-3);
    }

    [TestMethod]
    [DataRow(1, 1, 2, 3)]
    [DataRow(5, 3, 8, 17)]
    public void SignPassesThePolynomialsDerivative(int channels, int images, int height, int width)
    {
        Sign node = new("sign", [0], RandomParameter.PerChannel("shift", 2, channels));
        GradientCheck check = new(node, [new FeatureType(channels, 1)], images, height, width);
        float[] dx = check.InputGradient(0), dShift = check.ParameterGradient(node.Shift);
        TrainingValue x = check.Inputs[0];
        for (int c = 0; c < channels; c++)
        {
            double sum = 0;
            for (int image = 0; image < images; image++)
            {
                for (int i = 0; i < x.Pixels; i++)
                {
                    int at = x.PlaneStart(image, c) + i;
                    double t = (double)x.Data[at] + node.Shift.Values[c];
                    double slope = t is > -1 and < 0 ? 2 + 2 * t : t is >= 0 and < 1 ? 2 - 2 * t : 0;
                    Assert.AreEqual(t >= 0 ? 1f : -1f, check.Output.Data[at]);
                    Assert.AreEqual(check.R[at] * slope, dx[at], 1e-5);
                    sum += check.R[at] * slope;
                }
            }

            Assert.AreEqual(sum, dShift[c], 1e-4);
        }

        check.CheckAccumulation([dx], [dShift]);
    }

    private static BatchNorm RandomNorm(int channels) => new(
        "norm", [0], RandomParameter.PerChannel("gamma", 2, channels), RandomParameter.PerChannel("beta", 3, channels),
        RandomParameter.Uniform("mean", ParameterRole.Statistic, 4, -1, 1, channels),
        RandomParameter.Uniform("variance", ParameterRole.Statistic, 5, 0.5f, 2, channels));

    private static void KeepAwayFromKink(TrainingValue x, float[] shift)
    {
        for (int i = 0; i < x.Length; i++)
        {
            float t = x.Data[i] + shift[i / x.Pixels % x.Channels];
            x.Data[i] += Math.Abs(t) < 3 * Step ? 6 * Step : 0;
        }
    }
}
