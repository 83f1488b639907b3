using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>Operations on masks; the pipeline's tests of stages hold them against slow references.</summary>
[TestClass]
public sealed class MaskOperationTests
{
    [TestMethod]
    public void SharesLeaveOutWhatIsIgnored()
    {
        SegmentationMask mask = new(4, 2, [0, 0, 0, 1, 255, 255, 2, 2]);
        CollectionAssert.AreEqual(new[] { 0.5f, (float)(1 / 6.0), (float)(1 / 3.0), 0 }, mask.ClassShares(4));
        CollectionAssert.AreEqual(new[] { 0, 0.2f, 0.4f, 0 }, mask.ClassShares(256, ignoreIndex: 0)[..4]);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => mask.ClassShares(2)).Message, "pixel x=2, y=1: class index 2");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => mask.ClassShares(0));
    }

    [TestMethod]
    public void AMaskIsAPictureInTheColoursOfItsClasses()
    {
        SegmentationMask mask = new(2, 2, [0, 1, 255, 0]);
        RgbImage picture = mask.ToImage(Palette.Parse("#010203, #040506", new(9, 9, 9)));
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4, 5, 6, 9, 9, 9, 1, 2, 3 }, picture.Pixels);
        Assert.AreEqual(Palette.Default[1], mask.ToImage()[1, 0]);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => mask.ToImage(Palette.Parse("#010203"))).Message, "classes 0 to 0");
    }

    [TestMethod]
    public void NearestNeedsASourceAndASize()
    {
        CollectionAssert.AreEqual(new byte[] { 2, 4 }, new SegmentationMask(4, 1, [1, 2, 3, 4]).Resize(2, 1).Labels);
        CollectionAssert.AreEqual(new[] { 'a', 'a', 'b', 'b' }, NearestResampler.Resize<char>("ab", 2, 1, 4, 1));
        Assert.ThrowsExactly<ArgumentException>(() => NearestResampler.Resize<byte>([1, 2, 3], 2, 1, 4, 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => NearestResampler.Resize<byte>([1, 2], 2, 1, 4, 0));
    }

    [TestMethod]
    public void ClassesBecomeAnObject()
    {
        SegmentationMask mask = new(5, 1, [0, 1, 2, 0, 3]);
        CollectionAssert.AreEqual(new byte[] { 0, 255, 255, 0, 0 }, SaliencyMask.FromClasses(mask, [1, 2]).Values);
        CollectionAssert.AreEqual(new byte[] { 128, 170, 170, 85, 0 }, SaliencyMask.FromClasses(mask, [1, 2], softEdge: 1).Values);
        CollectionAssert.AreEqual(new byte[] { 102, 102, 102, 102, 102 }, SaliencyMask.FromClasses(mask, [1, 2], softEdge: int.MaxValue).Values);
        CollectionAssert.AreEqual(new byte[] { 0, 255, 255, 0, 0 }, SaliencyMask.FromClasses(mask, [1, 2], softEdge: 1).Binarize(128).Values);
    }
}
