using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Training.Operations;

[TestClass]
public sealed class ResamplingGradientTests
{
    [TestMethod]
    [DataRow(UpsampleMode.Nearest, 2, 3, 5)]
    [DataRow(UpsampleMode.Nearest, 4, 5, 2)]
    [DataRow(UpsampleMode.Bilinear, 2, 3, 5)]
    [DataRow(UpsampleMode.Bilinear, 4, 5, 2)]
    [DataRow(UpsampleMode.Bilinear, 2, 1, 1)]
    [DataRow(UpsampleMode.Bilinear, 4, 1, 3)]
    public void Upsample(UpsampleMode mode, int factor, int height, int width) => new GradientCheck(
        new Upsample("upsample", [0], factor, mode), [new FeatureType(3, 4)], 2, 4 * height, 4 * width).Run();

    [TestMethod]
    [DataRow(2, 1, 3, 5)]
    [DataRow(2, 3, 1, 2)]
    [DataRow(4, 2, 3, 2)]
    public void PixelShuffle(int factor, int outputs, int height, int width) => new GradientCheck(
        new PixelShuffle("shuffle", [0], factor), [new FeatureType(outputs * factor * factor, 4)], 2, 4 * height, 4 * width).Run();

    [TestMethod]
    [DataRow(2, 2)]
    [DataRow(6, 10)]
    [DataRow(4, 34)]
    public void AveragePool(int height, int width) =>
        new GradientCheck(new AveragePool("pool", [0]), [new FeatureType(3, 1)], 2, height, width).Run();

    [TestMethod]
    [DataRow(1, 4, 5)]
    [DataRow(2, 7, 5)]
    [DataRow(8, 9, 30)]
    [DataRow(8, 2, 3)]
    public void TokenSample(int factor, int height, int width) =>
        new GradientCheck(new TokenSample("sample", [0], factor), [new FeatureType(3, 1)], 2, height, width).Run();
}
