using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Inference.Tiles;
using Microsoft.ML.Binary.Kernels;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Tests.Inference;

/// <summary>Images that are seen in tiles.</summary>
[TestClass]
public class TileTests
{
    private const int Classes = 4;

    // A small receptive field, so that many tiles fit an image that the interpreter can do.
    private static readonly NetworkConfiguration Local = NetworkConfiguration.For(NetworkPreset.Tiny, Classes) with
    {
        AttentionHeads = 0,
        Stride16Depth = 1,
        Stride8Depth = 1,
    };

    [TestMethod]
    [DataRow(1, 64, 16, 16)]
    [DataRow(64, 64, 16, 16)]
    [DataRow(65, 64, 16, 16)]
    [DataRow(97, 64, 16, 16)]
    [DataRow(1000, 64, 16, 16)]
    [DataRow(1001, 96, 32, 32)]
    [DataRow(777, 160, 0, 16)]
    public void TilesCoverASideOnceAndLieOnTheGrid(int pixels, int side, int halo, int alignment)
    {
        TileSpan[] spans = TileSpan.Of(pixels, side, halo, alignment);
        Assert.AreEqual(0, spans[0].First);
        Assert.AreEqual(pixels, spans[^1].Last);
        for (int i = 0; i < spans.Length; i++)
        {
            TileSpan span = spans[i];
            Assert.AreEqual(0, span.Start % alignment);
            Assert.IsTrue(span.First < span.Last && span.Length <= side && span.Start + span.Length <= pixels, $"{span}");
            Assert.IsTrue(spans.Length == 1 || (span.Length + alignment - 1) / alignment * alignment == side, $"{span} shares no plan");
            Assert.IsTrue(span.Start == 0 || span.First >= span.Start + halo, $"{span}");
            Assert.IsTrue(span.Start + span.Length == pixels || span.Last <= span.Start + span.Length - halo, $"{span}");
            Assert.IsTrue(i == 0 || spans[i - 1].Last == span.First, $"{span}");
        }
    }

    [TestMethod]
    [DataRow(0, 301, 233)]
    [DataRow(64, 301, 233)]
    [DataRow(16, 640, 97)]
    public void WithoutAttention_TilesGiveTheBitsOfTheWholeImage(int moreThanNeeded, int width, int height)
    {
        DenseNetwork network = Network(Local);
        ReceptiveField field = ReceptiveField.Of(network.Graph);
        Assert.IsFalse(field.IsGlobal);
        Assert.IsTrue(field.Radius is > 0 and < 96, $"{field.Radius}");
        RgbImage image = RandomNetworks.Image(width, height);
        float[] expected = Logits(network, image, ViewOptions.AsIs, KernelSet.Best), actual;
        ViewTiles tiles = new() { Side = 2 * field.Radius + 48 + moreThanNeeded };
        foreach (KernelPath path in KernelPaths.Supported)
        {
            actual = Logits(network, image, ViewOptions.InTiles(tiles), KernelSet.For(path));
            CollectionAssert.AreEqual(expected, actual, $"{path}");
        }

        CollectionAssert.AreEqual(expected, ReferenceViews.Logits(network, image, ViewOptions.InTiles(tiles)).Values, "reference");
    }

    [TestMethod]
    public void AHaloThatIsTooSmallShows()
    {
        DenseNetwork network = Network(Local);
        RgbImage image = RandomNetworks.Image(301, 233);
        float[] expected = Logits(network, image, ViewOptions.AsIs, KernelSet.Best);
        CollectionAssert.AreNotEqual(expected, Logits(network, image, ViewOptions.InTiles(new() { Side = 96, Halo = 0 }), KernelSet.Best), "the test above can fail");
    }

    [TestMethod]
    public void AnyChangeOfAPixelStaysWithinTheReceptiveField()
    {
        DenseNetwork network = Network(Local);
        int radius = ReceptiveField.Of(network.Graph).Radius, reached = 0;
        const int Width = 320, Height = 240;
        RgbImage image = RandomNetworks.Image(Width, Height);
        float[] before = Logits(network, image, ViewOptions.AsIs, KernelSet.Best);
        foreach ((int x, int y) in new[] { (160, 120), (147, 101), (175, 127) })
        {
            RgbColor old = image[x, y];
            image[x, y] = new((byte)~old.R, (byte)~old.G, (byte)~old.B);
            float[] after = Logits(network, image, ViewOptions.AsIs, KernelSet.Best);
            image[x, y] = old;
            for (int i = 0; i < after.Length; i++)
            {
                if (after[i] != before[i])
                {
                    reached = Math.Max(reached, Math.Max(Math.Abs(i % Width - x), Math.Abs(i / Width % Height - y)));
                }
            }
        }

        Assert.IsTrue(reached <= radius && reached > radius / 4, $"{reached} of {radius}");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void EveryKindOfResultIsThatOfTheReferencesTiles(bool squeezes)
    {
        DenseNetwork network = Network(NetworkConfiguration.For(NetworkPreset.Tiny, Classes) with
        {
            Scaling = squeezes ? ChannelScaling.Head : ChannelScaling.None,
            AttentionReduction = 2,
        });
        Assert.IsTrue(ReceptiveField.Of(network.Graph).IsGlobal);
        const int Width = 230, Height = 150, Pixels = Width * Height;
        RgbImage image = RandomNetworks.Image(Width, Height);
        ViewOptions views = ViewOptions.InTiles(new() { Side = 96, Halo = 16 }) with { AttentionReduction = AttentionReduction.Fixed(1) };
        float[] logits = ReferenceViews.Logits(network, image, views).Values;
        using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = 2, Views = views });
        float[] actual = new float[Classes * Pixels], scores = new float[Classes * Pixels], saliency = new float[Pixels];
        byte[] labels = new byte[Pixels], labelsOfBoth = new byte[Pixels];
        compiled.PredictLogits(image, actual);
        compiled.PredictLabels(image, labels);
        compiled.PredictLabelsAndScores(image, labelsOfBoth, scores);
        compiled.PredictSaliency(image, saliency);
        CollectionAssert.AreEqual(logits, actual);
        CollectionAssert.AreEqual(labels, labelsOfBoth);
        RandomNetworks.AssertFollow(logits, Classes, labels, saliency, scores);
    }

    [TestMethod]
    [DataRow(230, 150)]
    [DataRow(90, 300)]
    [DataRow(40, 30)]
    public void RowsThatArriveOneByOneGiveTheSame(int width, int height)
    {
        DenseNetwork network = Network(NetworkConfiguration.For(NetworkPreset.Tiny, Classes));
        RgbImage image = RandomNetworks.Image(width, height);
        using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Views = ViewOptions.InTiles(new() { Side = 96, Halo = 16 }) });
        byte[] expected = new byte[width * height], actual = new byte[width * height];
        compiled.PredictLabels(image, expected);
        int next = 0;
        RowPrediction rows = compiled.BeginRows(width, height, (head, y, labels) =>
        {
            Assert.AreEqual((0, next++), (head, y));
            labels.CopyTo(actual.AsSpan(y * width));
        });
        for (int y = 0; y < height; y++)
        {
            rows.Add(image.Pixels.AsSpan(3 * y * width, 3 * width));
        }

        Assert.AreEqual(height, next);
        CollectionAssert.AreEqual(expected, actual);
        Assert.ThrowsExactly<ArgumentException>(() => rows.Add(new byte[3 * width]));
    }

    [TestMethod]
    public void AfterAnErrorOfTheTakerNoMoreRowsAreTaken()
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(Network(Local), new() { Threads = 1, Views = ViewOptions.InTiles(new() { Side = 96, Halo = 16 }) });
        int taken = 0;
        RowPrediction rows = compiled.BeginRows(40, 30, (_, _, _) =>
        {
            taken++;
            throw new IOException("full");
        });
        byte[] row = new byte[3 * 40];
        for (int y = 0; y < 29; y++)
        {
            rows.Add(row);
        }

        Assert.ThrowsExactly<IOException>(() => rows.Add(row));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => rows.Add(row)).Message, "begin it anew");
        Assert.AreEqual(1, taken);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void AnImageThatIsUnderWayIsFinishedWhenTheNetworkIsDisposedOf(int threads)
    {
        const int Width = 230, Height = 300;
        RgbImage image = RandomNetworks.Image(Width, Height);
        CompiledNetwork compiled = CompiledNetwork.Compile(Network(Local), new() { Threads = threads, Views = ViewOptions.InTiles(new() { Side = 96, Halo = 16 }) });
        byte[] expected = new byte[Width * Height], actual = new byte[Width * Height];
        compiled.PredictLabels(image, expected);
        RowPrediction rows = compiled.BeginRows(Width, Height, (_, y, labels) =>
        {
            labels.CopyTo(actual.AsSpan(y * Width));
            compiled.Dispose();
        });
        for (int y = 0; y < Height; y++)
        {
            rows.Add(image.Pixels.AsSpan(3 * y * Width, 3 * Width));
        }

        CollectionAssert.AreEqual(expected, actual);
        Assert.AreEqual(0, compiled.CachedBytes, "what tiles worked in is not kept");
        Assert.ThrowsExactly<ObjectDisposedException>(() => compiled.PredictLabels(image, actual));
        Assert.ThrowsExactly<ObjectDisposedException>(() => compiled.BeginRows(Width, Height, (_, _, _) => { }));
    }

    [TestMethod]
    public void WhatCannotBeTiledIsRefused()
    {
        DenseNetwork network = Network(Local).WithWorkingSize(WorkingSize.Of(100));
        foreach (ViewOptions views in new ViewOptions[]
        {
            new() { Tiles = ViewTiles.Auto },
            ViewOptions.InTiles() with { Mirrored = true },
            ViewOptions.InTiles() with { Scales = [2] },
        })
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => CompiledNetwork.Compile(network, new() { Views = views })).Message, "Tiles are for images as they are");
        }

        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => CompiledNetwork.Compile(network, new() { Views = ViewOptions.InTiles(new() { Side = 64, Halo = 32 }) })).Message, "leaves nothing");
        using CompiledNetwork whole = CompiledNetwork.Compile(network);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => whole.BeginRows(10, 10, (_, _, _) => { })).Message, "compiled with ViewOptions.Tiles");
        using CompiledNetwork graph = CompiledNetwork.Compile(network.Graph, new() { Views = ViewOptions.InTiles() });
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => graph.BeginRows(10, 10, (_, _, _) => { })).Message, "which has no heads");
        using CompiledNetwork bounded = CompiledNetwork.Compile(network, new() { Views = ViewOptions.InTiles(), MaxRunBytes = 50_000_000 });
        Assert.ThrowsExactly<ImageTooLargeException>(() => bounded.BeginRows(100_000, 100_000, (_, _, _) => { }));
    }

    [TestMethod]
    public void ResultsOfATileAreMemoryOfTheRun()
    {
        const int Width = 230, Height = 150, TilePixels = 96 * 96;
        DenseNetwork network = Network(Local);
        RgbImage image = new(Width, Height);
        ViewOptions views = ViewOptions.InTiles(new() { Side = 96, Halo = 16 });
        using CompiledNetwork unbounded = CompiledNetwork.Compile(network, new() { Views = views });
        InferenceMemory memory = unbounded.Prepare(Width, Height);
        long least = memory.MapBytes + memory.ScratchBytes, band = 4 * Width * 96;
        byte[] labels = new byte[Width * Height];
        float[] scores = new float[Classes * Width * Height];

        using CompiledNetwork ofLabels = Bounded(least + TilePixels), ofScores = Bounded(least + (4 * Classes + 1) * TilePixels), ofRows = Bounded(least + TilePixels + band);
        ofLabels.PredictLabels(image, labels);
        Refused(() => ofLabels.PredictScores(image, scores));
        Refused(() => ofLabels.PredictLabelsAndScores(image, labels, scores));
        ofScores.PredictLabelsAndScores(image, labels, scores);
        Refused(() => Bounded(least + TilePixels - 1).PredictLabels(image, labels));
        Refused(() => ofLabels.BeginRows(Width, Height, (_, _, _) => { }));
        ofRows.BeginRows(Width, Height, (_, _, _) => { });

        CompiledNetwork Bounded(long bytes) => CompiledNetwork.Compile(network, new() { Views = views, MaxRunBytes = bytes });

        static void Refused(Action run) => StringAssert.Contains(Assert.ThrowsExactly<ImageTooLargeException>(run).Message, "a tile of 96x96");
    }

    [TestMethod]
    public void TextsAreReadAsTheyAreWritten()
    {
        foreach (ViewTiles tiles in new ViewTiles[] { ViewTiles.Auto, new() { Side = 512 }, new() { Side = 512, Halo = 0 }, new() { Halo = 64 } })
        {
            Assert.AreEqual(tiles, ViewTiles.Parse(tiles.ToString()));
        }

        foreach (string wrong in new[] { "", "0", "-1", "x", "512+", "+16", "512+16+1", "99999", "512+x", "auto+", "Auto" })
        {
            Assert.IsNull(ViewTiles.Parse(wrong), wrong);
        }
    }

    private static DenseNetwork Network(NetworkConfiguration configuration) => new(
        Freezing.Freeze(RandomNetworks.Shake(DenseNetworkBuilder.Build(configuration), 5)), DenseTask.Segmentation, [.. Enumerable.Range(0, Classes).Select(i => $"class {i}")]);

    private static float[] Logits(DenseNetwork network, RgbImage image, ViewOptions views, KernelSet kernels)
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Kernels = kernels, Views = views });
        float[] logits = new float[Classes * image.Width * image.Height];
        compiled.PredictLogits(image, logits);
        return logits;
    }
}
