using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;
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
    public void Photos_GetAnOverlayAMapAndACutOutWithTransparency()
    {
        using TemporaryFolder folder = new();
        PhotoObjects.Write(folder.Path, new MLContext(1));
        foreach ((string name, int width, int height) in new[] { ("chelsea", 451, 300), ("coffee", 600, 400) })
        {
            RgbImage overlay = RgbImage.Load(folder.File($"{name}.overlay.png"));
            Assert.AreEqual((width, height), (overlay.Width, overlay.Height));
            SaliencyMask map = MaskReader.ReadGray(folder.File($"{name}.saliency.png"));
            Assert.IsTrue(map.Values.Any(v => v > 128) && map.Values.Any(v => v < 128), "something stands out, and something does not");
            Raster cutOut = ImageFile.Open(folder.File($"{name}.cutout.png")).ReadSamples();
            Assert.AreEqual(ColorModel.Rgba, cutOut.Color);
            CollectionAssert.AreEqual(map.Values, cutOut.Samples.Where((_, i) => i % 4 == 3).ToArray());
        }
    }

    [TestMethod]
    public void Street_IsDrawnUprightWithALegendAtTheSizeOfThePhoto()
    {
        using TemporaryFolder folder = new();
        StreetScene.Write(folder.Path, Path.Combine(PhotoObjects.Photos, "coffee.png"));
        Assert.AreEqual(600, RgbImage.Load(folder.File("coffee.street.png")).Width);
        Pipeline.PipelineNetworks.Image(1200, 500).SavePng(folder.File("large.png"));
        StreetScene.Write(folder.Path, folder.File("large.png"));
        RgbImage picture = RgbImage.Load(folder.File("large.street.png"));
        Assert.AreEqual(1200, picture.Width);
        Assert.IsGreaterThan(500, picture.Height, "the legend is below");

        File.WriteAllBytes(folder.File("turned.png"), EncodedImages.Png(EncodedImages.Picture(200, 300), TestPng.Chunk("eXIf", EncodedImages.Exif(ImageOrientation.Rotated90))));
        StreetScene.Write(folder.Path, folder.File("turned.png"));
        Assert.AreEqual(300, RgbImage.Load(folder.File("turned.street.png")).Width);
    }

    [TestMethod]
    public void Nuclei_AreTrainedSavedCountedAndDrawn()
    {
        using TemporaryFolder folder = new();
        double meanIoU = NucleiModel.Run(new MLContext(1), folder.Path, steps: 3);
        Assert.IsTrue(meanIoU is > 0 and < 1);
        Assert.HasCount(8, Directory.GetFiles(folder.Path, "*.png"));
        Assert.IsTrue(File.Exists(folder.File("nuclei.zip")));
    }

    [TestMethod]
    public void Arguments_AreAnImageAndAFolder()
    {
        string photo = Path.Combine(PhotoObjects.Photos, "coffee.png");
        Assert.AreEqual(new Arguments(Path.GetFullPath("a"), photo), Arguments.Parse([photo, "--out", "a"]));
        Assert.IsNull(Arguments.Parse([]).Image);
        Assert.IsFalse(Arguments.Parse([]).Scenes);
        Assert.IsTrue(Arguments.Parse(["--scenes", photo]).Scenes);
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => Arguments.Parse(["missing.png"])).Message, "missing.png");
        Assert.ThrowsExactly<ArgumentException>(() => Arguments.Parse(["--out"]));
        Assert.ThrowsExactly<ArgumentException>(() => Arguments.Parse([photo, photo]));
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
