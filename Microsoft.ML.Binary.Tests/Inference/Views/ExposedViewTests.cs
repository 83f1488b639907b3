using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Tests.Inference.Views;

/// <summary>Networks that see images at an exposure.</summary>
[TestClass]
public sealed class ExposedViewTests
{
    private static readonly ImageExposure Exposure = ImageExposure.Of(150);

    private static readonly DenseNetwork Network = new(
        Freezing.Freeze(RandomNetworks.Preset(NetworkPreset.Tiny, 5, Precision.Binary)), DenseTask.Segmentation, ["a", "b", "c", "d", "e"], exposure: Exposure);

    [TestMethod]
    [DataRow(64, 48, null)]
    [DataRow(71, 45, null)]
    [DataRow(71, 45, 96)]
    [DataRow(120, 90, 48)]
    public void LogitsAreTheReferences(int width, int height, int? size)
    {
        DenseNetwork network = size is { } side ? Network.WithWorkingSize(WorkingSize.Of(side)) : Network;
        RgbImage image = Dark(width, height);
        foreach (ViewOptions views in new ViewOptions[] { ViewOptions.AsTrained, new() { Mirrored = true, Scales = [1, 1.25] } })
        {
            float[] expected = ReferenceViews.Logits(network, image, views).Values, logits = new float[expected.Length];
            foreach (int threads in new[] { 1, 2 })
            {
                using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = threads, Views = views });
                for (int run = 0; run < 2; run++)
                {
                    compiled.PredictLogits(image, logits);
                    CollectionAssert.AreEqual(expected, logits, $"{threads} threads, run {run}");
                }
            }
        }
    }

    [TestMethod]
    public void ADarkImageIsSeenAsTheCorrectedOne()
    {
        RgbImage dark = Dark(70, 50), corrected = new(70, 50, [.. dark.Pixels]);
        byte[] before = [.. dark.Pixels];
        ExposureCurve.For(dark, Exposure.Mean)!.Apply(corrected.Pixels);
        float[] expected = Logits(Network.WithExposure(ImageExposure.AsIs), corrected);
        CollectionAssert.AreEqual(expected, Logits(Network, dark));
        CollectionAssert.AreNotEqual(expected, Logits(Network.WithExposure(ImageExposure.AsIs), dark));
        CollectionAssert.AreEqual(before, dark.Pixels, "the image itself stays");

        // Its runs are kept for images of the size: the next one has a curve of its own, or none.
        using CompiledNetwork compiled = CompiledNetwork.Compile(Network);
        float[] logits = new float[expected.Length];
        foreach (RgbImage image in new[] { dark, new RgbImage(70, 50, [.. Enumerable.Repeat((byte)150, 10500)]), corrected, dark })
        {
            compiled.PredictLogits(image, logits);
            CollectionAssert.AreEqual(ReferenceViews.Logits(Network, image).Values, logits);
        }
    }

    [TestMethod]
    public void TilesSeeTheExposureOfTheWholeImage()
    {
        ViewOptions views = ViewOptions.InTiles(new() { Side = 96, Halo = 16 });
        RgbImage image = Dark(230, 150);

        // One half brighter: tiles of their own exposure would see something else.
        for (int y = 0; y < 150; y++)
        {
            image.Pixels.AsSpan(690 * y, 345).Fill(90);
        }

        using CompiledNetwork compiled = CompiledNetwork.Compile(Network, new() { Views = views });
        float[] expected = ReferenceViews.Logits(Network, image, views).Values, logits = new float[expected.Length];
        compiled.PredictLogits(image, logits);
        CollectionAssert.AreEqual(expected, logits);

        byte[] labels = new byte[230 * 150], rows = new byte[230 * 150];
        compiled.PredictLabels(image, labels);
        ExposureMeter meter = new(230, 150);
        ForEachRow(image, meter.Add);
        RowPrediction prediction = compiled.BeginRows(230, 150, (_, y, values) => values.CopyTo(rows.AsSpan(230 * y)), meter);
        ForEachRow(image, prediction.Add);
        CollectionAssert.AreEqual(labels, rows);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => compiled.BeginRows(230, 150, (_, _, _) => { })).Message, "read them twice, first with an ExposureMeter");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => compiled.BeginRows(230, 150, (_, _, _) => { }, new ExposureMeter(230, 151))).Message, "of 230x151, and this has 230x150");
        ExposureMeter half = new(230, 150);
        half.Add(image.Pixels.AsSpan(0, 690));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => compiled.BeginRows(230, 150, (_, _, _) => { }, half)).Message, "has seen 1 of the 150 rows");
    }

    [TestMethod]
    public void AnImageThatFitsATileIsExposedToo()
    {
        RgbImage image = Dark(40, 30);
        using CompiledNetwork compiled = CompiledNetwork.Compile(Network, new() { Views = ViewOptions.InTiles(new() { Side = 96, Halo = 16 }) });
        float[] expected = ReferenceViews.Logits(Network, image).Values, logits = new float[expected.Length];
        compiled.PredictLogits(image, logits);
        CollectionAssert.AreEqual(expected, logits);
    }

    [TestMethod]
    public void PredictedRowsAreThoseOfTheMap()
    {
        RgbImage image = Dark(90, 60);
        DenseNetwork saliency = new(Freezing.Freeze(RandomNetworks.Preset(NetworkPreset.Tiny, 1, Precision.Binary)), DenseTask.Saliency, exposure: Exposure);
        foreach (DenseNetwork network in new[] { saliency, saliency.WithWorkingSize(WorkingSize.Of(64)) })
        {
            using CompiledNetwork compiled = CompiledNetwork.Compile(network), plain = CompiledNetwork.Compile(network.WithExposure(ImageExposure.AsIs));
            byte[] gray = new byte[5400], rows = new byte[5400];
            compiled.PredictSaliency(image, gray);
            compiled.PredictRows(image, (_, y, values) => values.CopyTo(rows.AsSpan(90 * y)));
            CollectionAssert.AreEqual(gray, rows);
            plain.PredictRows(image, (_, y, values) => values.CopyTo(rows.AsSpan(90 * y)));
            CollectionAssert.AreNotEqual(gray, rows);
        }
    }

    [TestMethod]
    public void NodesSeeTheExposureToo()
    {
        RgbImage image = Dark(64, 48);
        using CompiledNetwork exposed = CompiledNetwork.Compile(Network, new() { KeepsNodeOutputs = true });
        using CompiledNetwork plain = CompiledNetwork.Compile(Network.WithExposure(ImageExposure.AsIs), new() { KeepsNodeOutputs = true });
        CollectionAssert.AreEqual(
            plain.NodeOutputs(image.WithMean(Exposure.Mean))[^1].Values, exposed.NodeOutputs(image)[^1].Values);
    }

    [TestMethod]
    public void ARunAllocatesNothing()
    {
        RgbImage image = Dark(64, 48);
        using CompiledNetwork compiled = CompiledNetwork.Compile(Network, new() { Threads = 1 });
        byte[] labels = new byte[64 * 48];
        compiled.PredictLabels(image, labels);
        compiled.PredictLabels(image, labels);
        Assert.AreEqual(0, Allocation.Of(() => compiled.PredictLabels(image, labels)));
    }

    private static float[] Logits(DenseNetwork network, RgbImage image)
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(network);
        float[] logits = new float[compiled.LogitChannels * image.Width * image.Height];
        compiled.PredictLogits(image, logits);
        return logits;
    }

    private static RgbImage Dark(int width, int height) => new(width, height, [.. RandomNetworks.Image(width, height).Pixels.Select(value => (byte)(value / 4))]);

    private static void ForEachRow(RgbImage image, RowAction action)
    {
        for (int y = 0; y < image.Height; y++)
        {
            action(image.Pixels.AsSpan(3 * image.Width * y, 3 * image.Width));
        }
    }

    private delegate void RowAction(ReadOnlySpan<byte> rgb);
}
