using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public class SavedModelTests
{
    [TestMethod]
    public void LoadedSegmentationGivesIdenticalOutput()
    {
        using TestImages images = new((21, 17), (33, 18), (16, 16));
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImages(images.Images);
        SegmentationTransformer transformer = ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation());

        IDataView expected = transformer.Transform(data);
        IDataView actual = SaveAndLoad(ml, transformer, images.File("model.zip")).Transform(data);

        CollectionAssert.AreEqual(expected.Schema.Names(), actual.Schema.Names());
        ScoredRows.AreEqual(expected.Vectors<byte>("PredictedLabel"), actual.Vectors<byte>("PredictedLabel"));
        CollectionAssert.AreEqual(new[] { 17, 18, 16 }, actual.Values<int>("MaskHeight"));
        CollectionAssert.AreEqual(new[] { 21, 33, 16 }, actual.Values<int>("MaskWidth"));
    }

    [TestMethod]
    public void LoadedSaliencyGivesIdenticalOutput()
    {
        using TestImages images = new((21, 17), (33, 18));
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImages(images.Images);
        SaliencyTransformer transformer = ml.Saliency.FromNetwork(PipelineNetworks.Saliency(), new() { SaliencyColumnName = "Map" });

        IDataView expected = transformer.Transform(data);
        IDataView actual = SaveAndLoad(ml, transformer, images.File("model.zip")).Transform(data);

        CollectionAssert.AreEqual(expected.Schema.Names(), actual.Schema.Names());
        ScoredRows.AreEqual(expected.Vectors<float>("Map"), actual.Vectors<float>("Map"));
    }

    [TestMethod]
    public void OwnColumnNamesSurvive()
    {
        using TestImages images = new((21, 17), (33, 18));
        MLContext ml = new(1);
        IDataView data = Renamed(ml, ml.Data.LoadImages(images.Images), "Photo");
        SegmentationTransformer transformer = ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation(), PipelineNetworks.OwnNames);

        IDataView expected = transformer.Transform(data);
        IDataView actual = SaveAndLoad(ml, transformer, images.File("model.zip")).Transform(data);

        CollectionAssert.AreEqual(new[] { "ImagePath", "Photo", "Classes", "Probabilities", "Rows", "Columns" }, actual.Schema.Names());
        ScoredRows.AreEqual(expected.Vectors<byte>("Classes"), actual.Vectors<byte>("Classes"));
        ScoredRows.AreEqual(expected.Vectors<float>("Probabilities"), actual.Vectors<float>("Probabilities"));
        CollectionAssert.AreEqual(new[] { 21, 33 }, actual.Values<int>("Columns"));
    }

    [TestMethod]
    public void LoadedModelBecomesTheTypedTransformerAgain()
    {
        using TestImages images = new((21, 17));
        MLContext ml = new(1);
        SegmentationTransformer transformer = ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation(), PipelineNetworks.OwnNames);

        SegmentationTransformer back = ml.Segmentation.FromTransformer(SaveAndLoad(ml, transformer, images.File("model.zip")));

        Assert.AreEqual(PipelineNetworks.OwnNames, back.Options);
        CollectionAssert.AreEqual(transformer.Network.ToBytes(), back.Network.ToBytes());
        CollectionAssert.AreEqual(transformer.Network.ClassNames.ToArray(), back.Network.ClassNames.ToArray());
        CollectionAssert.AreEqual(transformer.Network.Palette.ToArray(), back.Network.Palette.ToArray());
        IDataView data = Renamed(ml, ml.Data.LoadImages(images.Images), "Photo");
        ScoredRows.AreEqual(transformer.Transform(data).Vectors<float>("Probabilities"), back.Transform(data).Vectors<float>("Probabilities"));
    }

    [TestMethod]
    public void StageIsFoundInsideOfNestedChains()
    {
        using TestImages images = new((21, 17));
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImages(images.Images);
        DenseNetwork network = PipelineNetworks.Segmentation();
        ITransformer inner = ml.Transforms.CopyColumns("Copy", "Image").Append(ml.Segmentation.ApplyNetwork(network)).Fit(data);
        TransformerChain<ITransformer> outer = new(ml.Transforms.CopyColumns("Other", "Image").Fit(data), inner);

        ITransformer loaded = SaveAndLoad(ml, outer, images.File("model.zip"));

        CollectionAssert.AreEqual(network.ToBytes(), ml.Segmentation.FromTransformer(loaded).Network.ToBytes());
        Assert.AreSame(network, ml.Segmentation.FromTransformer(outer).Network);
        ScoredRows.AreEqual(outer.Transform(data).Vectors<byte>("PredictedLabel"), loaded.Transform(data).Vectors<byte>("PredictedLabel"));
    }

    [TestMethod]
    public void PixelsOfModelsFromBeforeThereWasAlphaAreRead()
    {
        byte[] size = SavedPixelInput.SizeBytes(height: 1, width: 2);
        SavedPixelInput before = new() { Size = new(size.Length, size), Argb = new(6, [10, 20, 30, 40, 50, 60]) };
        CollectionAssert.AreEqual(new byte[] { 10, 20, 30, 40, 50, 60 }, before.Pixels().Pixels);
        SavedPixelInput now = new() { Size = new(size.Length, size), Argb = new(8, [255, 10, 20, 30, 0, 0, 0, 0]) };
        CollectionAssert.AreEqual(new byte[] { 10, 20, 30, 255, 255, 255 }, now.Pixels().Pixels, "what is transparent is white");
    }

    [TestMethod]
    public void LoadedModelCanBeSavedAgain()
    {
        using TestImages images = new((21, 17));
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImages(images.Images);
        SegmentationTransformer transformer = ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation());

        ITransformer twice = SaveAndLoad(ml, SaveAndLoad(ml, transformer, images.File("1.zip")), images.File("2.zip"));

        ScoredRows.AreEqual(transformer.Transform(data).Vectors<byte>("PredictedLabel"), twice.Transform(data).Vectors<byte>("PredictedLabel"));
    }

    [TestMethod]
    public void ModelWithBothTasksGivesEach()
    {
        using TestImages images = new((21, 17));
        MLContext ml = new(1);
        TransformerChain<ITransformer> both = new(
            ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation()), ml.Saliency.FromNetwork(PipelineNetworks.Saliency()));

        ITransformer loaded = SaveAndLoad(ml, both, images.File("model.zip"));

        Assert.AreEqual(DenseTask.Segmentation, ml.Segmentation.FromTransformer(loaded).Network.Task);
        Assert.AreEqual(DenseTask.Saliency, ml.Saliency.FromTransformer(loaded).Network.Task);
    }

    [TestMethod]
    public void ModelWithoutOrWithSeveralNetworksIsRefused()
    {
        MLContext ml = new(1);
        SegmentationTransformer segmentation = ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation());
        IDataView data = ml.Data.LoadFromEnumerable<ImageRow>([]);

        StringAssert.Contains(Refused(() => ml.Segmentation.FromTransformer(ml.Transforms.CopyColumns("A", "Image").Fit(data))), "none of its stages");
        StringAssert.Contains(Refused(() => ml.Saliency.FromTransformer(segmentation)), "use ml.Segmentation");
        StringAssert.Contains(
            Refused(() => ml.Segmentation.FromTransformer(new TransformerChain<ITransformer>(segmentation, segmentation))), "2 segmentation networks");
        StringAssert.Contains(Refused(() => ml.Saliency.FromNetwork(PipelineNetworks.Segmentation())), "segmentation network; use ml.Segmentation");
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<ArgumentException>(action).Message;

    private static ITransformer SaveAndLoad(MLContext ml, ITransformer transformer, string path)
    {
        ml.Model.Save(transformer, null, path);
        return new MLContext().Model.Load(path, out _);
    }

    private static IDataView Renamed(MLContext ml, IDataView data, string name)
    {
        IDataView copied = ml.Transforms.CopyColumns(name, "Image").Fit(data).Transform(data);
        return ml.Transforms.DropColumns("Image").Fit(copied).Transform(copied);
    }
}
