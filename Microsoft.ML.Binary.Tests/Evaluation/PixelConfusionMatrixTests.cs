
namespace Microsoft.ML.Binary.Tests.Evaluation;

[TestClass]
public sealed class PixelConfusionMatrixTests
{
    [TestMethod]
    public void Add_CountsPairsAndDropsIgnoredLabels()
    {
        var matrix = new PixelConfusionMatrix(3);
        matrix.Add([0, 0, 1, 2, 255, 255], [0, 1, 1, 0, 2, 255]);

        CollectionAssert.AreEqual(new long[] { 1, 1, 0 }, matrix.Row(0).ToArray());
        CollectionAssert.AreEqual(new long[] { 0, 1, 0 }, matrix.Row(1).ToArray());
        CollectionAssert.AreEqual(new long[] { 1, 0, 0 }, matrix.Row(2).ToArray());
        Assert.AreEqual(4, matrix.PixelCount);
        Assert.AreEqual(2, matrix.IgnoredPixelCount);
    }

    [TestMethod]
    public void Add_OfRandomMaps_EqualsCountingOnePixelAtATime()
    {
        var random = new Random(7);
        foreach (int classes in new[] { 1, 2, 11, 255 })
        {
            foreach (int length in new[] { 1, 31, 32, 33, 4099 })
            {
                (byte[] labels, byte[] predictions) = RandomMaps.Segmentation(random, length, classes, ignoreShare: 0.1);
                var matrix = new PixelConfusionMatrix(classes);
                matrix.Add(labels, predictions);

                var expected = new long[classes, classes];
                for (int i = 0; i < length; i++)
                {
                    if (labels[i] != 255)
                    {
                        expected[labels[i], predictions[i]]++;
                    }
                }

                for (int label = 0; label < classes; label++)
                {
                    for (int prediction = 0; prediction < classes; prediction++)
                    {
                        Assert.AreEqual(expected[label, prediction], matrix[label, prediction]);
                    }
                }

                Assert.AreEqual(labels.LongCount(label => label == 255), matrix.IgnoredPixelCount);
            }
        }
    }

    [TestMethod]
    public void Add_WithIgnoreIndexAmongTheClasses_DropsOnlyItsLabels()
    {
        var matrix = new PixelConfusionMatrix(2, ignoreIndex: 0);
        matrix.Add([0, 1, 1], [1, 0, 1]);

        Assert.AreEqual(1, matrix.IgnoredPixelCount);
        CollectionAssert.AreEqual(new long[] { 1, 1 }, matrix.Row(1).ToArray());
        CollectionAssert.AreEqual(new long[] { 0, 0 }, matrix.Row(0).ToArray());
    }

    [TestMethod]
    public void Add_NamesLabelOutOfRange()
    {
        var matrix = new PixelConfusionMatrix(11);
        byte[] labels = new byte[40];
        labels[37] = 12;

        var error = Assert.ThrowsExactly<ArgumentException>(() => matrix.Add(labels, new byte[40], width: 10));
        StringAssert.Contains(error.Message, "label at pixel x=7, y=3 is 12; allowed is 0 to 10, or 255 (ignored)");
        Assert.AreEqual(0, matrix.PixelCount);
    }

    [TestMethod]
    public void Add_NamesPredictionOutOfRange()
    {
        var matrix = new PixelConfusionMatrix(2, ignoreIndex: null);

        var error = Assert.ThrowsExactly<ArgumentException>(() => matrix.Add([0, 1], [0, 255]));
        StringAssert.Contains(error.Message, "prediction at pixel 1 is 255; allowed is 0 to 1");
    }

    [TestMethod]
    public void Add_NamesSizesThatDiffer()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => new PixelConfusionMatrix(2).Add([0, 1, 0], [0, 1]));
        StringAssert.Contains(error.Message, "3 labels and 2 predictions");
    }

    [TestMethod]
    public void Add_OfAnotherMatrix_RefusesOtherClasses()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new PixelConfusionMatrix(2).Add(new PixelConfusionMatrix(3)));
        Assert.ThrowsExactly<ArgumentException>(() => new PixelConfusionMatrix(2).Add(new PixelConfusionMatrix(2, ignoreIndex: null)));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(256)]
    public void Constructor_RefusesClassCount(int numberOfClasses) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PixelConfusionMatrix(numberOfClasses));
}
