
namespace Microsoft.ML.Binary.Tests.Evaluation;

[TestClass]
public sealed class BoundaryOverlapTests
{
    private const int Classes = 3;

    [TestMethod]
    [DataRow(0.001, 255)]
    [DataRow(0.06, 255)]
    [DataRow(0.3, 255)]
    [DataRow(0.06, 0, DisplayName = "a class is the ignore index")]
    public void Count_OfRandomMaps_EqualsLookingAtEachWindow(double share, int ignoreIndex)
    {
        var random = new Random(11);
        for (int round = 0; round < 30; round++)
        {
            int width = random.Next(1, 40);
            int height = random.Next(1, 30);
            byte[] labels = Patches(random, width, height);
            byte[] predictions = Patches(random, width, height);
            int?[] labelMap = [.. labels.Select(label => label == ignoreIndex ? null : (int?)label)];
            int?[] predictionMap = [.. predictions.Zip(labelMap, (prediction, label) => label is null ? null : (int?)prediction)];
            int distance = Math.Max(1, (int)Math.Round(share * Math.Sqrt(width * width + height * height)));

            ClassPixels actual = new BoundaryOverlap(share).Count(labels, predictions, width, height, Classes, ignoreIndex);
            for (int c = 0; c < Classes; c++)
            {
                bool[] inLabels = [.. Enumerable.Range(0, labels.Length).Select(i => IsBoundary(labelMap, i, width, height, distance, c))];
                bool[] inPredictions = [.. Enumerable.Range(0, labels.Length).Select(i => IsBoundary(predictionMap, i, width, height, distance, c))];
                Assert.AreEqual(inLabels.Count(inside => inside), actual.Labelled[c]);
                Assert.AreEqual(inPredictions.Count(inside => inside), actual.Predicted[c]);
                Assert.AreEqual(inLabels.Zip(inPredictions).Count(pair => pair is (true, true)), actual.Correct[c]);
            }
        }
    }

    [TestMethod]
    public void Count_OfOneRegion_IsTheFrameOfTheImage()
    {
        ClassPixels pixels = new BoundaryOverlap(0.001).Count(new byte[30], new byte[30], 6, 5, 1, 255);
        Assert.AreEqual(30 - 4 * 3, pixels.Correct[0]);
    }

    private static bool IsBoundary(int?[] map, int pixel, int width, int height, int distance, int c)
    {
        if (map[pixel] != c)
        {
            return false;
        }

        for (int y = pixel / width - distance; y <= pixel / width + distance; y++)
        {
            for (int x = pixel % width - distance; x <= pixel % width + distance; x++)
            {
                if (x < 0 || y < 0 || x >= width || y >= height || map[y * width + x] != c)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Rectangles over a background, so that there are regions with an inside.</summary>
    private static byte[] Patches(Random random, int width, int height)
    {
        byte[] map = new byte[width * height];
        for (int patch = 0; patch < 3; patch++)
        {
            (int left, int top, byte c) = (random.Next(width), random.Next(height), (byte)random.Next(Classes));
            int right = random.Next(left, width);
            for (int y = top; y <= random.Next(top, height); y++)
            {
                map.AsSpan(y * width + left, right - left + 1).Fill(c);
            }
        }

        return map;
    }
}
