using System.Globalization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class TrainingErrorTests
{
    [TestMethod]
    public void AnAbsurdLearningRateDiverges()
    {
        TrainingDivergedException error = Assert.ThrowsExactly<TrainingDivergedException>(
            () => TinyTask.Train(TinyTask.Options(50) with { LearningRate = 1e30f, WarmUp = 0 }));
        Assert.IsNull(error.CheckpointPath);
        Assert.IsInRange(1, 3, error.Step);
        StringAssert.Contains(error.Message, $"at step {error.Step}");
        StringAssert.Contains(error.Message, "No checkpoint was written");
    }

    [TestMethod]
    public void WeightsThatAreNotNumbersAreFoundInTheFirstLoss()
    {
        DenseGraph graph = TinyTask.Graph();
        graph.Parameters.Single(p => p.Name == "classifier.bias").Values[1] = float.NaN;
        TrainingDivergedException error = Assert.ThrowsExactly<TrainingDivergedException>(() => TinyTask.Train(TinyTask.Options(), graph: graph));
        Assert.AreEqual(1, error.Step);
        StringAssert.Contains(error.Message, "The loss became NaN at step 1");
    }

    /// <summary>The sign of a latent weight that is not a number is -1, so no loss shows it.</summary>
    [TestMethod]
    public void SpoiledLatentWeightsAreFoundBeforeTheyAreSaved()
    {
        DenseGraph graph = TinyTask.Graph();
        Parameter latent = graph.Parameters.First(p => p.Role == ParameterRole.LatentSign);
        latent.Values[0] = float.NaN;
        using TemporaryFolder folder = new();
        string path = folder.File("run.checkpoint");
        TrainingDivergedException error = Assert.ThrowsExactly<TrainingDivergedException>(
            () => TinyTask.Train(TinyTask.Options(6) with { CheckpointPath = path, CheckpointInterval = 2 }, graph: graph));
        Assert.AreEqual(2, error.Step);
        StringAssert.Contains(error.Message, latent.Name);
        Assert.IsFalse(File.Exists(path));

        Assert.AreEqual(6, Assert.ThrowsExactly<TrainingDivergedException>(() => TinyTask.Train(TinyTask.Options(6), graph: graph)).Step, "at the end at the latest");
    }

    [TestMethod]
    public void DivergenceKeepsTheLastGoodCheckpoint()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("run.checkpoint");
        TrainingOptions options = TinyTask.Options(20) with { CheckpointPath = path, CheckpointInterval = 3 };
        DenseGraph? live = null;
        byte[]? good = null;
        TrainingOptions spoiling = options with
        {
            ValidationInterval = 8,
            AverageDecay = 0,
            Validate = graph =>
            {
                live = graph;
                good = File.ReadAllBytes(path);
                graph.Parameters.Single(p => p.Name == "stem/first.weight").Values[0] = float.NaN;
                return 0;
            },
        };
        TrainingDivergedException error = Assert.ThrowsExactly<TrainingDivergedException>(() => TinyTask.Train(spoiling));
        Assert.IsNotNull(live);
        Assert.AreEqual(9, error.Step);
        Assert.AreEqual(path, error.CheckpointPath);
        StringAssert.Contains(error.Message, path);
        CollectionAssert.AreEqual(good, File.ReadAllBytes(path));

        Reports reports = new();
        TinyTask.Train(options with { AverageDecay = 0, Resume = true }, reports);
        Assert.AreEqual(7, reports.All[0].Step);
        Assert.IsTrue(reports.All.All(r => double.IsFinite(r.Loss)));
    }

    [TestMethod]
    public void AFrozenGraphIsRefused()
    {
        DenseGraph frozen = Freezing.Freeze(TinyTask.Graph());
        GraphException error = Assert.ThrowsExactly<GraphException>(() => TinyTask.Train(TinyTask.Options(), graph: frozen));
        StringAssert.Contains(error.Message, "not frozen");
    }

    [TestMethod]
    public void LogitsMustFitTheTask()
    {
        Refused("LogitChannels is 3; it must be 1 for saliency", TinyTask.Graph(), DenseTask.Saliency, TinyTask.Options());
        Refused("LogitChannels is 1; it must be from 2", TinyTask.Graph(outputs: 1), DenseTask.Segmentation, TinyTask.Options());

        DenseGraph full = TinyTask.Graph();
        DenseGraph quarter = new(full.Nodes, [new GraphOutput(DenseGraph.LogitsOutput, full.Nodes[full.Logits].Inputs[0])]);
        Refused("stride of the logits is 4; it must be 1", quarter, DenseTask.Segmentation, TinyTask.Options());
    }

    [TestMethod]
    public void OptionsOutOfRangeAreNamed()
    {
        TrainingOptions options = TinyTask.Options();
        Refused("BatchSize is 0", options with { BatchSize = 0 });
        Refused("CropHeight is 0", options with { CropHeight = 0 });
        Refused("CropWidth is 8193", options with { CropWidth = 8193 });
        Refused("LearningRate is 0", options with { LearningRate = 0 });
        Refused("LearningRate is Infinity", options with { LearningRate = float.PositiveInfinity });
        Refused("LearningRate is NaN", options with { LearningRate = float.NaN });
        Refused("WeightDecay is -1", options with { WeightDecay = -1 });
        Refused("WarmUp is 1", options with { WarmUp = 1 });
        Refused("AverageDecay is 1", options with { AverageDecay = 1 });
        Refused("Threads is -1", options with { Threads = -1 });
        Refused("CacheBytes is 0", options with { CacheBytes = 0 });
        Refused("CheckpointInterval is 0", options with { CheckpointInterval = 0 });
        Refused("ReportInterval is 0", options with { ReportInterval = 0 });
        Refused("ValidationInterval is 0", options with { ValidationInterval = 0 });
        Refused("Resume is True", options with { Resume = true });
        Refused("ClassWeights is 2 values; it must be one for each of the 3 classes", new SegmentationTask { ClassWeights = [1, 2] });
        Refused("ClassWeights is 1, -1, 1", new SegmentationTask { ClassWeights = [1, -1, 1] });
        Refused("ClassWeights is 0, 0, 0", new SegmentationTask { ClassWeights = [0, 0, 0] });
        Refused("PriorCorrection is 2", new SegmentationTask { PriorCorrection = 2 });
        Refused("SoftIoUWeight is -1", new SegmentationTask { SoftIoUWeight = -1 });
        Refused("SoftIoUWeight is NaN", new SegmentationTask { SoftIoUWeight = float.NaN });
        Refused("ClassNames is 2 names; it must be one for each of the 3 classes", new SegmentationTask { ClassNames = ["a", "b"] });
        Refused("DeepSupervision is -1", options with { DeepSupervision = -1 });
        Refused("DeepSupervision is Infinity", options with { DeepSupervision = float.PositiveInfinity });
        Refused("MinScale is 0", options with { Augmentation = new() { MinScale = 0 } });
        Refused("MaxScale is 0.5", options with { Augmentation = new() { MaxScale = 0.5f } });
        Refused("Contrast is 2", options with { Augmentation = new() { Contrast = 2 } });
        Refused("Color is -1", options with { Augmentation = new() { Color = -1 } });
        Refused("Gamma is 5", options with { Augmentation = new() { Gamma = 5 } });
    }

    [TestMethod]
    public void ABatchThatIsTooLargeIsRefusedBeforeItIsAllocated() => Refused(
        "A batch of 100 crops of 8192x8192 gives '", TinyTask.Options() with { BatchSize = 100, CropHeight = 8192, CropWidth = 8192 });

    [TestMethod]
    public void NumbersInMessagesDoNotDependOnTheCulture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = comma;
        try
        {
            Refused("ClassWeights is 0.5, -1, 1", new SegmentationTask { ClassWeights = [0.5f, -1, 1] });
            Refused("WarmUp is 1.5", TinyTask.Options() with { WarmUp = 1.5f });
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static void Refused(string expected, TrainingTask task) => StringAssert.Contains(
        Assert.ThrowsExactly<ArgumentException>(() => DenseTrainer.Train(TinyTask.Graph(), task, () => TinyTask.Scenes(5), TinyTask.Options())).Message, expected);

    private static void Refused(string expected, TrainingOptions options) => Refused(expected, TinyTask.Graph(), DenseTask.Segmentation, options);

    private static void Refused(string expected, DenseGraph graph, DenseTask task, TrainingOptions options) => StringAssert.Contains(
        Assert.ThrowsExactly<ArgumentException>(
            () => DenseTrainer.Train(graph, task, () => throw new InvalidOperationException("The data was read first."), options)).Message,
        expected);
}
