using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class PaletteTests
{
    [TestMethod]
    public void DefaultHasADistinctColorForEveryLabel()
    {
        Assert.HasCount(256, Palette.Default);
        Assert.HasCount(256, Palette.Default.Distinct().ToList());
    }

    [TestMethod]
    public void EachComputedColorIsAtMostAsFarFromItsPredecessorsAsTheOneBefore()
    {
        OkLab[] colors = [.. Palette.Default.Select(OkLab.From)];
        double[] separation = [.. Enumerable.Range(20, 236).Select(i => colors[..i].Min(colors[i].SquaredDistance))];

        for (int i = 1; i < separation.Length; i++)
        {
            Assert.IsLessThanOrEqualTo(separation[i - 1], separation[i], $"colour {20 + i}");
        }
    }

    [TestMethod]
    public void OkLabOfWhiteBlackAndPureRedMatchesThePublishedValues()
    {
        OkLab white = OkLab.From(new RgbColor(255, 255, 255));
        OkLab red = OkLab.From(new RgbColor(255, 0, 0));

        Assert.AreEqual(1, white.L, 1e-4);
        Assert.AreEqual(0, white.A, 1e-4);
        Assert.AreEqual(0, white.B, 1e-4);
        Assert.AreEqual(default, OkLab.From(default));
        Assert.AreEqual(0.62796, red.L, 1e-4);
        Assert.AreEqual(0.22486, red.A, 1e-4);
        Assert.AreEqual(0.12585, red.B, 1e-4);
    }

    [TestMethod]
    public void TextIsReadBack()
    {
        var palette = Palette.Parse("#0a0B0c, #FFFFFF\n#000000");

        CollectionAssert.AreEqual(new RgbColor[] { new(10, 11, 12), new(255, 255, 255), new(0, 0, 0) }, palette.ToArray());
        Assert.AreEqual("#0A0B0C,#FFFFFF,#000000", palette.ToString());
        CollectionAssert.AreEqual(Palette.Default.ToArray(), Palette.Parse(Palette.Default.ToString()).ToArray());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("#12345")]
    [DataRow("1234567")]
    [DataRow("#12345G")]
    [DataRow("#+12345")]
    [DataRow("# 12345")]
    [DataRow("red")]
    public void OtherTextIsRefused(string text)
    {
        Assert.IsFalse(RgbColor.TryParse(text, out _));
        Assert.ThrowsExactly<FormatException>(() => Palette.Parse(text));
    }

    [TestMethod]
    public void ColorOfIgnoredAndUnknownLabels()
    {
        var palette = new Palette([new(1, 1, 1), new(2, 2, 2)], new RgbColor(9, 9, 9));

        Assert.AreEqual(new RgbColor(9, 9, 9), palette.ColorOf(255));
        Assert.AreEqual(new RgbColor(9, 9, 9), palette.ColorOf(1, ignoreIndex: 1));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => palette.ColorOf(2)).Message, "classes 0 to 1");
        Assert.ThrowsExactly<ArgumentException>(() => new Palette([]));
        Assert.ThrowsExactly<ArgumentException>(() => new Palette(new RgbColor[257]));
    }
}
