namespace Microsoft.ML.Binary.Tests.Evaluation;

/// <summary>
/// What an evaluation allocates for an image, counted by the runtime for this thread alone: if it is far less than a map, then no number
/// of images makes it grow.
/// </summary>
[TestClass]
public sealed class ConstantMemoryTests
{
    private const int Width = 480, Height = 360, Images = 20, FarLess = Width * Height / 100;

    // An object of many pieces, and a map of all levels: the measures that look at regions and thresholds have to work.
    private static readonly byte[] Objects = RandomMaps.Runs(new Random(3), Width * Height, NextOf(new Random(4), 0, 255));

    private static readonly byte[] Map = RandomMaps.Runs(new Random(5), Width * Height, NextOf(new Random(6), [.. Enumerable.Range(0, 256).Select(level => (byte)level)]));

    private static readonly byte[] Labels = RandomMaps.Runs(new Random(1), Width * Height, NextOf(new Random(7), 0, 1, 255)), Other = RandomMaps.Runs(new Random(2), Width * Height, NextOf(new Random(8), 0, 1));

    [TestMethod]
    public void Segmentation()
    {
        SegmentationMetricsAccumulator accumulator = new(["a", "b"], new() { KeepImages = false });
        Check(() => accumulator.Add("image", Labels, Other, Width, Height));
    }

    [TestMethod]
    public void SegmentationWithRows()
    {
        SegmentationMetricsAccumulator accumulator = new(["a", "b"]);
        Check(() => accumulator.Add("image", Labels, Other, Width, Height));
    }

    [TestMethod]
    public void SaliencyError()
    {
        SaliencyMetricsAccumulator accumulator = new(new() { KeepImages = false, KeepCurves = false, Measures = SaliencyMeasures.ErrorAndF });
        Check(() => accumulator.Add("image", Map, Objects, Width, Height));
    }

    [TestMethod]
    public void Saliency()
    {
        SaliencyMetricsAccumulator accumulator = new(new() { KeepImages = false, KeepCurves = false });
        Check(() => accumulator.Add("image", Map, Objects, Width, Height));
    }

    [TestMethod]
    public void Road()
    {
        RoadMetricsAccumulator accumulator = new();
        Check(() => accumulator.Add("image", Map, Labels, Width, Height));
    }

    private static Func<byte> NextOf(Random random, params byte[] values) => () => values[random.Next(values.Length)];

    private static void Check(Action addImage)
    {
        // The first image brings the buffers that all others use again.
        addImage();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Images; i++)
        {
            addImage();
        }

        Assert.IsLessThan(FarLess, (GC.GetAllocatedBytesForCurrentThread() - before) / Images);
    }
}
