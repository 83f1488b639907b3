using Microsoft.ML.Binary.Tests.Pipeline.Stages;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public sealed class CrossValidationTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void EachRowIsHeldOutOnceAndTrainedOnOtherwise()
    {
        using TestImages images = new((16, 16), (17, 16), (18, 16), (19, 16), (20, 16), (21, 16), (22, 16));
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        Recorder recorder = new(_ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()));
        IReadOnlyList<CrossValidationResult<SegmentationMetrics>> results = _ml.Segmentation.CrossValidate(data, recorder, numberOfFolds: 3, seed: 4);

        int[] all = [16, 17, 18, 19, 20, 21, 22];
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, results.Select(result => result.Fold).ToArray());
        int[][] heldOut = [.. results.Select(result => result.ScoredHoldOutSet.Values<int>("MaskWidth").ToArray())];
        CollectionAssert.AreEquivalent(all, heldOut.SelectMany(widths => widths).ToArray());
        CollectionAssert.AreEquivalent(new[] { 2, 2, 3 }, heldOut.Select(widths => widths.Length).ToArray());
        for (int fold = 0; fold < 3; fold++)
        {
            CollectionAssert.AreEqual(all.Except(heldOut[fold]).ToArray(), recorder.Seen[fold]);
            SegmentationMetrics again = _ml.Segmentation.Evaluate(results[fold].ScoredHoldOutSet);
            Assert.AreEqual(again.MeanIoU, results[fold].Metrics.MeanIoU);
            Assert.AreEqual(heldOut[fold].Length, results[fold].Metrics.Images.Length);
            ScoredRows.AreEqual(results[fold].ScoredHoldOutSet.Vectors<byte>("PredictedLabel"), results[fold].Model.Transform(results[fold].ScoredHoldOutSet).Vectors<byte>("PredictedLabel"));
        }
    }

    [TestMethod]
    public void TheSeedDecides()
    {
        IDataView rows = _ml.Data.LoadFromEnumerable([.. Enumerable.Range(0, 40).Select(i => new KeyedRow { Key = $"{i}" })]);
        int[] first = Folds.Of(rows, 4, null, 1), second = Folds.Of(rows, 4, null, 2);
        CollectionAssert.AreEqual(first, Folds.Of(rows, 4, null, 1));
        CollectionAssert.AreNotEqual(first, second);
        CollectionAssert.AreEqual(new[] { 10, 10, 10, 10 }, Enumerable.Range(0, 4).Select(fold => first.Count(f => f == fold)).ToArray());
    }

    [TestMethod]
    [DataRow("Key")]
    [DataRow("Number")]
    public void RowsOfOneKeyStayTogether(string column)
    {
        IDataView rows = _ml.Data.LoadFromEnumerable(
            [.. Enumerable.Range(0, 60).Select(i => new KeyedRow { Key = $"scene {i * i % 13}", Number = i * i % 13 })]);
        for (int seed = 0; seed < 20; seed++)
        {
            int[] folds = Folds.Of(rows, 3, column, seed);
            for (int i = 0; i < 60; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    Assert.IsTrue(i * i % 13 != j * j % 13 || folds[i] == folds[j], $"rows {i} and {j} of seed {seed}");
                }
            }

            int[] sizes = [.. Enumerable.Range(0, 3).Select(fold => folds.Count(f => f == fold))];
            Assert.IsTrue(sizes.All(size => size is >= 15 and <= 25), string.Join(", ", sizes));
        }
    }

    [TestMethod]
    public void PipelinesOfSaliencyAreTrainedForEachFold()
    {
        using TestImages images = new((40, 32), (33, 47), (32, 32), (36, 36));
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Objects, MaskKind.Saliency);
        var pipeline = _ml.Transforms.CopyColumns("Photo", "Image").Append(_ml.Saliency.Trainers.BinaryDenseNet(new SaliencyTrainerOptions
        {
            Network = TrainerTests.Tiny with { Outputs = 1 },
            Steps = 2,
            BatchSize = 1,
            CropHeight = 32,
            CropWidth = 32,
            ImageColumnName = "Photo",
            Seed = 1,
        }));

        IReadOnlyList<CrossValidationResult<SaliencyMetrics>> results = _ml.Saliency.CrossValidate(data, pipeline, numberOfFolds: 2, samplingKeyColumnName: "ImagePath", seed: 1);

        Assert.HasCount(2, results);
        CollectionAssert.AreNotEqual(
            _ml.Saliency.FromTransformer(results[0].Model).Network.ToBytes(), _ml.Saliency.FromTransformer(results[1].Model).Network.ToBytes());
        Assert.AreEqual(2, results[1].Metrics.Images.Length);
        Assert.AreEqual(_ml.Saliency.Evaluate(results[1].ScoredHoldOutSet).MeanAbsoluteError, results[1].Metrics.MeanAbsoluteError);
    }

    /// <summary>A fold would go on from the checkpoint of the one before, which learned from the rows that this one is measured on.</summary>
    [TestMethod]
    public void AFoldDoesNotGoOnFromTheCheckpointOfAnother()
    {
        using TestImages images = new((40, 32), (33, 47), (32, 32), (36, 36));
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        SegmentationTrainerOptions options = TrainerTests.FewSteps with { Steps = 1, BatchSize = 1, Seed = 1, CheckpointPath = images.File("fold.checkpoint") };
        IEstimator<ITransformer> Pipeline(SegmentationTrainerOptions of) => _ml.Transforms.CopyColumns("Copy", "ImagePath").Append(_ml.Segmentation.Trainers.BinaryDenseNet(of));

        Assert.HasCount(2, _ml.Segmentation.CrossValidate(data, Pipeline(options), numberOfFolds: 2, seed: 1));
        Assert.IsTrue(File.Exists(options.CheckpointPath));
        foreach (SegmentationTrainerOptions resuming in new[] { options with { Resume = true }, options with { Training = new() { Resume = true } } })
        {
            ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => _ml.Segmentation.CrossValidate(data, Pipeline(resuming), numberOfFolds: 2, seed: 1));
            StringAssert.Contains(e.Message, "Resume is set, and folds are trained");
            StringAssert.Contains(e.Message, options.CheckpointPath);
        }

        // Fold by fold is the user's own affair, also after a cross-validation.
        IDataView half = new FoldDataView(data, Folds.Of(data, 2, null, 1), 1, isHeldOut: false);
        Pipeline(options with { Resume = true, Steps = 2 }).Fit(half);
    }

    /// <summary>A single training gives the network as it is then; the figures of such a fold would be averaged with the others.</summary>
    [TestMethod]
    [DataRow(0, 1)]
    [DataRow(1, 1)]
    [DataRow(2, 2)]
    [DataRow(3, 2)]
    public void ACancelledFold_EndsIt(int reports, int begun)
    {
        using TestImages images = new((40, 32), (33, 47), (32, 32), (36, 36));
        using CancellationTokenSource cancellation = new();
        int left = reports;
        Recorder trainer = new(_ml.Segmentation.Trainers.BinaryDenseNet(TrainerTests.FewSteps with
        {
            MetricsCallback = _ => CancelAt(--left),
            CancellationToken = cancellation.Token,
        }));
        CancelAt(left);

        OperationCanceledException e = Assert.ThrowsExactly<OperationCanceledException>(
            () => _ml.Segmentation.CrossValidate(_ml.Data.LoadImagePairs(images.Images, images.Masks), trainer, numberOfFolds: 3, seed: 1));

        Assert.AreEqual(cancellation.Token, e.CancellationToken);
        Assert.HasCount(begun, trainer.Seen);

        void CancelAt(int reportsLeft)
        {
            if (reportsLeft == 0)
            {
                cancellation.Cancel();
            }
        }
    }

    /// <summary>A stage of a pipeline may validate for itself.</summary>
    [TestMethod]
    public void AfterAValidationInsideIt_AFoldIsStillOne()
    {
        using TestImages images = new((40, 32), (33, 47), (32, 32), (36, 36));
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        IEstimator<ITransformer> network = _ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation());
        Recorder validating = new(
            _ml.Segmentation.Trainers.BinaryDenseNet(TrainerTests.FewSteps with { Resume = true, CheckpointPath = images.File("fold.checkpoint") }),
            fold => _ml.Segmentation.CrossValidate(fold, network, 2, seed: 1));
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.CrossValidate(data, validating, 2, seed: 1), "Resume is set, and folds are trained");
    }

    [TestMethod]
    public void WrongInputIsRefused()
    {
        using TestImages images = new((16, 16), (17, 16));
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        IEstimator<ITransformer> estimator = _ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation());
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.CrossValidate(data, estimator, 1), "numberOfFolds");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.CrossValidate(data, estimator, 3), "2 rows, too few for 3 folds");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.CrossValidate(data, estimator, 2, samplingKeyColumnName: "Scene"), "no column 'Scene'");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.CrossValidate(data, estimator, 2, samplingKeyColumnName: "MaskHeight"), "1 different values in 2 rows");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.CrossValidate(data, estimator, 2, samplingKeyColumnName: "Label"), "must be a single value");
    }

    /// <summary>By what the estimator promises: a fold may take hours.</summary>
    [TestMethod]
    public void WrongColumns_AreFoundBeforeAFoldIsTrained()
    {
        using TestImages images = new((16, 16), (17, 16));
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        Recorder recorder = new(_ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()));
        Recorder maps = new(_ml.Saliency.ApplyNetwork(PipelineNetworks.Saliency()));
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.CrossValidate(data, recorder, 2, labelColumnName: "Mask"), "no column 'Mask'");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.CrossValidate(data, recorder, 2, labelColumnName: "MaskPath"), "must hold a vector of bytes");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.CrossValidate(data, recorder, 2, predictedLabelColumnName: "Saliency"), "no column 'Saliency'");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.CrossValidate(data, recorder, 2, labelColumnName: "PredictedLabel"), "measured against itself");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.CrossValidate(data, recorder, 2, maskHeightColumnName: "Height"), "no column 'Height'");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Saliency.CrossValidate(data, maps, 2, saliencyColumnName: "Label", labelColumnName: "Saliency"), "must hold a vector of bytes");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Saliency.CrossValidate(data, maps, 2, maskWidthColumnName: "Label"), "must hold an Int32");
        Assert.IsEmpty(recorder.Seen);
        Assert.IsEmpty(maps.Seen);

        // A column may come from a stage of the pipeline.
        Assert.HasCount(2, _ml.Segmentation.CrossValidate(data, _ml.Transforms.CopyColumns("Truth", "Label").Append(recorder), 2, labelColumnName: "Truth"));
        Assert.HasCount(2, recorder.Seen);
    }

    private sealed class KeyedRow
    {
        public string Key { get; set; } = "";

        public int Number { get; set; }
    }

    /// <summary>Notes the widths of the masks that it is fitted to.</summary>
    private sealed class Recorder(IEstimator<ITransformer> inner, Action<IDataView>? before = null) : IEstimator<ITransformer>
    {
        public List<int[]> Seen { get; } = [];

        public ITransformer Fit(IDataView input)
        {
            Seen.Add([.. input.Values<int>("MaskWidth")]);
            before?.Invoke(input);
            return inner.Fit(input);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inner.GetOutputSchema(inputSchema);
    }
}
