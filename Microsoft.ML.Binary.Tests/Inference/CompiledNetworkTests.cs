using Microsoft.ML.Binary.Fuzz.Graphs;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Graph;
using Microsoft.ML.Binary.Tests.Pipeline;

namespace Microsoft.ML.Binary.Tests.Inference;

[TestClass]
public class CompiledNetworkTests
{
    [TestMethod]
    public void NoImageIsRefused()
    {
        using CompiledNetwork network = CompiledNetwork.Compile(PipelineNetworks.Segmentation(), new() { KeepsNodeOutputs = true });
        foreach (Action predict in new Action[]
        {
            () => network.PredictLabels(null!, new byte[1]),
            () => network.PredictScores(null!, new float[1]),
            () => network.PredictLabelsAndScores(null!, new byte[1], new float[1]),
            () => network.PredictSaliency(null!, new float[1]),
            () => network.PredictSaliency(null!, new byte[1]),
            () => network.PredictLogits(null!, new float[1]),
            () => network.PredictTasks(null!, [TaskOutput.Labels("classes", new byte[1])]),
            () => network.PredictRows(null!, (_, _, _) => { }),
            () => network.Profile(null!),
            () => network.NodeOutputs(null!),
        })
        {
            Assert.AreEqual("image", Assert.ThrowsExactly<ArgumentNullException>(predict).ParamName);
        }
    }

    [TestMethod]
    [TestCategory("SameBits")]
    [DataRow(NetworkPreset.Tiny, 1, 1)]
    [DataRow(NetworkPreset.Tiny, 17, 33)]
    [DataRow(NetworkPreset.Tiny, 64, 48)]
    [DataRow(NetworkPreset.Small, 17, 33)]
    [DataRow(NetworkPreset.Small, 70, 37)]
    [DataRow(NetworkPreset.Base, 33, 17)]
    public void BinaryNetworksMatchTheInterpreterBitForBit(NetworkPreset preset, int width, int height)
    {
        AssertMatches(Freezing.Freeze(RandomNetworks.Preset(preset, 5, Precision.Binary)), width, height);
    }

    [TestMethod]
    [TestCategory("SameBits")]
    [DataRow(1, 1)]
    [DataRow(70, 37)]
    public void SoDoesEveryPartThatAConfigurationCanHave(int width, int height) => AssertMatches(
        Freezing.Freeze(RandomNetworks.Shake(TestNetworks.MiniatureOfAllParts(Precision.Binary, 5).Graph, 5)), width, height);

    [TestMethod]
    public void SoDoLevelsWhoseThresholdsFollowTheImage() => AssertMatches(
        Freezing.Freeze(RandomNetworks.Shake(
            DenseNetworkBuilder.Build(TestNetworks.MiniatureConfiguration(Precision.Binary, 5) with { ActivationBits = 2, AdaptiveThresholds = AdaptiveThresholds.All }), 5)), 70, 37);

    // Sizes at which caches are full are those of large images; with three threads, images of a few pixels count as such.
    private static void AssertMatches(DenseGraph graph, int width, int height) => RandomNetworks.AssertMatches(
        graph, RandomNetworks.Image(width, height), new() { Threads = 1 }, new() { Threads = 2 }, new() { Threads = 3, BandBytes = 1, LargeMapBytes = 0 });

    [TestMethod]
    public void TinyAt480x360MatchesTheInterpreterBitForBit()
    {
        DenseGraph graph = Freezing.Freeze(RandomNetworks.Preset(NetworkPreset.Tiny, 12, Precision.Binary));
        GraphRun.Compare(graph, RandomNetworks.Image(480, 360), KernelPaths.Best, new() { Threads = 2 });
    }

    [TestMethod]
    [DataRow(NetworkPreset.Tiny, 17, 33)]
    [DataRow(NetworkPreset.Small, 48, 40)]
    public void FloatTwinsMatchTheInterpreterToOnePartInTenThousand(NetworkPreset preset, int width, int height)
    {
        DenseGraph graph = Freezing.Freeze(RandomNetworks.Preset(preset, 5, Precision.Float));
        RgbImage image = RandomNetworks.Image(width, height);
        float[] expected = ReferenceViews.Logits(graph, image).Values, logits = new float[expected.Length];
        float largest = expected.Max(Math.Abs);
        foreach (int threads in new[] { 1, 3 })
        {
            using CompiledNetwork network = CompiledNetwork.Compile(graph, new InferenceOptions { Threads = threads });
            network.PredictLogits(image, logits);
            for (int i = 0; i < logits.Length; i++)
            {
                Assert.AreEqual(expected[i], logits[i], 1e-4f * largest, $"logit {i}");
            }
        }
    }

    [TestMethod]
    [DataRow(NetworkPreset.Tiny, Precision.Binary)]
    [DataRow(NetworkPreset.Small, Precision.Binary)]
    public void EveryNodeMatchesTheInterpreterWhenNothingIsFused(NetworkPreset preset, Precision precision)
    {
        DenseGraph graph = Freezing.Freeze(RandomNetworks.Preset(preset, 3, precision));
        RgbImage image = RandomNetworks.Image(45, 30);
        FeatureMap[] expected = ReferenceInterpreter.Run(graph, ReferenceViews.Padded(graph, image));
        using CompiledNetwork network = CompiledNetwork.Compile(graph, new InferenceOptions { KeepsNodeOutputs = true });
        FeatureMap[] actual = network.NodeOutputs(image);
        for (int i = 0; i < expected.Length; i++)
        {
            RandomNetworks.AssertSameBits(expected[i].Values, actual[i].Values, graph.Nodes[i].Name);
        }
    }

    [TestMethod]
    public void EveryKindOfResultFollowsFromTheLogits()
    {
        const int Width = 37, Height = 22, Classes = 5;
        DenseGraph graph = Freezing.Freeze(RandomNetworks.Preset(NetworkPreset.Tiny, Classes, Precision.Binary));
        RgbImage image = RandomNetworks.Image(Width, Height);
        using CompiledNetwork network = CompiledNetwork.Compile(graph);
        const int Pixels = Width * Height;
        float[] logits = new float[Classes * Pixels], scores = new float[Classes * Pixels], saliency = new float[Pixels];
        byte[] labels = new byte[Pixels];
        network.PredictLogits(image, logits);
        network.PredictScores(image, scores);
        network.PredictSaliency(image, saliency);
        network.PredictLabels(image, labels);
        float[] scoresOfBoth = new float[Classes * Pixels];
        byte[] labelsOfBoth = new byte[Pixels];
        network.PredictLabelsAndScores(image, labelsOfBoth, scoresOfBoth);
        RandomNetworks.AssertSameBits(scores, scoresOfBoth, "scores with labels");
        CollectionAssert.AreEqual(labels, labelsOfBoth);
        RandomNetworks.AssertFollow(logits, Classes, labels, saliency, scores);
    }

    [TestMethod]
    public void OfEqualLogitsTheLowestClassWins()
    {
        DenseGraph graph = RandomNetworks.Preset(NetworkPreset.Tiny, 3, Precision.Binary);
        foreach (Parameter parameter in graph.Parameters.Where(p => p.Name.StartsWith("classifier", StringComparison.Ordinal)))
        {
            Array.Clear(parameter.Values);
        }

        using CompiledNetwork network = CompiledNetwork.Compile(graph);
        byte[] labels = new byte[20 * 9];
        Array.Fill(labels, (byte)7);
        network.PredictLabels(RandomNetworks.Image(20, 9), labels);
        Assert.IsTrue(labels.All(label => label == 0));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DoNotParallelize]
    public void ARunAllocatesNothing(int threads)
    {
        using CompiledNetwork network = CompiledNetwork.Compile(
            RandomNetworks.Preset(NetworkPreset.Tiny, 4, Precision.Binary), new InferenceOptions { Threads = threads });
        RgbImage image = RandomNetworks.Image(200, 150);
        byte[] labels = new byte[200 * 150];
        Assert.AreEqual(0, LeastAllocation.Of(() => network.PredictLabels(image, labels)));
    }

    [TestMethod]
    public void ConcurrentCallersGetTheirOwnResults()
    {
        using CompiledNetwork network = CompiledNetwork.Compile(
            RandomNetworks.Preset(NetworkPreset.Tiny, 4, Precision.Binary), new InferenceOptions { Threads = 2, PlanCacheSize = 2 });
        (int Width, int Height)[] sizes = [(40, 30), (64, 20), (17, 50)];
        RgbImage[] images = [.. sizes.Select((size, i) => RandomNetworks.Image(size.Width, size.Height, seed: i))];
        byte[][] expected = [.. sizes.Select((size, i) => Labels(i))];
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i => CollectionAssert.AreEqual(expected[i % 3], Labels(i % 3)));
        Assert.AreEqual(2, network.CachedPlans);

        byte[] Labels(int i)
        {
            byte[] labels = new byte[sizes[i].Width * sizes[i].Height];
            network.PredictLabels(images[i], labels);
            return labels;
        }
    }

    [TestMethod]
    public void OnlySoManyPlansAreKeptAndTheLeastRecentlyUsedGoesFirst()
    {
        using CompiledNetwork network = CompiledNetwork.Compile(
            RandomNetworks.Preset(NetworkPreset.Tiny, 4, Precision.Binary), new InferenceOptions { PlanCacheSize = 2 });
        InferencePlan first = network.Plan(16, 16), second = network.Plan(32, 16);
        Assert.AreSame(first, network.Plan(10, 12), "the same padded size");
        network.Plan(48, 16);
        Assert.AreEqual(2, network.CachedPlans);
        Assert.AreSame(first, network.Plan(16, 16));
        Assert.AreNotSame(second, network.Plan(32, 16));
    }

    [TestMethod]
    public void PreparingASizeLaysOutItsPlanAndTellsItsMemory()
    {
        DenseGraph graph = RandomNetworks.Preset(NetworkPreset.Tiny, 4, Precision.Binary);
        using CompiledNetwork one = CompiledNetwork.Compile(graph), two = CompiledNetwork.Compile(graph, new InferenceOptions { Threads = 2 });
        InferenceMemory small = one.Prepare(64, 48), large = one.Prepare(128, 96);
        Assert.AreEqual(2, one.CachedPlans);
        Assert.AreSame(one.Plan(64, 48), one.Plan(64, 48));
        Assert.IsGreaterThan(small.MapBytes, large.MapBytes);
        Assert.AreEqual(small.WeightBytes, large.WeightBytes);
        Assert.AreEqual(2 * small.ScratchBytes, two.Prepare(64, 48).ScratchBytes);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => one.Prepare(0, 48));
    }

    [TestMethod]
    public void NodeOutputsMustHaveBeenAskedFor()
    {
        using CompiledNetwork network = CompiledNetwork.Compile(RandomNetworks.Preset(NetworkPreset.Tiny, 4, Precision.Binary));
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => network.NodeOutputs(new RgbImage(16, 16))).Message, "KeepsNodeOutputs");
    }

    [TestMethod]
    public void TheMemoryThatIsKeptStaysWithinItsBudgetAndTheLeastRecentlyUsedGoesFirst()
    {
        const long Budget = 1_000_000;
        using CompiledNetwork network = CompiledNetwork.Compile(
            RandomNetworks.Preset(NetworkPreset.Tiny, 4, Precision.Binary), new InferenceOptions { PlanCacheSize = 8, PlanCacheBytes = Budget });
        (int Width, int Height)[] sizes = [(96, 64), (128, 96), (64, 64), (400, 300), (32, 32)];
        foreach ((int width, int height) in sizes)
        {
            Predict(width, height);
            Assert.IsLessThanOrEqualTo(Budget, network.CachedBytes);
        }

        Assert.IsGreaterThan(Budget, network.Plan(400, 300).StateBytes, "what one size too large for the budget took is not kept");
        Assert.AreEqual(0, network.Plan(400, 300).KeptBytes);
        Assert.IsGreaterThan(0, network.Plan(32, 32).KeptBytes, "the last one is");
        long both = network.Plan(96, 64).StateBytes + network.Plan(128, 96).StateBytes;
        using CompiledNetwork two = CompiledNetwork.Compile(network.Graph, new InferenceOptions { PlanCacheSize = 8, PlanCacheBytes = both });
        foreach ((int width, int height) in new[] { (96, 64), (128, 96), (64, 64) })
        {
            two.PredictLabels(RandomNetworks.Image(width, height), new byte[width * height]);
        }

        Assert.AreEqual(0, two.Plan(96, 64).KeptBytes, "used least recently");
        Assert.IsGreaterThan(0, two.Plan(128, 96).KeptBytes);
        Assert.IsGreaterThan(0, two.Plan(64, 64).KeptBytes);

        void Predict(int width, int height) => network.PredictLabels(RandomNetworks.Image(width, height), new byte[width * height]);
    }

    [TestMethod]
    public void OfCallersAtOneTimeAsManyRunsAreKeptAsThereAreCores()
    {
        using CompiledNetwork network = CompiledNetwork.Compile(RandomNetworks.Preset(NetworkPreset.Tiny, 4, Precision.Binary));
        InferencePlan plan = network.Plan(32, 32);
        RunState[] runs = [.. Enumerable.Range(0, Environment.ProcessorCount + 3).Select(_ => plan.Rent())];
        foreach (RunState run in runs)
        {
            plan.Return(run);
        }

        Assert.AreEqual(Environment.ProcessorCount * plan.StateBytes, plan.KeptBytes);
        CollectionAssert.AreEquivalent(
            runs.Take(Environment.ProcessorCount).ToArray(), Enumerable.Range(0, Environment.ProcessorCount).Select(_ => plan.Rent()).ToArray());
    }

    [TestMethod]
    public void AfterDisposalNothingIsKeptAndNothingIsPredicted()
    {
        CompiledNetwork network = CompiledNetwork.Compile(RandomNetworks.Preset(NetworkPreset.Tiny, 4, Precision.Binary), new InferenceOptions { Threads = 2 });
        RgbImage image = RandomNetworks.Image(32, 32);
        byte[] labels = new byte[32 * 32];
        network.PredictLabels(image, labels);
        Assert.IsGreaterThan(0, network.CachedBytes);
        network.Dispose();
        network.Dispose();
        Assert.AreEqual(0, network.CachedBytes);
        Assert.ThrowsExactly<ObjectDisposedException>(() => network.PredictLabels(image, labels));
    }

    /// <summary>The last enlargement is done with the labels: each factor has its own way of putting their columns together.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(4)]
    public void LabelsAreThoseOfTheLogitsWhateverTheLastEnlargement(int factor)
    {
        GraphBuilder builder = new(Precision.Binary, seed: 4);
        int node = builder.Sign(builder.Convolution(builder.NormalizedImage([120, 110, 100], [60, 50, 55]), "first", 8, new(3, factor > 1 ? 2 : 1)), "sign");
        node = builder.BinaryOrFloatConvolution(node, "binary", 6, new(3, factor > 2 ? 2 : 1));
        node = builder.Convolution(node, "classifier", 5, new(1), bias: true);
        node = factor == 1 ? node : builder.Upsample(node, "enlarged", factor, UpsampleMode.Bilinear);
        using CompiledNetwork network = CompiledNetwork.Compile(RandomNetworks.Shake(builder.Build(new GraphOutput(DenseGraph.LogitsOutput, node)), 4));
        const int Width = 53, Height = 21, Pixels = Width * Height;
        RgbImage image = RandomNetworks.Image(Width, Height);
        byte[] labels = new byte[Pixels];
        float[] logits = new float[5 * Pixels];
        network.PredictLabels(image, labels);
        network.PredictLogits(image, logits);
        byte[] expected = [.. Enumerable.Range(0, Pixels).Select(p => (byte)Enumerable.Range(0, 5).MaxBy(c => logits[c * Pixels + p]))];
        CollectionAssert.AreEqual(expected, labels);
        Assert.IsGreaterThan(2, labels.Distinct().Count());
    }

    [TestMethod]
    public void AProfileNamesEveryStepAndCountsAllProducts()
    {
        DenseGraph graph = Freezing.Freeze(RandomNetworks.Preset(NetworkPreset.Tiny, 4, Precision.Binary));
        using CompiledNetwork network = CompiledNetwork.Compile(graph);
        IReadOnlyList<StepTiming> profile = network.Profile(RandomNetworks.Image(64, 32), runs: 2);
        long products = graph.Nodes.Select((node, i) => (node, graph.Types[i])).Sum(n =>
        {
            (int height, int width) = n.Item2.SizeAt(32, 64);
            return (long)height * width * n.node switch
            {
                PackedBinaryConvolution c => c.Weight.Count,
                Convolution c => c.Weight.Values.Length,
                _ => 0,
            };
        });
        Assert.AreEqual(products, profile.Sum(step => step.MultiplyAccumulates));
        Assert.IsTrue(profile.All(step => step.Bytes > 0 && step.Node != ""));
    }

    [TestMethod]
    public void WrongSizesAndOptionsAreRefusedByName()
    {
        DenseGraph graph = RandomNetworks.Preset(NetworkPreset.Tiny, 4, Precision.Binary);
        using CompiledNetwork network = CompiledNetwork.Compile(graph);
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => network.PredictScores(new RgbImage(2, 2), new float[4]));
        StringAssert.Contains(error.Message, "16 values");
        error = Assert.ThrowsExactly<ArgumentException>(() => CompiledNetwork.Compile(graph, new InferenceOptions { Threads = -1 }));
        StringAssert.Contains(error.Message, "Threads is -1");
        error = Assert.ThrowsExactly<ArgumentException>(() => CompiledNetwork.Compile(graph, new InferenceOptions { PlanCacheSize = 0 }));
        StringAssert.Contains(error.Message, "PlanCacheSize is 0");
        error = Assert.ThrowsExactly<ArgumentException>(() => CompiledNetwork.Compile(graph, new InferenceOptions { PlanCacheBytes = -1 }));
        StringAssert.Contains(error.Message, "PlanCacheBytes is -1");
        error = Assert.ThrowsExactly<ArgumentException>(() => CompiledNetwork.Compile(graph, new InferenceOptions { MaxRunBytes = 0 }));
        StringAssert.Contains(error.Message, "MaxRunBytes is 0");
    }
}
