using System.Text;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class PnmReaderTests
{
    [TestMethod]
    public void ReadsGrayAndColorWithComments()
    {
        Raster gray = Decode(Pnm("P5 # made by hand\n#another 1 2 3\n3\t1\r\n255\n", 7, 8, 9), "a.pgm");
        Raster rgb = Decode(Pnm("P6\n1 2 255\n", 1, 2, 3, 4, 5, 6), "a.ppm");

        Assert.AreEqual((3, 1, ColorModel.Gray, 255), (gray.Width, gray.Height, gray.Color, gray.MaxValue));
        CollectionAssert.AreEqual(new byte[] { 7, 8, 9 }, gray.Samples);
        Assert.AreEqual((1, 2, ColorModel.Rgb, 255), (rgb.Width, rgb.Height, rgb.Color, rgb.MaxValue));
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4, 5, 6 }, rgb.Samples);
    }

    [TestMethod]
    public void OtherMaximumValuesAreScaledInPicturesOnly()
    {
        Raster bits = Decode(Pnm("P5 2 1 1\n", 0, 1), "a.pgm");
        Raster words = Decode(Pnm("P5 2 1 1000\n", 0x01, 0xF4, 0x03, 0xE8), "b.pgm");

        CollectionAssert.AreEqual(new byte[] { 0, 255 }, RowColors.ToGray(bits));
        Assert.AreEqual(1, bits.Sample(1, 0));
        CollectionAssert.AreEqual(new byte[] { 128, 255 }, RowColors.ToGray(words));
        Assert.AreEqual(500, words.Sample(0, 0));
    }

    [TestMethod]
    public void EveryTruncationIsRefused()
    {
        byte[] file = Pnm("P6\n2 2\n255\n", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        for (int length = 0; length < file.Length; length++)
        {
            var error = Assert.ThrowsExactly<InvalidDataException>(() => RgbImage.Load(new MemoryStream(file[..length]), "cut.ppm"), $"{length} bytes");
            StringAssert.StartsWith(error.Message, "cut.ppm: ");
        }
    }

    [TestMethod]
    [DataRow("P5 0 2 255\n", "width")]
    [DataRow("P5 2 -1 255\n", "height")]
    [DataRow("P5 2 2 65536\n", "maximum value")]
    [DataRow("P5 2 2 0\n", "maximum value")]
    [DataRow("P5 99999999999999999999 2 255\n", "width")]
    [DataRow("P5 10000 10000 255\n", "need 100000000 bytes")]
    [DataRow("P5 2 2 255#", "white space")]
    [DataRow("P2 2 2 255\n", "neither P5 nor P6")]
    public void WrongHeadersAreNamed(string header, string expected)
        => StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Decode(Pnm(header, 1, 2, 3, 4), "bad.pgm")).Message, expected);

    [TestMethod]
    public void ValueAboveTheMaximumNamesThePixel()
        => StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Decode(Pnm("P5 2 2 3\n", 1, 2, 3, 4), "bad.pgm")).Message,
            "bad.pgm: pixel x=1, y=1: value 4");

    private static Raster Decode(byte[] file, string name) => PnmReader.Open(new MemorySource(file), name).ReadAll();

    private static byte[] Pnm(string header, params byte[] samples) => [.. Encoding.ASCII.GetBytes(header), .. samples];
}
