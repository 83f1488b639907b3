using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Inference.Views;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Inference.Views;

[TestClass]
public class ViewTests
{
    private static readonly DenseGraph Graph = Freezing.Freeze(RandomNetworks.Preset(NetworkPreset.Tiny, 5, Precision.Binary));

    [TestMethod]
    [DataRow(1, 1, 24)]
    [DataRow(1, 70, 24)]
    [DataRow(90, 1, 24)]
    [DataRow(17, 33, 40)]
    [DataRow(70, 37, 32)]
    [DataRow(200, 150, 48)]
    [DataRow(601, 33, 64)]
    [DataRow(64, 48, 64)]
    [DataRow(130, 97, 131)]
    public void EveryPlanGivesTheReferencesLogitsAtAnyRatio(int width, int height, int workingSize)
    {
        DenseNetwork network = Network(workingSize);
        RgbImage image = RandomNetworks.Image(width, height);
        float[] expected = ReferenceViews.Logits(network, image, ViewOptions.AsTrained).Values, logits = new float[expected.Length];
        foreach (KernelPath path in KernelPaths.Supported)
        {
            foreach (int threads in new[] { 1, 3 })
            {
                using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Kernels = KernelSet.For(path), Threads = threads });
                for (int run = 0; run < 2; run++)
                {
                    Array.Clear(logits);
                    compiled.PredictLogits(image, logits);
                    RandomNetworks.AssertSameBits(expected, logits, $"{path}, {threads} threads, run {run}");
                }
            }
        }
    }

    [TestMethod]
    [DataRow(50, 40, null)]
    [DataRow(50, 40, 32)]
    [DataRow(33, 61, 48)]
    public void SeveralViewsGiveTheReferencesMean(int width, int height, int? size)
    {
        DenseNetwork network = Network(workingSize: null);
        RgbImage image = RandomNetworks.Image(width, height);
        ViewOptions options = new() { Size = size is { } side ? WorkingSize.Of(side) : null, Scales = [0.75, 1, 1.5], Mirrored = true };
        float[] expected = ReferenceViews.Logits(network, image, options).Values, logits = new float[expected.Length];
        foreach (int threads in new[] { 1, 2 })
        {
            using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = threads, Views = options });
            compiled.PredictLogits(image, logits);
            RandomNetworks.AssertSameBits(expected, logits, $"{threads} threads");
        }
    }

    [TestMethod]
    public void EveryKindOfResultFollowsFromTheLogits()
    {
        const int Width = 157, Height = 91, Pixels = Width * Height;
        RgbImage image = RandomNetworks.Image(Width, Height);
        foreach (ViewOptions views in new[] { ViewOptions.AsTrained, new ViewOptions { Scales = [1, 1.3], Mirrored = true } })
        {
            using CompiledNetwork network = CompiledNetwork.Compile(Network(64), new() { Views = views });
            int classes = network.LogitChannels;
            float[] logits = new float[classes * Pixels], scores = new float[classes * Pixels], scoresOfBoth = new float[classes * Pixels], saliency = new float[Pixels];
            byte[] labels = new byte[Pixels], labelsOfBoth = new byte[Pixels];
            network.PredictLogits(image, logits);
            network.PredictLabels(image, labels);
            network.PredictScores(image, scores);
            network.PredictSaliency(image, saliency);
            network.PredictLabelsAndScores(image, labelsOfBoth, scoresOfBoth);
            CollectionAssert.AreEqual(labels, labelsOfBoth);
            RandomNetworks.AssertSameBits(scores, scoresOfBoth, "scores with labels");
            RandomNetworks.AssertFollow(logits, classes, labels, saliency, scores);
        }
    }

    [TestMethod]
    public void AnImageOfTheWorkingSizeIsNotTouched()
    {
        RgbImage image = RandomNetworks.Image(64, 40);
        float[] expected = ReferenceViews.Logits(Graph, image).Values, logits = new float[expected.Length];
        using CompiledNetwork network = CompiledNetwork.Compile(Network(64));
        network.PredictLogits(image, logits);
        RandomNetworks.AssertSameBits(expected, logits, "64x40");
    }

    [TestMethod]
    public void AnImageThatWasDecodedSmallerGivesAResultOfItsFullSize()
    {
        const int Width = 400, Height = 300;
        RgbImage small = RandomNetworks.Image(100, 75);
        using CompiledNetwork network = CompiledNetwork.Compile(Network(64));
        Assert.AreEqual(64, network.NeededLongestSide);
        float[] actual = new float[network.LogitChannels * Width * Height];
        network.PredictLogits(small, actual, (Width, Height));

        RgbImage view = ReferenceViews.View(small, new(64, 48, Mirrored: false));
        RandomNetworks.AssertSameBits(ReferenceViews.Resize(ReferenceViews.Logits(Graph, view), Width, Height).Values, actual, "400x300 from 100x75");
    }

    [TestMethod]
    [DataRow(64, 40)]
    [DataRow(401, 299)]
    public void GrayValuesAreThoseOfTheProbabilities(int width, int height)
    {
        RgbImage image = RandomNetworks.Image(width, height);
        using CompiledNetwork network = CompiledNetwork.Compile(Network(64), new() { Threads = 2 });
        float[] saliency = new float[width * height];
        byte[] gray = new byte[saliency.Length];
        network.PredictSaliency(image, saliency);
        network.PredictSaliency(image, gray);
        CollectionAssert.AreEqual(saliency.Select(p => (byte)MathF.Round(255f * p, MidpointRounding.AwayFromZero)).ToArray(), gray);
    }

    [TestMethod]
    [DataRow(12000, 9000)]
    [DataRow(9000, 12000)]
    [DataRow(100_000, 3)]
    public void LargeImagesNeedNoLogitsOfTheirSize(int width, int height)
    {
        RgbImage image = new(width, height);
        for (int i = 0; i < image.Pixels.Length; i += 7)
        {
            image.Pixels[i] = (byte)(i / (3 * width) * 255 / height);
        }

        DenseNetwork network = Network(96);
        byte[] labels = new byte[width * height];
        using (CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = 2 }))
        {
            compiled.PredictLabels(image, labels);
        }

        // The reference on some rows: all of them would take minutes.
        (int viewWidth, int viewHeight) = network.WorkingSize.Fit(width, height);
        RgbImage view = image.Resize(viewWidth, viewHeight);
        FeatureMap logits = ReferenceViews.Logits(Graph, view);
        foreach (int y in new[] { 0, height / 3, height - 1 })
        {
            (int above, float down) = ResizedRow.Source(y, viewHeight, height);
            for (int x = 0; x < width; x += 13)
            {
                (int before, float across) = ResizedRow.Source(x, viewWidth, width);
                float[] values = [.. Enumerable.Range(0, 5).Select(c => Between(c))];
                Assert.AreEqual(Array.IndexOf(values, values.Max()), labels[y * width + x], $"pixel {x}, {y}");

                float Between(int c)
                {
                    int top = Math.Max(above, 0), bottom = Math.Min(above + 1, viewHeight - 1), left = Math.Max(before, 0), right = Math.Min(before + 1, viewWidth - 1);
                    float a = logits[c, top, left] + down * (logits[c, bottom, left] - logits[c, top, left]);
                    float b = logits[c, top, right] + down * (logits[c, bottom, right] - logits[c, top, right]);
                    return a + across * (b - a);
                }
            }
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DoNotParallelize]
    public void ARunAllocatesNothing(int threads)
    {
        using CompiledNetwork network = CompiledNetwork.Compile(
            Network(48), new() { Threads = threads, Views = new() { Scales = [1, 1.5], Mirrored = true } });
        RgbImage image = RandomNetworks.Image(150, 140);
        byte[] labels = new byte[150 * 140];
        Assert.AreEqual(0, LeastAllocation.Of(() => network.PredictLabels(image, labels)));
    }

    [TestMethod]
    public void ConcurrentCallersGetTheirOwnResults()
    {
        using CompiledNetwork network = CompiledNetwork.Compile(Network(40), new() { Threads = 2 });
        (int Width, int Height)[] sizes = [(90, 70), (64, 100), (17, 12), (300, 31), (31, 300)];
        RgbImage[] images = [.. sizes.Select((size, i) => RandomNetworks.Image(size.Width, size.Height, seed: i))];
        byte[][] expected = [.. sizes.Select((size, i) => Labels(i))];
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i => CollectionAssert.AreEqual(expected[i % 5], Labels(i % 5)));

        byte[] Labels(int i)
        {
            byte[] labels = new byte[sizes[i].Width * sizes[i].Height];
            network.PredictLabels(images[i], labels);
            return labels;
        }
    }

    /// <summary>What an image takes is what is told of it beforehand, to the byte: each view has memory of its own, and its pixels.</summary>
    [TestMethod]
    [DataRow(500, 400)]
    [DataRow(256, 205)]
    public void ViewsThatNeedMoreMemoryThanARunMayTakeAreRefused(int width, int height)
    {
        ViewOptions views = new() { Scales = [1, 1.5], Mirrored = true };
        using CompiledNetwork generous = CompiledNetwork.Compile(Network(256), new() { Views = views, Threads = 2 });
        InferenceMemory memory = generous.Prepare(width, height);
        long needed = memory.MapBytes + memory.ScratchBytes;
        using CompiledNetwork enough = CompiledNetwork.Compile(Network(256), new() { Views = views, Threads = 2, MaxRunBytes = needed });
        using CompiledNetwork mean = CompiledNetwork.Compile(Network(256), new() { Views = views, Threads = 2, MaxRunBytes = needed - 1 });
        byte[] labels = new byte[width * height];
        enough.PredictLabels(new RgbImage(width, height), labels);
        StringAssert.Contains(
            Assert.ThrowsExactly<ImageTooLargeException>(() => mean.PredictLabels(new RgbImage(width, height), labels)).Message, "its views need");
    }

    /// <summary>An image file may have longer sides than can be resized; that is a matter of its size, as all other limits are.</summary>
    [TestMethod]
    public void SidesThatAreTooLongToBeResizedAreRefusedAsTooLarge()
    {
        const int Side = ResizedRow.MaxSide + 1;
        using CompiledNetwork network = CompiledNetwork.Compile(Network(64));
        byte[] labels = new byte[Side];
        Refused(() => network.PredictLabels(new RgbImage(Side, 1), labels));
        Refused(() => network.PredictLabels(new RgbImage(1, Side), labels));
        Refused(() => network.PredictLabels(new RgbImage(64, 1), labels, (Side, 1)));
        Refused(() => network.PredictRows(new RgbImage(Side, 1), (_, _, _) => { }));

        static void Refused(Action run) => StringAssert.Contains(Assert.ThrowsExactly<ImageTooLargeException>(run).Message, $"a side may have {ResizedRow.MaxSide}");
    }

    [TestMethod]
    public void WhatRunsOverViewsKeepCountsForTheBudgetToo()
    {
        (int Width, int Height) wide = (300, 200), tall = (200, 300);
        using CompiledNetwork network = CompiledNetwork.Compile(Network(256));
        long wideState = State(wide), tallState = State(tall), wideOwn = Own(wide), tallOwn = Own(tall);
        Assert.AreEqual(wideState + wideOwn, Kept(network, wide));
        Assert.AreEqual(wideState, KeptWithin(wideState, wide), "the memory of plans comes first");
        Assert.AreEqual(wideOwn, KeptWithin(wideState - 1, wide), "which does not fit");
        Assert.AreEqual(0, KeptWithin(0, wide));
        Assert.AreEqual(wideState + tallState + tallOwn, KeptWithin(wideState + tallState + Math.Max(wideOwn, tallOwn), wide, tall), "the oldest goes first");

        long State((int Width, int Height) size) => network.Views(size.Width, size.Height).Select(view => network.Plan(view.Width, view.Height).StateBytes).Single();

        long Own((int Width, int Height) size)
        {
            (long pixels, long scratch) = ViewRun.OwnMemory(network, new(size.Width, size.Height, size.Width, size.Height), network.Views(size.Width, size.Height), threads: 1);
            return pixels + scratch;
        }

        static long KeptWithin(long budget, params (int Width, int Height)[] sizes)
        {
            using CompiledNetwork bounded = CompiledNetwork.Compile(Network(256), new() { PlanCacheBytes = budget });
            return Kept(bounded, sizes);
        }

        static long Kept(CompiledNetwork network, params (int Width, int Height)[] sizes)
        {
            foreach ((int width, int height) in sizes)
            {
                network.PredictLabels(new RgbImage(width, height), new byte[width * height]);
            }

            return network.CachedBytes;
        }
    }

    [TestMethod]
    public void PlansThatWereDroppedMeanwhileAreMadeAnew()
    {
        using CompiledNetwork network = CompiledNetwork.Compile(Network(48), new() { PlanCacheSize = 1 });
        (int Width, int Height)[] sizes = [(100, 80), (80, 100)];
        float[][] expected = [.. sizes.Select(size => Logits(size.Width, size.Height))];
        for (int i = 0; i < 4; i++)
        {
            RandomNetworks.AssertSameBits(expected[i % 2], Logits(sizes[i % 2].Width, sizes[i % 2].Height), $"run {i}");
        }

        Assert.IsGreaterThan(0L, network.CachedBytes, "the memory of the last run is kept");

        float[] Logits(int width, int height)
        {
            float[] logits = new float[5 * width * height];
            network.PredictLogits(RandomNetworks.Image(width, height), logits);
            return logits;
        }
    }

    [TestMethod]
    public void ADisposedNetworkRefusesImagesOfAnySize()
    {
        CompiledNetwork network = CompiledNetwork.Compile(Network(48));
        byte[] labels = new byte[100 * 80];
        network.PredictLabels(new RgbImage(100, 80), labels);
        network.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => network.PredictLabels(new RgbImage(100, 80), labels));
    }

    [TestMethod]
    public void AProfileShowsTheStepsOfEveryView()
    {
        using CompiledNetwork network = CompiledNetwork.Compile(Network(48), new() { Views = new() { Mirrored = true } });
        IReadOnlyList<StepTiming> profile = network.Profile(new RgbImage(100, 80), runs: 2);
        Assert.AreEqual(2, profile.Count(step => step.Node == "(view)"));
        Assert.AreEqual("(result)", profile[^1].Node);
    }

    [TestMethod]
    public void ScalesOutOfRangeAreRefused()
    {
        foreach (double[] scales in new double[][] { [], [0], [double.NaN], [9], [.. Enumerable.Repeat(1.0, 17)] })
        {
            ArgumentException error = Assert.ThrowsExactly<ArgumentException>(
                () => CompiledNetwork.Compile(Graph, new InferenceOptions { Views = new() { Scales = [.. scales] } }));
            StringAssert.Contains(error.Message, "from 0.1 to 8");
        }
    }

    private static DenseNetwork Network(int? workingSize) => new(
        Graph, DenseTask.Segmentation, ["a", "b", "c", "d", "e"],
        workingSize: workingSize is { } side ? WorkingSize.Of(side) : WorkingSize.Own);
}
