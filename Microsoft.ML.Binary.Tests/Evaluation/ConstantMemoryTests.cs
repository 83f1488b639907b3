namespace Microsoft.ML.Binary.Tests.Evaluation;

/// <summary>
/// What an evaluation allocates for an image, counted by the runtime for this thread alone: if it is far less than a map, then no number
/// of images makes it grow.
/// </summary>
[TestClass]
public sealed class ConstantMemoryTests
{
    private const int Width = 480, Height = 360, Images = 20, FarLess = Width * Height / 100;

    private static readonly byte[] Labels = RandomMaps.Runs(new Random(1), Width * Height, () => 1), Other = RandomMaps.Runs(new Random(2), Width * Height, () => 0);

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
        Check(() => accumulator.Add("image", Other, Labels, Width, Height));
    }

    [TestMethod]
    public void Saliency()
    {
        SaliencyMetricsAccumulator accumulator = new(new() { KeepImages = false, KeepCurves = false });
        Check(() => accumulator.Add("image", Other, Labels, Width, Height));
    }

    [TestMethod]
    public void Road()
    {
        RoadMetricsAccumulator accumulator = new();
        Check(() => accumulator.Add("image", Other, Labels, Width, Height));
    }

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
