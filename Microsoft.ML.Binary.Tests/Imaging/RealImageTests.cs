using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>Reads real files that other encoders wrote; skipped where the data folder is absent.</summary>
[TestClass]
public class RealImageTests
{
    [TestMethod]
    public void CamVidMasksHoldElevenClassesAndMatchTheirImages()
    {
        string set = SharedData.PathOf("camvid", "val");
        foreach (ImagePair pair in ImageFolder.Pair(Path.Combine(set, "images"), Path.Combine(set, "masks")).Take(10))
        {
            var image = RgbImage.Load(pair.ImagePath);
            SegmentationMask mask = MaskReader.ReadClassIndices(pair.MaskPath);

            mask.CheckRange(11, pair.MaskPath);
            Assert.AreEqual((480, 360), (image.Width, image.Height));
            Assert.AreEqual((480, 360), (mask.Width, mask.Height));

            // The set's images are stored in levels rounded to multiples of 6, which a wrongly undone filter would not keep.
            Assert.AreEqual(-1, Array.FindIndex(image.Pixels, value => value % 6 != 0 && value != 255));
        }
    }

    [TestMethod]
    public void PascalMasksAreBlackOrWhite()
    {
        string set = SharedData.PathOf("pascal-s");
        foreach (ImagePair pair in ImageFolder.Pair(Path.Combine(set, "images"), Path.Combine(set, "masks")).Take(10))
        {
            SaliencyMask mask = MaskReader.ReadGray(pair.MaskPath);

            Assert.AreEqual(-1, Array.FindIndex(mask.Values, value => value is not (0 or 255)));
            CollectionAssert.Contains(mask.ToObjectMask().Labels, (byte)1);
        }
    }
}
