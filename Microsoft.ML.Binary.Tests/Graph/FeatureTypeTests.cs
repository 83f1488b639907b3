using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class FeatureTypeTests
{
    [TestMethod]
    [DataRow(1, 1, 48, 32, 48, 32)]
    [DataRow(4, 1, 48, 32, 12, 8)]
    [DataRow(16, 1, 368, 480, 23, 30)]
    [DataRow(16, 8, 368, 480, 3, 4, DisplayName = "23 / 8 = 2.9, 30 / 8 = 3.75")]
    [DataRow(16, 2, 80, 48, 3, 2, DisplayName = "5 / 2 = 2.5 rounds up, 3 / 2 = 1.5 too")]
    [DataRow(16, 64, 16, 16, 1, 1, DisplayName = "never empty")]
    [DataRow(16, 3, 64, 160, 1, 3, DisplayName = "4 / 3 rounds down, 10 / 3 too")]
    public void SizeFollowsStrideAndReduction(int stride, int reduction, int imageHeight, int imageWidth, int height, int width) =>
        Assert.AreEqual((height, width), new FeatureType(8, stride, reduction).SizeAt(imageHeight, imageWidth));

    [TestMethod]
    public void TextSaysEverything()
    {
        Assert.AreEqual("8 channels at stride 4", new FeatureType(8, 4).ToString());
        Assert.AreEqual("8 channels at stride 4 reduced by 2 (signs)", new FeatureType(8, 4, 2, Bits: 1).ToString());
        Assert.AreEqual("8 channels at stride 4 (levels of 2 bits)", new FeatureType(8, 4, Bits: 2).ToString());
    }
}
