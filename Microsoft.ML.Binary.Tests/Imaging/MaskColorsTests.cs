using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public sealed class MaskColorsTests
{
    private static readonly RgbColor Sky = new(128, 128, 128), Road = new(128, 64, 128), Void = new(0, 0, 0);

    [TestMethod]
    public void ColorsBecomeClasses()
    {
        SegmentationMask mask = Read(new([Sky, Road], [Void]), Sky, Road, Void, Road);
        CollectionAssert.AreEqual(new byte[] { 0, 1, 255, 1 }, mask.Labels);
    }

    [TestMethod]
    public void NearlyTheColor_IsRefusedByNameAndPixel()
    {
        string message = Assert.ThrowsExactly<InvalidDataException>(() => Read(new([Sky, Road]), Sky, Road, new(128, 64, 127), Sky)).Message;
        StringAssert.StartsWith(message, "mask.png: pixel x=0, y=1: the colour #80407F");
        StringAssert.Contains(message, "#808080");
    }

    [TestMethod]
    public void IndicesStoredAsGrayColors_StayIndices() =>
        CollectionAssert.AreEqual(new byte[] { 0, 1, 1, 0 }, Read(new([Sky, Road]), Void, new(1, 1, 1), new(1, 1, 1), Void).Labels);

    [TestMethod]
    public void WithoutColors_TheMessageSaysThatTheyCanBeGiven() =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Read(null, Sky, Road, Sky, Sky)).Message, "a class file with colours");

    [TestMethod]
    public void ColorsOfAnotherDepth_AreRefusedWithIt()
    {
        byte[] file = TestPng.Encode(1, 1, ColorModel.Rgb, 16, [128, 128, 64, 64, 128, 128]);
        string message = Assert.ThrowsExactly<InvalidDataException>(() => MaskReader.ReadClassIndices(new MemoryStream(file), "deep.png", new MaskColors([Sky, Road]))).Message;
        StringAssert.StartsWith(message, "deep.png: pixel x=0, y=0: colour (32896, 16448, 32896). Colours that stand for classes have values from 0 to 255, and those of this file go to 65535");
    }

    [TestMethod]
    public void OneColorForTwoMeanings_IsRefused()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new MaskColors([Sky, Road, Sky])).Message, "class 0 and for class 2");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new MaskColors([Sky, Road], [Road])).Message, "class 1 and for pixels to ignore");
        Assert.ThrowsExactly<ArgumentException>(() => new MaskColors([]));
    }

    private static SegmentationMask Read(MaskColors? colors, params RgbColor[] pixels)
    {
        RgbImage image = new(2, 2);
        for (int i = 0; i < 4; i++)
        {
            image[i % 2, i / 2] = pixels[i];
        }

        using MemoryStream file = new();
        image.SavePng(file);
        file.Position = 0;
        return MaskReader.ReadClassIndices(file, "mask.png", colors);
    }
}
