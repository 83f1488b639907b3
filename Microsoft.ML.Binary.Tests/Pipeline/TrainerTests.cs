using System.Globalization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public class TrainerTests
{
    internal static readonly NetworkConfiguration Tiny = new()
    {
        Outputs = 3,
        Width = 8,
        Stride4Depth = 1,
        Stride8Depth = 1,
        Stride16Depth = 1,
        RefineDepth = 0,
    };

    internal static readonly SegmentationTrainerOptions FewSteps = new()
    {
        ClassNames = ["a", "b", "c"],
        Network = Tiny,
        Steps = 4,
        BatchSize = 2,
        CropHeight = 32,
        CropWidth = 32,
        Training = new() { ReportInterval = 2, ValidationInterval = 2 },
    };

    [TestMethod]
    public void ALimitOfBytesFindsWidthsThatKeepIt()
    {
        using TestImages images = new((40, 32), (33, 47), (32, 32));
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImagePairs(images.Images, images.Masks);
        const int Limit = 30_000;
        List<TrainingProgress> progress = [];
        SegmentationTransformer model = ml.Segmentation.Trainers.BinaryDenseNet(FewSteps with { Steps = 6, MaxBytes = Limit, MetricsCallback = progress.Add }).Fit(data);
        Assert.IsTrue(model.Network.Graph.Nodes.Any(node => node is PackedMixedConvolution));
        int bytes = model.Network.ToBytes().Length;
        Assert.IsLessThanOrEqualTo(Limit, bytes);
        Assert.IsGreaterThan(Limit - 3_000, bytes, "what the limit allows is used");
        Assert.AreEqual(6, progress[^1].Step);
        ml.Model.Save(model, data.Schema, images.File("model.zip"));
        Assert.AreEqual(
            ml.Segmentation.Evaluate(model.Transform(data)).MeanIoU,
            ml.Segmentation.Evaluate(ml.Model.Load(images.File("model.zip"), out _).Transform(data), classNames: ["a", "b", "c"]).MeanIoU);
    }

    [TestMethod]
    public void SegmentationIsTrainedEvaluatedSavedAndLoaded()
    {
        using TestImages images = new((40, 32), (33, 47), (32, 32));
        MLContext ml = new(1);
        List<string> log = [];
        ml.Log += (_, message) => log.Add(message.Message);
        List<TrainingProgress> progress = [];
        IDataView data = ml.Data.LoadImagePairs(images.Images, images.Masks);

        SegmentationTransformer model = ml.Segmentation.Trainers
            .BinaryDenseNet(FewSteps with { ValidationSet = data, MetricsCallback = progress.Add }).Fit(data);

        Assert.IsTrue(model.Network.Graph.IsFrozen);
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, model.Network.ClassNames.ToArray());
        Assert.AreEqual(Palette.Default[1].ToString(), model.Network.Palette[1]);
        Assert.AreEqual("4", model.Network.Provenance["steps"]);
        Assert.AreEqual(4, progress[^1].Step);
        Assert.IsTrue(log.Any(line => line.Contains("step 2/4")), string.Join('\n', log));
        double meanIoU = ml.Segmentation.Evaluate(model.Transform(data)).MeanIoU;
        Assert.AreEqual(meanIoU.ToString("F4", CultureInfo.InvariantCulture), model.Network.Provenance["validation"]);
        Assert.IsNotNull(progress[^1].ValidationMetric);
        ml.Model.Save(model, data.Schema, images.File("model.zip"));
        IDataView loaded = ml.Model.Load(images.File("model.zip"), out _).Transform(data);
        Assert.AreEqual(meanIoU, ml.Segmentation.Evaluate(loaded, classNames: ["a", "b", "c"]).MeanIoU);
    }

    [TestMethod]
    public void TrainingStopsEarlyOnRowsThatItHoldsOut()
    {
        using TestImages images = new((40, 32), (33, 47), (32, 32), (36, 36));
        MLContext ml = new(1);
        List<TrainingProgress> progress = [];
        IDataView data = ml.Data.LoadImagePairs(images.Images, images.Masks);

        // No figure gets better without learning.
        SegmentationTransformer model = ml.Segmentation.Trainers.BinaryDenseNet(FewSteps with
        {
            Steps = 400,
            LearningRate = 1e-12f,
            EarlyStopping = new() { HoldOut = 0.5f, Interval = 2, Patience = 2 },
            MetricsCallback = progress.Add,
            Seed = 1,
        }).Fit(data);

        Assert.IsLessThan(400, progress[^1].Step);
        Assert.AreEqual(progress[^1].Step, int.Parse(model.Network.Provenance["steps"], CultureInfo.InvariantCulture));
        Assert.IsTrue(model.Network.Provenance.ContainsKey("validation"));
    }

    [TestMethod]
    public void ShortOverloadsNameColumnsAndSeed()
    {
        MLContext ml = new(1);
        SaliencyTrainer trainer = ml.Saliency.Trainers.BinaryDenseNet(outputColumnName: "Map", seed: 3);
        SchemaShape shape = trainer.GetOutputSchema(OutputShape.Of(ml.Data.LoadFromEnumerable<LabelledRow>([])));
        CollectionAssert.Contains(shape.Select(column => column.Name).ToArray(), "Map");
    }

    [TestMethod]
    public void SaliencyIsTrainedAndEvaluated()
    {
        using TestImages images = new((40, 32), (33, 47));
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImagePairs(images.Images, images.Objects, MaskKind.Saliency);
        List<TrainingProgress> progress = [];

        SaliencyTransformer model = ml.Saliency.Trainers.BinaryDenseNet(new SaliencyTrainerOptions
        {
            Network = Tiny with { Outputs = 1 },
            Epochs = 2,
            BatchSize = 1,
            CropHeight = 32,
            CropWidth = 32,
            ValidationSet = data,
            SaliencyColumnName = "Map",
            MetricsCallback = progress.Add,
        }).Fit(data);

        double error = ml.Saliency.Evaluate(model.Transform(data), saliencyColumnName: "Map").MeanAbsoluteError;
        Assert.AreEqual(error.ToString("F4", CultureInfo.InvariantCulture), model.Network.Provenance["validation"]);
        Assert.AreEqual(4, progress[^1].Step);
    }

    [TestMethod]
    public void APresetForSaliencyHasThresholdsThatFollowTheImage()
    {
        Assert.IsTrue(HasAdaptiveThresholds(new SaliencyTrainerOptions { Preset = NetworkPreset.Tiny }, DenseTask.Saliency));
        Assert.IsFalse(HasAdaptiveThresholds(new SaliencyTrainerOptions { Network = Tiny with { Outputs = 1 } }, DenseTask.Saliency));
        Assert.IsFalse(HasAdaptiveThresholds(new SegmentationTrainerOptions { Preset = NetworkPreset.Tiny }, DenseTask.Segmentation));

        static bool HasAdaptiveThresholds(DenseTrainerOptions options, DenseTask task) =>
            options.ToInitialNetwork(task, task.HasClasses ? ["a", "b"] : [], [], seed: 1).Graph.Nodes.Any(node => node is AdaptiveShift);
    }

    [TestMethod]
    public void SeedOfTheContextDecidesTheNetwork()
    {
        using TestImages images = new((40, 32));

        byte[] Trained(int seed)
        {
            MLContext ml = new(seed);
            IDataView data = ml.Data.LoadImagePairs(images.Images, images.Masks);
            return ml.Segmentation.Trainers.BinaryDenseNet(FewSteps with { Network = null, Preset = NetworkPreset.Tiny, Steps = 1 }).Fit(data).Network.ToBytes();
        }

        byte[] first = Trained(1);
        CollectionAssert.AreEqual(first, Trained(1));
        CollectionAssert.AreNotEqual(first, Trained(2));
    }

    [TestMethod]
    public void CancellationLeavesAUsableModel()
    {
        using TestImages images = new((40, 32), (33, 47));
        using CancellationTokenSource cancellation = new();
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImagePairs(images.Images, images.Masks);

        SegmentationTransformer model = ml.Segmentation.Trainers.BinaryDenseNet(FewSteps with
        {
            Steps = 1000,
            MetricsCallback = _ => cancellation.Cancel(),
            CancellationToken = cancellation.Token,
        }).Fit(data);

        Assert.HasCount(2, model.Transform(data).Vectors<byte>("PredictedLabel"));
        Assert.AreEqual("2", model.Network.Provenance["steps"]);
    }

    /// <summary>The passes for sizes, for what to validate on and for training itself end at the first image, so that nobody reads the second.</summary>
    [TestMethod]
    public void CancellationEndsTheReadingOfData()
    {
        using TestImages images = new((40, 32), (33, 47));
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImagePairs(images.Images, images.Masks);
        File.WriteAllText(Directory.GetFiles(images.Images).Order().Last(), "no image");
        SegmentationTransformer model = ml.Segmentation.Trainers.BinaryDenseNet(FewSteps with { ValidationSet = data, CancellationToken = new(canceled: true) }).Fit(data);
        Assert.AreEqual("0", model.Network.Provenance["steps"]);
    }

    [TestMethod]
    public void CancellationBeforeTheFirstStep_IsWarnedOf()
    {
        using TestImages images = new((40, 32), (33, 47));
        MLContext ml = new(1);
        List<string> log = [];
        ml.Log += (_, message) => log.Add(message.Message);
        IDataView data = ml.Data.LoadImagePairs(images.Images, images.Masks);

        DenseNetwork network = ml.Segmentation.Trainers.BinaryDenseNet(FewSteps with { CancellationToken = new(canceled: true) }).Fit(data).Network;

        Assert.AreEqual("0", network.Provenance["steps"]);
        Assert.IsTrue(log.Any(line => line.Contains("cancelled before its first step")), string.Join('\n', log));
    }

    [TestMethod]
    public void TrainingResumesFromACheckpoint()
    {
        using TestImages images = new((40, 32), (33, 47));
        using CancellationTokenSource cancellation = new();
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImagePairs(images.Images, images.Masks);
        SegmentationTrainerOptions options = FewSteps with { Seed = 5, CheckpointPath = images.File("checkpoint") };

        byte[] straight = ml.Segmentation.Trainers.BinaryDenseNet(FewSteps with { Seed = 5 }).Fit(data).Network.ToBytes();
        ml.Segmentation.Trainers.BinaryDenseNet(options with
        {
            MetricsCallback = _ => cancellation.Cancel(),
            CancellationToken = cancellation.Token,
            Training = options.Training with { CheckpointInterval = 1 },
        }).Fit(data);
        List<TrainingProgress> progress = [];
        byte[] resumed = ml.Segmentation.Trainers.BinaryDenseNet(options with { Resume = true, MetricsCallback = progress.Add }).Fit(data).Network.ToBytes();

        CollectionAssert.AreEqual(straight, resumed);
        CollectionAssert.AreEqual(new[] { 4 }, progress.Select(report => report.Step).ToArray(), "steps 1 and 2 are not trained again");
    }

    [TestMethod]
    public void AnExposureIsThatOfTrainingAndOfEveryNetworkThatStartsFromIt()
    {
        using TestImages images = new((40, 32), (33, 47));
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImagePairs(images.Images, images.Masks);
        DenseNetwork first = ml.Segmentation.Trainers.BinaryDenseNet(FewSteps with { Training = FewSteps.Training with { Exposure = ImageExposure.Of(90) } }).Fit(data).Network;
        Assert.AreEqual((ImageExposure.Of(90), "90"), (first.Exposure, first.Provenance["exposure"]));
        SegmentationTrainerOptions more = FewSteps with { Network = null, InitialNetwork = first };
        Assert.AreEqual(ImageExposure.Of(90), ml.Segmentation.Trainers.BinaryDenseNet(more).Fit(data).Network.Exposure);
        Assert.AreEqual(
            ImageExposure.AsIs, ml.Segmentation.Trainers.BinaryDenseNet(more with { Exposure = ImageExposure.AsIs, Training = more.Training with { Exposure = ImageExposure.Of(120) } }).Fit(data).Network.Exposure);
        Assert.AreEqual(
            ImageExposure.Of(120), ml.Segmentation.Trainers.BinaryDenseNet(more with { Training = more.Training with { Exposure = ImageExposure.Of(120) } }).Fit(data).Network.Exposure);
    }

    [TestMethod]
    public void ThreadsAndBudgetReplaceThoseOfTrainingOnlyWhereGiven()
    {
        SegmentationTrainerOptions options = new() { Training = new() { Threads = 3, Seed = 4, Budget = TrainingBudget.OfSteps(5) } };
        TrainingOptions kept = options.ToTrainingOptions(seed: 6);
        TrainingOptions replaced = (options with { Threads = 0, Epochs = 7 }).ToTrainingOptions(seed: 6);

        Assert.AreEqual((3, 6L, TrainingBudget.OfSteps(5)), (kept.Threads, kept.Seed, kept.Budget));
        Assert.AreEqual((0, 6L, TrainingBudget.OfEpochs(7)), (replaced.Threads, replaced.Seed, replaced.Budget));
        Assert.AreEqual(TrainingBudget.OfSteps(7), Budget(options with { Steps = 7 }));
        Assert.AreEqual(TrainingBudget.OfDuration(TimeSpan.FromMinutes(7)), Budget(options with { MaxDuration = TimeSpan.FromMinutes(7) }));
        Assert.AreEqual(0, options.ToTransformerOptions().Threads);
        Assert.AreEqual(2, (options with { Threads = 2 }).ToTransformerOptions().Threads);

        static TrainingBudget Budget(SegmentationTrainerOptions options) => options.ToTrainingOptions(seed: 6).Budget;
    }

    [TestMethod]
    public void BadOptionsAreNamed()
    {
        MLContext ml = new(1);
        SegmentationTrainers trainers = ml.Segmentation.Trainers;

        StringAssert.Contains(Refused(() => trainers.BinaryDenseNet(new SegmentationTrainerOptions())), "Say what classes there are");
        StringAssert.Contains(Refused(() => trainers.BinaryDenseNet(numberOfClasses: 1)), "1 classes; a segmentation has from 2 to 255");
        StringAssert.Contains(Refused(() => trainers.BinaryDenseNet(FewSteps with { NumberOfClasses = 4 })), "NumberOfClasses is 4, and there are 3 ClassNames");
        StringAssert.Contains(Refused(() => trainers.BinaryDenseNet(FewSteps with { Palette = new Palette([default]) })), "1 colours for 3 classes");
        IDataView none = ml.Data.LoadFromEnumerable<ImageRow>([]);
        StringAssert.Contains(Refused(() => trainers.BinaryDenseNet(FewSteps with { Epochs = 3 }).Fit(none)), "give one of them");
        StringAssert.Contains(Refused(() => trainers.BinaryDenseNet(FewSteps with { Network = Tiny with { Outputs = 5 } }).Fit(none)), "5 outputs, and 3 are needed");
    }

    [TestMethod]
    public void BadDataAreNamed()
    {
        using TestImages images = new((40, 32), (33, 47));
        MLContext ml = new(1);
        SegmentationTrainer trainer = ml.Segmentation.Trainers.BinaryDenseNet(FewSteps);

        StringAssert.Contains(Refused(() => trainer.Fit(ml.Data.LoadImages(images.Images))), "no column 'Label'; they have 'Image', 'ImagePath'");
        byte[] labels = new byte[33 * 47];
        labels[33 * 2 + 5] = 7;
        MaskWriter.Save(images.MaskPath(1), new SegmentationMask(33, 47, labels));
        string message = Assert.ThrowsExactly<InvalidDataException>(
            () => trainer.Fit(ml.Data.LoadImagePairs(images.Images, images.Masks))).Message;
        StringAssert.Contains(message, images.MaskPath(1));
        StringAssert.Contains(message, "(5, 2) is 7");
        IDataView none = ml.Data.LoadFromEnumerable<LabelledRow>([]);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => trainer.Fit(none)).Message, "empty");
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<ArgumentException>(action).Message;
}
