
namespace Microsoft.ML.Binary.Tests.Evaluation;

[TestClass]
public sealed class NearestObjectPixelTests
{
    [TestMethod]
    public void Find_OfRandomMasks_EqualsTheSearchOfAllObjectPixels()
    {
        var random = new Random(23);
        var transform = new NearestObjectPixel();
        for (int round = 0; round < 300; round++)
        {
            int width = random.Next(1, 24);
            int height = random.Next(1, 24);
            double density = Math.Pow(random.NextDouble(), 3);
            byte[] mask = [.. Enumerable.Range(0, width * height).Select(_ => (byte)(random.NextDouble() < density ? 255 : 128))];
            mask[random.Next(mask.Length)] = 129;
            var nearest = new int[mask.Length];
            transform.Find(mask, width, height, nearest);

            (int X, int Y)[] objects = [.. Enumerable.Range(0, mask.Length).Where(i => mask[i] > 128).Select(i => (i % width, i / width))];
            for (int i = 0; i < mask.Length; i++)
            {
                (int x, int y) = (i % width, i / width);
                (int _, int nearestX, int nearestY) = objects.Min(o => ((o.X - x) * (o.X - x) + (o.Y - y) * (o.Y - y), o.X, o.Y));
                Assert.AreEqual(nearestY * width + nearestX, nearest[i], $"{width}x{height}, pixel {x}, {y}");
            }
        }
    }
}
