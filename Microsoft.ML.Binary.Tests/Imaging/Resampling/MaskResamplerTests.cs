using Microsoft.ML.Binary.Imaging.Resampling;

namespace Microsoft.ML.Binary.Tests.Imaging.Resampling;

[TestClass]
public class MaskResamplerTests
{
    private const byte Ignored = 255;

    [TestMethod]
    [DataRow(new byte[] { 3, 3, 1, 3 }, (byte)3, DisplayName = "most of the area")]
    [DataRow(new byte[] { 2, 1, 1, 2 }, (byte)1, DisplayName = "of equal ones the lowest")]
    [DataRow(new byte[] { Ignored, Ignored, 5, 4 }, (byte)4, DisplayName = "half ignored: the others vote")]
    [DataRow(new byte[] { Ignored, Ignored, Ignored, 4 }, Ignored, DisplayName = "mostly ignored")]
    public void OneVoteOfFour(byte[] mask, byte expected) =>
        CollectionAssert.AreEqual(new[] { expected }, MaskResampler.Vote(mask, 2, 2, 1, 1, Ignored));

    [TestMethod]
    public void PixelsVoteWithTheAreaThatIsCovered() =>
        // The first output covers pixel 0 and half of pixel 1, the second the rest.
        CollectionAssert.AreEqual(new byte[] { 7, 2 }, MaskResampler.Vote([7, 5, 2], 3, 1, 2, 1, Ignored));

    [TestMethod]
    public void WithoutAnIgnoredLabelEveryLabelVotes() =>
        CollectionAssert.AreEqual(new byte[] { 255 }, MaskResampler.Vote([255, 255, 255, 0], 2, 2, 1, 1, ignoreLabel: null));

    [TestMethod]
    public void SaliencyIsObjectWhereMoreThanHalfIs()
    {
        CollectionAssert.AreEqual(new byte[] { 0 }, MaskResampler.VoteObject([129, 255, 128, 0], 2, 2, 1, 1), "half");
        CollectionAssert.AreEqual(new byte[] { 255 }, MaskResampler.VoteObject([129, 129, 129, 0], 2, 2, 1, 1), "more");
    }

    [TestMethod]
    public void EnlargedAndReducedAgainAMaskIsWhatItWas()
    {
        byte[] mask = new byte[37 * 23];
        new Random(1).NextBytes(mask);
        foreach (int factor in new[] { 1, 2, 3, 8 })
        {
            byte[] large = MaskResampler.Vote(mask, 37, 23, 37 * factor, 23 * factor, Ignored);
            CollectionAssert.AreEqual(mask, MaskResampler.Vote(large, 37 * factor, 23 * factor, 37, 23, Ignored), $"{factor} times");
        }
    }

    [TestMethod]
    public void AnyRatioIsWhatCountingSmallPiecesGives()
    {
        Random random = new(2);
        for (int i = 0; i < 60; i++)
        {
            int width = 1 + random.Next(12), height = 1 + random.Next(12), newWidth = 1 + random.Next(12), newHeight = 1 + random.Next(12);
            byte[] mask = [.. Enumerable.Range(0, width * height).Select(_ => (byte)(random.Next(4) == 0 ? Ignored : random.Next(3)))];
            byte[] expected = new byte[newWidth * newHeight];
            for (int at = 0; at < expected.Length; at++)
            {
                // Pieces of 1 / newWidth by 1 / newHeight of a pixel.
                int[] votes = new int[256];
                for (int y = at / newWidth * height; y < (at / newWidth + 1) * height; y++)
                {
                    for (int x = at % newWidth * width; x < (at % newWidth + 1) * width; x++)
                    {
                        votes[mask[y / newHeight * width + x / newWidth]]++;
                    }
                }

                expected[at] = 2 * votes[Ignored] > width * height ? Ignored : (byte)Array.IndexOf(votes, votes[..Ignored].Max());
            }

            CollectionAssert.AreEqual(expected, MaskResampler.Vote(mask, width, height, newWidth, newHeight, Ignored), $"{width}x{height} to {newWidth}x{newHeight}");
        }
    }
}
