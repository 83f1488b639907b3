using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Tests.Pipeline.MultiTask;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Pipeline;

/// <summary>What would cost a trained network is found before it is trained, or does not cost it.</summary>
[TestClass]
public sealed class TrainerCheckTests
{
    private static readonly SegmentationTrainerOptions FewSteps = TrainerTests.FewSteps with { Steps = 6, Seed = 1 };

    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void WhatTheTransformerWouldRefuse_IsRefusedByTheTrainer()
    {
        const string Names = "names must differ and not be empty", Threads = "it must be 0 (all cores) or from 1 to 1024";
        SaliencyTrainerOptions saliency = new();
        MultiTaskTrainerOptions several = new() { Tasks = MultiTaskNetworks.Tasks };
        Refused(Names, FewSteps with { MaskHeightColumnName = "Size", MaskWidthColumnName = "Size" });
        Refused(Names, FewSteps with { ScoreColumnName = "" });
        Refused(Threads, FewSteps with { Threads = 2000 });
        Refused(Names, saliency with { SaliencyColumnName = "MaskWidth" });
        Refused(Threads, saliency with { Threads = -1 });
        Refused(Names, several with { MaskHeightColumnName = "edges.Edges" });
        Refused(Threads, several with { Threads = 1025 });
        Assert.IsNotNull(Trainer(several with { Threads = 1024 }));
    }

    [TestMethod]
    public void NoShape_IsRefusedByName()
    {
        foreach (IEstimator<ITransformer> estimator in new[] { Trainer(FewSteps), _ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()), _ml.Segmentation.ClassShares() })
        {
            Assert.AreEqual("inputSchema", Assert.ThrowsExactly<ArgumentNullException>(() => estimator.GetOutputSchema(null!)).ParamName);
        }
    }

    [TestMethod]
    public void AnOutputThatHidesTheMasks_IsRefusedByTheTrainer()
    {
        const string Hidden = "it would hide them, and be measured against itself";
        Refused(Hidden, FewSteps with { PredictedLabelColumnName = "Label" });
        Refused(Hidden, FewSteps with { LabelColumnName = "MaskHeight" });
        Refused(Hidden, new SaliencyTrainerOptions { SaliencyColumnName = "Label" });
        Refused(Hidden, new MultiTaskTrainerOptions { Tasks = [MultiTaskNetworks.Tasks[0], MultiTaskNetworks.Tasks[1] with { LabelColumnName = "classes.PredictedLabel" }] });
    }

    [TestMethod]
    public void OptionsOfASearch_AreCheckedBeforeAnImageIsRead()
    {
        using TestImages images = new((40, 32), (33, 47));
        WatchedView data = new(_ml.Data.LoadImagePairs(images.Images, images.Masks));
        Fails<ArgumentException>("1000 bytes are too few", FewSteps with { MaxBytes = 1000 });
        Fails<ArgumentException>("MixedPrecision has 2 strengths", FewSteps with { MixedPrecision = new() { Strengths = [1, 2] } });
        Fails<ArgumentException>("LimitStrength is -1", FewSteps with { MixedPrecision = new() { LimitStrength = -1 } });
        Fails<GraphException>("a full-precision twin has none", FewSteps with { Network = TrainerTests.Tiny with { Precision = Precision.Float }, MaxBytes = 30_000 });
        Assert.AreEqual(0, data.Passes);

        void Fails<T>(string part, SegmentationTrainerOptions options)
            where T : Exception => StringAssert.Contains(Assert.ThrowsExactly<T>(() => _ml.Segmentation.Trainers.BinaryDenseNet(options).Fit(data)).Message, part);
    }

    [TestMethod]
    public void Columns_AreLookedForBeforeAnImageIsRead()
    {
        using TestImages images = new((40, 32), (33, 47));
        WatchedView data = new(_ml.Data.LoadImagePairs(images.Images, images.Masks)), photos = new(_ml.Data.LoadImages(images.Images)), masks = new(_ml.Transforms.DropColumns("Image").Fit(data).Transform(data));
        foreach (DenseTrainerOptions options in new DenseTrainerOptions[]
        {
            FewSteps with { ValidationSet = data },
            new SaliencyTrainerOptions { ValidationSet = data },
            new MultiTaskTrainerOptions { Tasks = [MultiTaskNetworks.Tasks[0] with { LabelColumnName = "Label" }], ValidationSet = data },
        })
        {
            Missing("Label", options, photos);
            Missing("Image", options, masks);
            Missing("Label", options with { ValidationSet = photos }, data);
            Missing("Image", options with { ValidationSet = masks }, data);
        }

        Assert.AreEqual((0, 0, 0), (data.Passes, photos.Passes, masks.Passes));

        void Missing(string column, DenseTrainerOptions options, IDataView fitted) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Trainer(options).Fit(fitted)).Message, $"no column '{column}'");
    }

    [TestMethod]
    [DataRow(null)]
    [DataRow(30_000)]
    public void ALastValidationThatFails_DoesNotCostTheNetwork(int? maxBytes)
    {
        using TestImages images = new((40, 32), (33, 47));
        List<string> log = [];
        _ml.Log += (_, message) => log.Add(message.Message);
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        WatchedView whole = new(data);
        List<TrainingResult> completed = [];
        DenseNetwork expected = Fit(whole, completed.Add);
        Assert.IsTrue(expected.Provenance.ContainsKey("validation"));
        Assert.IsFalse(log.Any(line => line.Contains("The last validation failed")));

        DenseNetwork kept = Fit(new WatchedView(data) { FailsIn = whole.Passes }, completed.Add);

        Assert.IsFalse(kept.Provenance.ContainsKey("validation"));
        CollectionAssert.AreEqual(WithoutFacts(expected), WithoutFacts(kept));
        Assert.HasCount(2, completed);
        Assert.IsTrue(log.Any(line => line.Contains("The last validation failed") && line.Contains("The disk is gone.")), string.Join('\n', log));

        // An earlier one ends training, and so does what the user does with the result.
        Assert.ThrowsExactly<IOException>(() => Fit(new WatchedView(data) { FailsIn = whole.Passes - 1 }, completed.Add));
        Assert.ThrowsExactly<IOException>(() => Fit(data, _ => throw new IOException("The disk is full.")));

        DenseNetwork Fit(IDataView validation, Action<TrainingResult> done) => _ml.Segmentation.Trainers.BinaryDenseNet(
            FewSteps with { MaxBytes = maxBytes, ValidationSet = validation, Training = FewSteps.Training with { Completed = done } }).Fit(data).Network;

        static byte[] WithoutFacts(DenseNetwork network) => network.WithProvenance(ImmutableSortedDictionary<string, string>.Empty).ToBytes();
    }

    private void Refused(string part, DenseTrainerOptions options) => StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Trainer(options)).Message, part);

    private IEstimator<ITransformer> Trainer(DenseTrainerOptions options) => options switch
    {
        SegmentationTrainerOptions segmentation => _ml.Segmentation.Trainers.BinaryDenseNet(segmentation),
        SaliencyTrainerOptions saliency => _ml.Saliency.Trainers.BinaryDenseNet(saliency),
        _ => _ml.MultiTask.Trainers.BinaryDenseNet((MultiTaskTrainerOptions)options),
    };
}
