using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>Training that starts from a frozen network.</summary>
[TestClass]
public sealed class FineTuningRunTests
{
    private const int Side = 32;

    private static readonly Dictionary<int, TrainingSample> Scenes = [];

    /// <summary>A network that has learned to tell the three colours apart, frozen. Trained once for all tests.</summary>
    private static readonly Lazy<DenseNetwork> Learned = new(() => new DenseNetwork(
        TinyTask.Train(Options(100), scenes: 24).Graph,
        DenseTask.Segmentation,
        ["green", "red", "blue"]).Freeze());

    [TestMethod]
    public void CalibrationChangesStatisticsAndNotTheMask()
    {
        DenseGraph before = Learned.Value.Unfreeze().Graph;
        TrainingNetwork network = new(Learned.Value.Unfreeze().Graph, 4, Side, Side, threads: 1);
        BatchNormCalibration.Run(network, 2, batch => Fill(network, 4 * batch));

        Fill(network, 100);
        byte[] expected = Labels(before, 100), calibrated = Labels(network, usesBatchStatistics: false), byBatch = Labels(network, usesBatchStatistics: true);
        Assert.IsGreaterThan(0.99, Agreement(expected, calibrated));
        Assert.IsGreaterThan(0.9, Agreement(expected, byBatch), "the first step sees nearly what the frozen network sees");

        // Without it, the statistics of a batch make it another network.
        TrainingNetwork raw = new(Learned.Value.Unfreeze().Graph, 4, Side, Side, threads: 1);
        Fill(raw, 100);
        Assert.IsLessThan(Agreement(expected, byBatch), Agreement(expected, Labels(raw, usesBatchStatistics: true)));
    }

    /// <summary>
    /// What a new batch norm reads are sums of many products; were its scale changed so that it gives them as they are, a new unit would begin with tens where the others
    /// have ones, and no gradient would pass its signs.
    /// </summary>
    [TestMethod]
    public void BatchNormsOfNewPartsGetStatisticsAndKeepTheirScale()
    {
        TransferredWeights start = WeightTransfer.Transfer(Learned.Value.Unfreeze().Graph, DenseNetworkBuilder.Build(TinyTask.Configuration() with { Stride32Depth = 2 }));
        TrainingNetwork network = new(start.Graph, 4, Side, Side, threads: 1);
        BatchNormCalibration.Run(network, 2, batch => Fill(network, 4 * batch));

        BatchNorm[] anew = [.. start.Graph.Nodes.OfType<BatchNorm>().Where(norm => start.Initial.Contains(norm.Gamma.Name))];
        Assert.HasCount(4, anew, "two of stride 32, two of what brings it back");
        foreach (BatchNorm norm in anew)
        {
            float scale = norm.Name.StartsWith("context", StringComparison.Ordinal) ? 0 : 1;
            Assert.IsTrue(norm.Gamma.Values.All(value => value == scale) && norm.Beta.Values.All(value => value == 0), norm.Name);
            Assert.IsTrue(norm.HasStatistics, norm.Name);
        }

        Fill(network, 100);
        Assert.IsGreaterThan(0.99, Agreement(Labels(Learned.Value.Unfreeze().Graph, 100), Labels(network, usesBatchStatistics: false)));
    }

    /// <summary>Thresholds of a network that had static ones follow the image from the start, and are where they were on average over the data.</summary>
    [TestMethod]
    public void ThresholdsThatFollowTheImageStartAroundTheStaticOnes()
    {
        DenseGraph source = Learned.Value.Unfreeze().Graph, target = DenseNetworkBuilder.Build(TinyTask.Configuration() with { AdaptiveThresholds = AdaptiveThresholds.All });
        DenseGraph start = WeightTransfer.Transfer(source, target).Graph;
        TrainingNetwork network = new(start, 4, Side, Side, threads: 1);
        float[][] before = Shifts();
        ThresholdCalibration.Run(network, 1, batch => Fill(network, 100));

        (AdaptiveShift Node, int Index)[] adaptive = [.. start.Nodes.Select((node, i) => (node, i)).Where(pair => pair.node is AdaptiveShift).Select(pair => ((AdaptiveShift)pair.node, pair.i))];
        Assert.IsNotEmpty(adaptive);
        foreach ((AdaptiveShift node, int index) in adaptive)
        {
            Sign sign = start.Nodes.OfType<Sign>().Single(sign => sign.Inputs[0] == index);
            float[] was = before[Array.IndexOf([.. start.Nodes], sign)];
            Assert.IsTrue(node.Weight.Values.All(weight => weight == 1), node.Name);
            TrainingValue input = network.Value(node.Inputs[0]);
            for (int c = 0; c < was.Length; c++)
            {
                double mean = Enumerable.Range(0, input.Images).SelectMany(image => input.Plane(image, c).ToArray()).Average();
                Assert.AreEqual(was[c] + mean, sign.Shift.Values[c], 1e-4, node.Name);
            }
        }

        // A network that was widened before it was trained has channels of both kinds.
        DenseGraph wider = WeightTransfer.Transfer(
            WeightTransfer.Transfer(source, target).Graph, DenseNetworkBuilder.Build(TinyTask.Configuration() with { Width = 16, AdaptiveThresholds = AdaptiveThresholds.All })).Graph;
        Assert.IsTrue(wider.Nodes.OfType<AdaptiveShift>().Any(shift => shift.Weight.Values.Contains(0) && shift.Weight.Values.Contains(1)));
        TrainingNetwork wide = new(wider, 4, Side, Side, threads: 1);
        ThresholdCalibration.Run(wide, 1, batch => Fill(wide, 100));
        Assert.IsTrue(wider.Nodes.OfType<AdaptiveShift>().All(shift => shift.Weight.Values.All(weight => weight == 1)));

        Assert.IsGreaterThan(0.8, Agreement(Labels(source, 100), Labels(start, 100)));
        float[][] calibrated = Shifts();
        ThresholdCalibration.Run(network, 1, batch => Fill(network, 0));
        Assert.IsTrue(calibrated.Zip(Shifts()).All(pair => pair.First.SequenceEqual(pair.Second)), "thresholds that follow the image already stay as they are");

        float[][] Shifts() => [.. start.Nodes.Select(node => node is Sign sign ? (float[])sign.Shift.Values.Clone() : [])];
    }

    /// <summary>New channels must neither stay dead nor, all at once, drown what the old ones know.</summary>
    [TestMethod]
    public void AWiderNetworkGoesOnFromWhatWasLearned()
    {
        // Scenes have 2x2 pixels at stride 16: reduced by 2 there would be one key, and nothing to choose among.
        DenseGraph source = Learned.Value.Unfreeze().Graph, wider = WeightTransfer.Transfer(source, DenseNetworkBuilder.Build(TinyTask.Configuration() with { Width = 16, Stride16Depth = 3, AttentionReduction = 1 })).Graph;
        TrainingOptions options = Options(12) with { MeasuresInitialStatistics = true, ReportInterval = 12, AverageDecay = 0 };
        TrainingResult trained = TinyTask.Train(options, graph: wider, scenes: 24);
        double scratch = TinyTask.Train(options with { MeasuresInitialStatistics = false }, scenes: 24).Loss;
        Assert.IsLessThan(scratch / 2, trained.Loss);
        foreach ((Parameter before, Parameter after) in wider.Parameters.Zip(trained.Graph.Parameters).Where(pair => pair.First.Name.EndsWith(".gamma", StringComparison.Ordinal)))
        {
            // Keys that are all +1 give queries no gradient: new channels of queries wait until those of keys have turned.
            Assert.IsTrue(
                before.Name == "attention/query.norm.gamma" || before.Values.Zip(after.Values).All(pair => pair.First != pair.Second), $"{before.Name} has channels that do not learn");
        }
    }

    [TestMethod]
    public void AFewStepsFromATrainedNetworkBeatAsManyFromNothing()
    {
        // Other classes than were learned: red and blue are one, green is the other.
        DenseNetwork start = FineTuning.Start(Learned.Value, DenseTask.Segmentation, ["background", "thing"]);
        double tuned = LossAfter(start.Graph, measures: true), scratch = LossAfter(TinyTask.Graph(outputs: 2), measures: false);
        Assert.IsLessThan(scratch, tuned);

        static double LossAfter(DenseGraph graph, bool measures) => DenseTrainer.Train(
            graph, DenseTask.Segmentation, () => TinyTask.Scenes(24).Select(Merge), Options(12) with { MeasuresInitialStatistics = measures, ReportInterval = 4 }).Loss;

        static TrainingSample Merge(TrainingSample scene) => scene with { Mask = [.. scene.Mask.Select(label => label == 0 ? (byte)0 : (byte)1)] };
    }

    [TestMethod]
    public void TheFirstStepOfTheSameTaskHasASmallLoss()
    {
        DenseNetwork start = FineTuning.Start(Learned.Value, DenseTask.Segmentation, Learned.Value.ClassNames);
        double tuned = First(start.Graph, true), scratch = First(TinyTask.Graph(), false);
        Assert.IsLessThan(scratch / 2, tuned);

        static double First(DenseGraph graph, bool measures) => TinyTask.Train(Options(1) with { MeasuresInitialStatistics = measures }, graph: graph, scenes: 24).Loss;
    }

    [TestMethod]
    public void TheFirstStepOfASearchHasASmallLoss()
    {
        MixedPrecisionOptions options = new() { Precisions = [0, 1, 2], Limit = 1e9, ImageHeight = 64, ImageWidth = 64, Training = Options(1) with { MeasuresInitialStatistics = true } };
        double found = First(Learned.Value.Unfreeze().Graph, options);
        double scratch = First(TinyTask.Graph(), options with { Training = Options(1) });
        Assert.IsLessThan(scratch / 2, found);

        static double First(DenseGraph graph, MixedPrecisionOptions options) =>
            MixedPrecisionSearch.Run(graph, new SegmentationTask(), () => TinyTask.Scenes(24), options).Single().Result.Loss;
    }

    [TestMethod]
    public void TheResultDependsNeitherOnThreadsNorOnAnInterruption()
    {
        DenseGraph start = FineTuning.Start(Learned.Value, DenseTask.Segmentation, ["green", "other"]).Graph;
        using TemporaryFolder folder = new();
        TrainingOptions options = Options(6) with
        {
            BatchSize = 2,
            MeasuresInitialStatistics = true,
            CheckpointPath = folder.File("checkpoint"),
            ReportInterval = 1,
        };
        TrainingResult whole = Interruption.AssertGoesOn(Train, options, cancelAt: 3);
        foreach (int threads in (int[])[1, 3])
        {
            Interruption.AssertSame(whole, Train(options with { CheckpointPath = null, Threads = threads }, new Reports()));
        }

        TrainingResult Train(TrainingOptions options, Reports reports) => DenseTrainer.Train(
            start, DenseTask.Segmentation, () => TinyTask.Scenes(8).Select(scene => scene with { Mask = [.. scene.Mask.Select(label => Math.Min(label, (byte)1))] }), options, reports, reports.Token);
    }

    private static TrainingOptions Options(int steps) => TinyTask.LearningOptions(steps) with { Threads = 2 };

    private static void Fill(TrainingNetwork network, int firstScene)
    {
        Span<float> image = network.Image.Data;
        for (int i = 0; i < image.Length; i++)
        {
            int pixel = i % (Side * Side), channel = i / (Side * Side) % 3, scene = firstScene + i / (3 * Side * Side);
            image[i] = Scene(scene).Image.Pixels[(pixel / Side * TinyTask.Width + pixel % Side) * 3 + channel];
        }
    }

    private static TrainingSample Scene(int seed) => Scenes.TryGetValue(seed, out TrainingSample? scene) ? scene : Scenes[seed] = TinyTask.Scene(seed);

    private static byte[] Labels(DenseGraph graph, int firstScene)
    {
        TrainingNetwork network = new(graph, 4, Side, Side, threads: 1);
        Fill(network, firstScene);
        return Labels(network, usesBatchStatistics: false);
    }

    private static byte[] Labels(TrainingNetwork network, bool usesBatchStatistics)
    {
        network.Forward(usesBatchStatistics);
        TrainingValue logits = network.Logits;
        return
        [
            .. from image in Enumerable.Range(0, logits.Images)
               from pixel in Enumerable.Range(0, logits.Pixels)
               select (byte)Enumerable.Range(0, logits.Channels).MaxBy(c => logits.Data[logits.PlaneStart(image, c) + pixel]),
        ];
    }

    private static double Agreement(byte[] a, byte[] b) => a.Zip(b).Count(pair => pair.First == pair.Second) / (double)a.Length;
}
