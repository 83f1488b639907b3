using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Training.Operations;

/// <summary>Channel scaling computed from the map, and gates for each pixel.</summary>
[TestClass]
public sealed class ScalingGradientTests
{
    private const float Step = 0.01f;

    [TestMethod]
    [DataRow(1, 1, 1, 2, 3)]
    [DataRow(5, 3, 3, 4, 19)]
    [DataRow(7, 9, 2, 3, 5)]
    public void SqueezeExcitation(int channels, int hidden, int images, int height, int width)
    {
        SqueezeExcitation node = new(
            "n", [0], RandomParameter.Weight(3, hidden, channels), RandomParameter.Uniform("squeeze bias", ParameterRole.Modulation, 4, 3, 4, hidden),
            RandomParameter.Weight(5, channels, hidden), RandomParameter.PerChannel("excite bias", 6, channels));
        new GradientCheck(node, [new FeatureType(channels, 1)], images, height, width).Run(Step, tolerance: 3e-3);
    }

    [TestMethod]
    public void AClosedHiddenValuePassesNothing()
    {
        Parameter bias = RandomParameter.Uniform("squeeze bias", ParameterRole.Modulation, 4, -9, -8, 4);
        SqueezeExcitation node = new(
            "n", [0], RandomParameter.Weight(3, 4, 3), bias, RandomParameter.Weight(5, 3, 4), RandomParameter.PerChannel("excite bias", 6, 3));
        GradientCheck check = new(node, [new FeatureType(3, 1)], 2, 4, 5);
        check.Run(Step, tolerance: 3e-3);
        Assert.IsTrue(check.ParameterGradient(bias).All(g => g == 0));
    }

    [TestMethod]
    [DataRow(1, 1, 2, 3)]
    [DataRow(5, 3, 8, 17)]
    public void AdaptiveShift(int channels, int images, int height, int width) => new GradientCheck(
        new AdaptiveShift("n", [0], RandomParameter.PerChannel("weight", 3, channels)), [new FeatureType(channels, 1)], images, height, width).Run();

    [TestMethod]
    [DataRow(1, 1, 2, 3)]
    [DataRow(5, 3, 8, 17)]
    public void GateMap(int channels, int images, int height, int width) =>
        new GradientCheck(new GateMap("n", [0]), [new FeatureType(channels, 1)], images, height, width).Run(Step, tolerance: 1e-3);

    [TestMethod]
    [DataRow(1, 1, 0)]
    [DataRow(4, 3, 2)]
    public void PixelGate(int channels, int gates, int channel) => new GradientCheck(
        new PixelGate("n", [0, 1], channel), [new FeatureType(channels, 1), new FeatureType(gates, 1)], 3, 4, 7).Run();

    [TestMethod]
    public void AMapMayGateItself() => new GradientCheck(
        new PixelGate("n", [0, 0], 1), [new FeatureType(3, 1), new FeatureType(3, 1)], 2, 4, 7, sameAs: [0, 0]).Run(Step, tolerance: 2e-3);
}
