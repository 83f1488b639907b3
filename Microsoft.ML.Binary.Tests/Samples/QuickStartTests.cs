using Microsoft.ML.Binary.Tests.Imaging;
using QuickStart;
using QuickStart.Scenes;

namespace Microsoft.ML.Binary.Tests.Samples;

/// <summary>The scenes of the QuickStart are what its figures are worth: varied, and not to be told apart by colour.</summary>
[TestClass]
public sealed class QuickStartTests
{
    [TestMethod]
    public void Scene_OfASeed_IsAlwaysTheSame()
    {
        Scene first = Scene.Paint(7), again = Scene.Paint(7), other = Scene.Paint(8);
        CollectionAssert.AreEqual(first.Image.Pixels, again.Image.Pixels);
        CollectionAssert.AreEqual(first.Classes.Labels, again.Classes.Labels);
        CollectionAssert.AreNotEqual(first.Image.Pixels, other.Image.Pixels);
        CollectionAssert.AreNotEqual(first.Classes.Labels, other.Classes.Labels);
    }

    [TestMethod]
    public void Object_CoversFrom15To40Percent()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            Scene scene = Scene.Paint(seed);
            double share = scene.Objects.Values.Count(value => value == 255) / (double)scene.Objects.Values.Length;
            Assert.IsTrue(share is >= 0.15 and <= 0.4, $"seed {seed}: {share}");
            CollectionAssert.AreEqual(
                scene.Objects.Values.Select(value => value == 255).ToArray(),
                scene.Classes.Labels.Select(label => label == (byte)SceneClass.Balloon).ToArray());
        }
    }

    [TestMethod]
    public void Floors_AreFarFromWhatANetworkMustReach()
    {
        using TemporaryFolder folder = new();
        SceneFolder train = SceneFolder.Paint(folder.File("train"), firstSeed: 0, count: 60);
        SceneFolder test = SceneFolder.Paint(folder.File("test"), firstSeed: 100_000, count: 30);
        Assert.IsLessThanOrEqualTo(0.5, ColorFloor.MeanIoU(train, test));
        Assert.IsGreaterThanOrEqualTo(0.15, ColorFloor.MeanAbsoluteError(test));
    }
}
