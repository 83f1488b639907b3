using System.Text;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class MaskReaderTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(4)]
    [DataRow(8)]
    public void GrayIndicesAreAsStoredAndGrayValuesAreScaled(int bitDepth)
    {
        byte max = (byte)((1 << bitDepth) - 1);
        byte[] file = TestPng.Encode(3, 1, ColorModel.Gray, bitDepth, [0, 1, max]);

        CollectionAssert.AreEqual(new byte[] { 0, 1, max }, Indices(file).Labels);
        CollectionAssert.AreEqual(new byte[] { 0, (byte)(255 / max), 255 }, Gray(file).Values);
    }

    [TestMethod]
    public void PaletteIndicesAreTheClassesAndPaletteColorsTheGrayValues()
    {
        byte[] file = TestPng.Encode(
            3, 1, ColorModel.Palette, 2, [2, 1, 0], false, 0, TestPng.Chunk("PLTE", 0, 0, 0, 10, 10, 10, 255, 0, 0));

        CollectionAssert.AreEqual(new byte[] { 2, 1, 0 }, Indices(file).Labels);
        CollectionAssert.AreEqual(new byte[] { 76, 10, 0 }, Gray(file).Values);
    }

    [TestMethod]
    public void SixteenBitIndicesMustFitAByte()
    {
        byte[] fitting = TestPng.Encode(2, 2, ColorModel.Gray, 16, [0, 0, 0, 7, 0, 255, 0, 1]);
        byte[] large = TestPng.Encode(2, 2, ColorModel.Gray, 16, [0, 0, 0, 7, 1, 44, 2, 0]);

        CollectionAssert.AreEqual(new byte[] { 0, 7, 255, 1 }, Indices(fitting).Labels);
        StringAssert.Contains(Message(large), "mask.png: pixel x=0, y=1: value 300");
    }

    [TestMethod]
    public void RgbIsAcceptedWhereItIsGray()
    {
        byte[] gray = TestPng.Encode(2, 1, ColorModel.Rgb, 8, [3, 3, 3, 255, 255, 255]);
        byte[] grayWithAlpha = TestPng.Encode(2, 1, ColorModel.Rgba, 8, [3, 3, 3, 0, 9, 9, 9, 255]);
        byte[] deep = TestPng.Encode(1, 1, ColorModel.Rgb, 16, [0, 3, 0, 3, 0, 3]);

        CollectionAssert.AreEqual(new byte[] { 3, 255 }, Indices(gray).Labels);
        CollectionAssert.AreEqual(new byte[] { 3, 9 }, Indices(grayWithAlpha).Labels);
        CollectionAssert.AreEqual(new byte[] { 3 }, Indices(deep).Labels);
    }

    [TestMethod]
    public void ColoredPixelIsNamed()
    {
        byte[] file = TestPng.Encode(2, 2, ColorModel.Rgb, 8, [0, 0, 0, 5, 5, 5, 5, 5, 5, 128, 64, 128]);

        StringAssert.Contains(Message(file), "mask.png: pixel x=1, y=1: colour (128, 64, 128). A mask must hold class indices");
    }

    [TestMethod]
    public void GrayWithAlphaIsItsGray()
    {
        byte[] file = TestPng.Encode(2, 1, ColorModel.GrayAlpha, 8, [4, 0, 200, 255]);

        CollectionAssert.AreEqual(new byte[] { 4, 200 }, Indices(file).Labels);
        CollectionAssert.AreEqual(new byte[] { 4, 200 }, Gray(file).Values);
    }

    [TestMethod]
    public void PgmIndicesAreAsStored()
    {
        byte[] file = [.. Encoding.ASCII.GetBytes("P5 3 1 20\n"), 0, 10, 20];

        CollectionAssert.AreEqual(new byte[] { 0, 10, 20 }, Indices(file).Labels);
        CollectionAssert.AreEqual(new byte[] { 0, 128, 255 }, Gray(file).Values);
    }

    [TestMethod]
    public void ObjectIsAboveTheThreshold()
        => CollectionAssert.AreEqual(
            new byte[] { 0, 0, 1, 1 }, new SaliencyMask(2, 2, [0, 128, 129, 255]).ToObjectMask().Labels);

    [TestMethod]
    public void ProbabilitiesAreRoundedAndClamped()
    {
        float[] probabilities = [-1f, 0f, 0.5f, 1f, 2f, 100.4f / 255f];

        CollectionAssert.AreEqual(new byte[] { 0, 0, 128, 255, 255, 100 }, SaliencyMask.FromProbabilities(6, 1, probabilities).Values);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => SaliencyMask.FromProbabilities(2, 1, [0f, float.NaN])).Message, "x=1, y=0");
    }

    [TestMethod]
    public void WholeRegistersOfProbabilitiesAreRoundedAsSingleOnesAre()
    {
        // Every half and what lies beside it, and bits of any kind that are numbers.
        List<float> probabilities = [float.NegativeInfinity, float.PositiveInfinity, -0f, float.Epsilon];
        for (int level = 0; level <= 255; level++)
        {
            float half = (level + 0.5f) / 255f;
            probabilities.AddRange([half, MathF.BitIncrement(half), MathF.BitDecrement(half), level / 255f]);
        }

        Random random = new(3);
        probabilities.AddRange(Enumerable.Range(0, 5000).Select(_ => BitConverter.Int32BitsToSingle(random.Next())).Where(value => !float.IsNaN(value)));
        byte[] expected = [.. probabilities.Select(p => (byte)MathF.Round(255f * Math.Clamp(p, 0f, 1f), MidpointRounding.AwayFromZero))];
        CollectionAssert.AreEqual(expected, SaliencyMask.FromProbabilities(probabilities.Count, 1, probabilities.ToArray()).Values);
        probabilities[700] = float.NaN;
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => SaliencyMask.FromProbabilities(probabilities.Count, 1, probabilities.ToArray())).Message, "x=700, y=0");
    }

    [TestMethod]
    public void LabelOutOfRangeIsNamed()
    {
        var mask = new SegmentationMask(3, 2, [0, 1, 2, 255, 3, 0]);

        mask.CheckRange(4, "m.png");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => mask.CheckRange(3, "m.png")).Message, "m.png: pixel x=1, y=1: class index 3");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => mask.CheckRange(4, "m.png", ignoreIndex: 0)).Message, "x=0, y=1: class index 255");
    }

    [TestMethod]
    public void SizeAndLabelsMustAgree()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new SegmentationMask(2, 2, new byte[3]));
        Assert.ThrowsExactly<ArgumentException>(() => new SegmentationMask(0, 2, []));
        Assert.ThrowsExactly<ArgumentException>(() => new SaliencyMask(2, 2, new byte[5]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SegmentationMask(2, 2, new byte[4])[2, 0]);
    }

    private static SegmentationMask Indices(byte[] file) => MaskReader.ReadClassIndices(new MemoryStream(file), "mask.png");

    private static SaliencyMask Gray(byte[] file) => MaskReader.ReadGray(new MemoryStream(file), "mask.png");

    private static string Message(byte[] file) => Assert.ThrowsExactly<InvalidDataException>(() => Indices(file)).Message;
}
