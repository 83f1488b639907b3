using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class BitmapFontTests
{
    private static readonly RgbColor White = new(255, 255, 255);

    [TestMethod]
    public void EveryPrintableCharacterLooksDifferent()
    {
        string[] glyphs = [.. Enumerable.Range(32, 96).Select(code => Convert.ToHexString(Draw(((char)code).ToString(), 1).Pixels))];

        Assert.HasCount(96, glyphs.Distinct().ToList());
    }

    [TestMethod]
    public void TextStaysInsideItsMeasure()
    {
        foreach (int scale in new[] { 1, 2, 3 })
        {
            RgbImage image = Draw("Wg|~@#", scale, margin: 10);
            int width = BitmapFont.Measure("Wg|~@#", scale);
            for (int y = 0; y < image.Height; y++)
            {
                for (int x = 0; x < image.Width; x++)
                {
                    bool inside = x >= 10 && x < 10 + width && y >= 10 && y < 10 + (BitmapFont.LineHeight * scale);
                    Assert.IsTrue(inside || image[x, y] == default, $"x={x}, y={y}");
                }
            }
        }
    }

    [TestMethod]
    public void OtherCharactersAreABoxAndTextOutsideIsClipped()
    {
        CollectionAssert.AreEqual(Draw("\u007f", 1).Pixels, Draw("é", 1).Pixels);

        var image = new RgbImage(4, 4);
        BitmapFont.Draw(image, -3, -3, "MMM", 2, White);
        BitmapFont.Draw(image, 100, 100, "M", 1, White);
        CollectionAssert.Contains(image.Pixels, (byte)255);
    }

    [TestMethod]
    public void LongTextIsShortenedToFit()
    {
        Assert.AreEqual("abc", BitmapFont.Fit("abc", BitmapFont.Measure("abc", 2), 2));
        Assert.AreEqual("ab..", BitmapFont.Fit("abcdefgh", BitmapFont.Measure("xxxx", 2), 2));
        Assert.AreEqual("..", BitmapFont.Fit("abcdefgh", 0, 2));
    }

    private static RgbImage Draw(string text, int scale, int margin = 0)
    {
        var image = new RgbImage(BitmapFont.Measure(text, scale) + (2 * margin), (BitmapFont.LineHeight * scale) + (2 * margin));
        BitmapFont.Draw(image, margin, margin, text, scale, White);
        return image;
    }
}
