using Microsoft.ML.Binary.Reporting;

namespace Microsoft.ML.Binary.Tests.Reporting;

[TestClass]
public sealed class PrecisionFrontTests
{
    /// <summary>As accurate and no dearer, and better in one of the two; what is alike in both does not dominate.</summary>
    [TestMethod]
    public void DominatedIsWhatAnotherBeatsInOneAndMatchesInTheOther()
    {
        PrecisionPoint small = Point("small", 0.5, 100, 9), good = Point("good", 0.7, 300, 5), alike = Point("alike", 0.7, 300, 5),
            larger = Point("larger", 0.7, 301, 5), slower = Point("slower", 0.7, 300, 6), worse = Point("worse", 0.6, 300, 5), best = Point("best", 0.8, 900, 4);
        PrecisionFront front = new("mIoU", "size, bits", [small, good, alike, larger, slower, worse, best]);
        CollectionAssert.AreEqual(new[] { "larger", "worse" }, front.Points.Where(front.IsDominatedInBytes).Select(point => point.Name).ToArray());
        CollectionAssert.AreEqual(
            new[] { "small", "good", "alike", "larger", "slower", "worse" }, front.Points.Where(front.IsDominatedInTime).Select(point => point.Name).ToArray(), "the best is the fastest");
        PrecisionFront without = front with { Points = [.. front.Points.Where(point => point != best)] };
        CollectionAssert.AreEqual(new[] { "small", "slower", "worse" }, without.Points.Where(without.IsDominatedInTime).Select(point => point.Name).ToArray());
    }

    private static PrecisionPoint Point(string name, double accuracy, long bytes, double milliseconds) => new(name, accuracy, bytes, milliseconds, bytes, IsUniform: false, []);
}
