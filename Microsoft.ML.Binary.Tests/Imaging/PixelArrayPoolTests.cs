using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public class PixelArrayPoolTests
{
    [TestMethod]
    public void AnArrayIsGivenOutAgainForTheSameLengthOnlyAndWithoutWhatWasInIt()
    {
        PixelArrayPool pool = new(2);
        byte[] first = pool.Take(300), second = pool.Take(300);
        Assert.AreNotSame(first, second);
        first.AsSpan().Fill(7);
        pool.Return(first);

        Assert.AreNotSame(first, pool.Take(600));
        byte[] again = pool.Take(300);
        Assert.AreSame(first, again);
        CollectionAssert.AreEqual(new byte[300], again);
        Assert.AreNotSame(first, pool.Take(300));
    }

    [TestMethod]
    public void OfMoreThanItKeepsTheLastStay()
    {
        PixelArrayPool pool = new(2);
        byte[][] all = [.. Enumerable.Range(1, 3).Select(i => pool.Take(i))];
        Array.ForEach(all, pool.Return);

        Assert.AreNotSame(all[0], pool.Take(1));
        Assert.AreSame(all[1], pool.Take(2));
        Assert.AreSame(all[2], pool.Take(3));
    }

    [TestMethod]
    public void OfVeryLargePicturesNothingIsKept()
    {
        PixelArrayPool pool = new(2);
        byte[] large = pool.Take((1 << 24) + 1);
        pool.Return(large);
        Assert.AreNotSame(large, pool.Take(large.Length));
    }

    [TestMethod]
    public void PixelsOfAPoolAreThoseOfTheFile()
    {
        using TemporaryFolder folder = new();
        PixelArrayPool pool = new(1);
        (string Name, int Width, int Height)[] pictures = [("a.jpg", 90, 40), ("b.jpg", 40, 90), ("c.jpg", 60, 60), ("d.jpg", 90, 40)];
        foreach ((string name, int width, int height) in pictures)
        {
            File.WriteAllBytes(folder.File(name), EncodedImages.Jpeg(EncodedImages.Picture(width, height)));
            RgbImage pooled = ImageReader.Load(folder.File(name), new() { Pixels = pool }).Image;
            CollectionAssert.AreEqual(ImageReader.Load(folder.File(name)).Image.Pixels, pooled.Pixels, name);
            pooled.Pixels.AsSpan().Fill(200);
            pool.Return(pooled.Pixels);
        }
    }
}
