using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline.Stages;

[TestClass]
public sealed class StageCompositionTests
{
    private readonly MLContext _ml = new(1);

    /// <summary>A stage that is fitted by itself: in a chain the shape is checked first.</summary>
    [TestMethod]
    public void FitAndShape_LookForTheColumns()
    {
        using TestImages images = new((8, 5));
        IDataView data = _ml.Data.LoadImages(images.Images);
        foreach (MaskStageEstimator stage in new[]
        {
            _ml.Segmentation.Regions(), _ml.Segmentation.ResizeMask(4, 4), _ml.Segmentation.CutOut([1]), _ml.Segmentation.Overlay(), _ml.Segmentation.ClassShares(numberOfClasses: 3),
            _ml.Segmentation.ClassShares(), _ml.Saliency.Overlay(), _ml.Saliency.CutOut(), _ml.Saliency.ResizeMask(4, 4),
        })
        {
            ClassSharesTests.Expect<ArgumentException>(() => stage.Fit(data), "The data have no column '");
            ClassSharesTests.Expect<ArgumentException>(() => stage.GetOutputSchema(OutputShape.Of(data)), "The data have no column '");
        }
    }

    /// <summary>ML.NET's keys are numbers of which 0 is none, and no class indices.</summary>
    [TestMethod]
    public void KeysAreNoMasks()
    {
        IDataView data = _ml.Data.LoadFromEnumerable<KeyRow>([]);
        SegmentationTrainer trainer = _ml.Segmentation.Trainers.BinaryDenseNet(TrainerTests.FewSteps);
        MaskStageEstimator shares = _ml.Segmentation.ClassShares(inputColumnName: "Label", numberOfClasses: 3);
        ClassSharesTests.Expect<ArgumentException>(() => trainer.Fit(data), "holds Vector<Key<Byte, 0-2>>; it must hold a vector of bytes");
        ClassSharesTests.Expect<ArgumentException>(() => trainer.GetOutputSchema(OutputShape.Of(data)), "holds Key<Byte> (VariableVector); it must hold a vector of bytes");
        ClassSharesTests.Expect<ArgumentException>(() => shares.Fit(data), "holds Vector<Key<Byte, 0-2>>; it must hold a vector of bytes");
        ClassSharesTests.Expect<ArgumentException>(() => shares.GetOutputSchema(OutputShape.Of(data)), "holds Key<Byte> (VariableVector); it must hold a vector of bytes");
    }

    [TestMethod]
    public void PredictionEngineGivesAllStages()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView data = _ml.Data.LoadImages(images.Images);
        ITransformer model = All().Fit(_ml.Data.LoadFromEnumerable<ImageRow>([]));
        IDataView scored = model.Transform(data);
        List<float[]> shares = scored.Vectors<float>("ClassShares");
        List<int> counts = scored.Values<int>("RegionCount");
        List<byte[]> overlays = scored.Pictures("Overlay");

        foreach (ITransformer transformer in new[] { model, model.SavedAndLoaded(images), _ml.Segmentation.Restore(model.SavedAndLoaded(images)) })
        {
            using var engine = _ml.Model.CreatePredictionEngine<ImageRow, Result>(transformer, new PredictionEngineOptions { OwnsTransformer = false });
            for (int i = 0; i < 2; i++)
            {
                using MLImage image = MLImage.CreateFromFile(images.ImagePath(i));
                Result result = engine.Predict(new ImageRow { Image = image });
                CollectionAssert.AreEqual(shares[i], result.ClassShares);
                Assert.AreEqual(counts[i], result.RegionCount);
                CollectionAssert.AreEqual(overlays[i], result.Overlay!.Pixels.ToArray());
                result.Overlay.Dispose();
            }
        }
    }

    [TestMethod]
    public void EstimatorsPromiseWhatTransformersGive()
    {
        IDataView nothing = _ml.Data.LoadFromEnumerable<ImageRow>([]);
        DataViewSchema schema = All().Fit(nothing).GetOutputSchema(nothing.Schema);
        SchemaShape shape = All().GetOutputSchema(OutputShape.Of(nothing));
        foreach (DataViewSchema.Column column in schema.Where(column => !column.IsHidden))
        {
            SchemaShape.Column promised = shape.Single(c => c.Name == column.Name);
            SchemaShape.Column.VectorKind kind = column.Type is not VectorDataViewType vector ? SchemaShape.Column.VectorKind.Scalar
                : vector.Size > 0 ? SchemaShape.Column.VectorKind.Vector : SchemaShape.Column.VectorKind.VariableVector;
            Assert.AreEqual(kind, promised.Kind, column.Name);
            Assert.AreEqual((column.Type as VectorDataViewType)?.ItemType.RawType ?? column.Type.RawType, promised.ItemType.RawType, column.Name);
        }

        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.Overlay().Append(_ml.Segmentation.ClassShares()).Fit(nothing), "no column 'PredictedLabel'");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Saliency.CutOut().GetOutputSchema(shape), "no column 'Saliency'");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.Regions("RegionAreas").GetOutputSchema(shape), "must hold a vector of bytes");
        ClassSharesTests.Expect<ArgumentException>(
            () => _ml.Segmentation.Overlay(maskHeightColumnName: "ClassShares").GetOutputSchema(shape), "'ClassShares' holds Single (Vector); it must hold an Int32");
    }

    [TestMethod]
    public void NothingIsComputedThatIsNotRead()
    {
        // Masks that no stage could use: an error would tell that one ran.
        IDataView data = _ml.Data.LoadFromEnumerable([new MaskRow { ImagePath = "a" }, new MaskRow { ImagePath = "b" }]);
        IDataView mapped = _ml.Segmentation.Regions().Append(_ml.Segmentation.ClassShares(numberOfClasses: 2)).Fit(data).Transform(data);
        CollectionAssert.AreEqual(new[] { "a", "b" }, mapped.Values<ReadOnlyMemory<char>>("ImagePath").Select(text => text.ToString()).ToArray());
        Assert.Throws<InvalidDataException>(() => mapped.Values<int>("RegionCount"));
    }

    [TestMethod]
    public void StagesDoNotHideTheNetwork()
    {
        using TestImages images = new((21, 17));
        ITransformer model = All().Fit(_ml.Data.LoadFromEnumerable<ImageRow>([]));
        ITransformer loaded = model.SavedAndLoaded(images), restored = _ml.Saliency.Restore(loaded);
        byte[] network = PipelineNetworks.Segmentation().ToBytes();
        CollectionAssert.AreEqual(_ml.Segmentation.FromTransformer(model).Network.ToBytes(), _ml.Segmentation.FromTransformer(loaded).Network.ToBytes());
        CollectionAssert.AreEqual(_ml.Segmentation.FromTransformer(model).Network.ToBytes(), _ml.Segmentation.FromTransformer(restored).Network.ToBytes());
        CollectionAssert.AreEqual(_ml.Segmentation.FromTransformer(model).Network.ToBytes(), ModelFile.LoadNetwork(images.File("model.zip")).ToBytes());
        Assert.IsNotEmpty(network);
        ITransformer[] stages = [.. Flat(restored)];
        Assert.AreEqual(1, stages.OfType<SegmentationTransformer>().Count());
        Assert.AreEqual(4, stages.OfType<MaskStageTransformer>().Count());
    }

    /// <summary>ML.NET puts it into one chain with the stages of the saved form.</summary>
    [TestMethod]
    public void WhatIsAppendedToALoadedModel_IsThereAfterRestore()
    {
        using TestImages images = new((21, 17));
        IDataView data = _ml.Data.LoadImages(images.Images);
        ITransformer network = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation()), shares = _ml.Segmentation.ClassShares().Fit(network.Transform(data));
        ITransformer copy = _ml.Transforms.CopyColumns("Rows", "MaskHeight").Fit(network.Transform(data));
        TransformerChain<ITransformer> loaded = (TransformerChain<ITransformer>)network.SavedAndLoaded(images);
        TransformerChain<ITransformer> stage = (TransformerChain<ITransformer>)shares.SavedAndLoaded(images);
        AreRestored(loaded.Append(copy), typeof(SegmentationTransformer), copy.GetType());
        AreRestored(loaded.Append(stage).Append(copy), typeof(SegmentationTransformer), typeof(MaskStageTransformer), copy.GetType());
        AreRestored(new([.. loaded, .. stage, copy]), typeof(SegmentationTransformer), typeof(MaskStageTransformer), copy.GetType());
        Assert.IsInstanceOfType<SegmentationTransformer>(_ml.Segmentation.Restore(loaded));

        void AreRestored(TransformerChain<ITransformer> model, params Type[] expected)
        {
            ITransformer restored = _ml.Segmentation.Restore(model);
            CollectionAssert.AreEqual(expected, ((IEnumerable<ITransformer>)restored).Select(transformer => transformer.GetType()).ToArray());
            CollectionAssert.AreEqual(model.Transform(data).Schema.Names(), restored.Transform(data).Schema.Names());
            CollectionAssert.AreEqual(new[] { 17 }, restored.Transform(data).Values<int>("Rows"));
        }
    }

    [TestMethod]
    public void LoadedModelsNameTheMistakeAsWell()
    {
        using TestImages images = new((4, 4));
        IDataView data = _ml.Data.LoadFromEnumerable([MaskRow.Random(13, 7, 1)]);
        ITransformer loaded = _ml.Segmentation.ClassShares(numberOfClasses: 2).Fit(data).SavedAndLoaded(images);
        Exception exception = Assert.Throws<Exception>(() => loaded.Transform(data).Vectors<float>("ClassShares"));
        StringAssert.Contains(exception.ToString(), "The class shares of 'PredictedLabel' cannot be made: pixel");
    }

    private static IEnumerable<ITransformer> Flat(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Flat) : [model];

    private IEstimator<ITransformer> All() => _ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation())
        .Append(_ml.Segmentation.ClassShares())
        .Append(_ml.Segmentation.Regions(labels: [1], minimumArea: 3))
        .Append(_ml.Segmentation.Overlay())
        .Append(_ml.Segmentation.CutOut([1, 2], softEdge: 1));

    private sealed class Result
    {
        public float[] ClassShares { get; set; } = [];

        public int RegionCount { get; set; }

        public MLImage? Overlay { get; set; }
    }

    private sealed class KeyRow
    {
        public MLImage? Image { get; set; }

        [KeyType(3)]
        public byte[] Label { get; set; } = [];
    }
}
