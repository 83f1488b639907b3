using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public class WorkingSizeTests
{
    [TestMethod]
    [DataRow(4000, 3000, 480, 360)]
    [DataRow(3000, 4000, 360, 480)]
    [DataRow(200, 150, 480, 360)]
    [DataRow(1, 1, 480, 480)]
    [DataRow(12000, 9, 480, 1)]
    [DataRow(12000, 13, 480, 1)]
    [DataRow(960, 3, 480, 2)]
    [DataRow(961, 3, 480, 1)]
    [DataRow(480, 17, 480, 17)]
    public void TheLongestSideDecidesAndTheOtherIsRoundedHalfUp(int width, int height, int expectedWidth, int expectedHeight) =>
        Assert.AreEqual((expectedWidth, expectedHeight), WorkingSize.Of(480).Fit(width, height));

    [TestMethod]
    [DataRow(0, 0, "width")]
    [DataRow(0, 5, "width")]
    [DataRow(5, -1, "height")]
    public void AnImageWithoutPixelsIsRefused(int width, int height, string name)
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(TestNetworks.Miniature(Precision.Binary, classes: 3), new() { Views = new() { Scales = [0.5] } });
        foreach (Action use in new Action[]
        {
            () => WorkingSize.Of(480).Fit(width, height), () => WorkingSize.Own.Fit(width, height), () => compiled.Views(width, height), () => compiled.Prepare(width, height),
        })
        {
            Assert.AreEqual(name, Assert.ThrowsExactly<ArgumentOutOfRangeException>(use).ParamName);
        }
    }

    [TestMethod]
    public void ASizeThatWasFittedStays()
    {
        for (int width = 1; width < 130; width++)
        {
            for (int height = 1; height < 130; height += 3)
            {
                (int w, int h) = WorkingSize.Of(64).Fit(width, height);
                Assert.AreEqual((w, h), WorkingSize.Of(64).Fit(w, h), $"{width}x{height}");
            }
        }
    }

    [TestMethod]
    public void OwnLeavesEverythingAsItIs()
    {
        Assert.AreEqual(WorkingSize.Own, default);
        Assert.IsTrue(WorkingSize.Own.IsOwn);
        Assert.AreEqual((50_000, 7), WorkingSize.Own.Fit(50_000, 7));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(-1)]
    [DataRow(16385)]
    public void SidesOutOfRangeAreRefused(int side) => StringAssert.Contains(
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => WorkingSize.Of(side)).Message, "1 to 16384");
}
