using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.Binary.Tests.Pipeline;

namespace Microsoft.ML.Binary.Tests.Pretrained;

[TestClass]
public sealed class PretrainedPipelineTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void AStageScoresAsTheNetworkDoesAndIsSavedAndLoaded()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView data = _ml.Data.LoadImages(images.Images);
        ITransformer model = _ml.Segmentation
            .Pretrained(PretrainedModel.Road, new() { PredictedLabelColumnName = "Mask", ScoreColumnName = "Probability" })
            .Append(_ml.Saliency.Pretrained())
            .Fit(data);

        IDataView expected = _ml.Segmentation.FromNetwork(PretrainedNetworks.Load(PretrainedModel.Road), new() { ScoreColumnName = "Score" }).Transform(data);
        IDataView scored = model.Transform(data);
        ScoredRows.AreEqual(expected.Vectors<byte>("PredictedLabel"), scored.Vectors<byte>("Mask"));
        ScoredRows.AreEqual(expected.Vectors<float>("Score"), scored.Vectors<float>("Probability"));

        _ml.Model.Save(model, null, images.File("model.zip"));
        MLContext other = new();
        ITransformer loaded = other.Model.Load(images.File("model.zip"), out _);
        ScoredRows.AreEqual(scored.Vectors<byte>("Mask"), loaded.Transform(data).Vectors<byte>("Mask"));
        ScoredRows.AreEqual(scored.Vectors<float>("Saliency"), loaded.Transform(data).Vectors<float>("Saliency"));
        CollectionAssert.AreEqual(new[] { "not road", "road" }, other.Segmentation.FromTransformer(loaded).Network.ClassNames.ToArray());
    }

    [TestMethod]
    public void AStageStandsBehindStagesOfMlNet()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView files = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 2).Select(i => new Photo { Name = Path.GetFileName(images.ImagePath(i)) }));
        var pipeline = _ml.Transforms.LoadImages("Image", images.Images, "Name")
            .Append(_ml.Transforms.ResizeImages("Image", imageWidth: 64, imageHeight: 48))
            .Append(_ml.Segmentation.Pretrained(PretrainedModel.RoadScene));
        IDataView scored = pipeline.Fit(files).Transform(files);
        CollectionAssert.AreEqual(new[] { 64 * 48, 64 * 48 }, scored.Vectors<byte>("PredictedLabel").Select(mask => mask.Length).ToArray());
    }

    [TestMethod]
    public void TheWrongTaskNamesTheRightCall()
    {
        StringAssert.Contains(
            Refused(() => _ml.Segmentation.Pretrained(PretrainedModel.Saliency)),
            "PretrainedModel.Saliency is a network for saliency; use ml.Saliency.Pretrained(PretrainedModel.Saliency)");
        StringAssert.Contains(
            Refused(() => _ml.Saliency.Pretrained(PretrainedModel.Road)), "use ml.Segmentation.Pretrained(PretrainedModel.Road)");
        StringAssert.Contains(
            Refused(() => new ServiceCollection().AddBinarySaliency(PretrainedModel.RoadScene)), "use AddBinarySegmentation(PretrainedModel.RoadScene)");
        StringAssert.Contains(
            Refused(() => new ServiceCollection().AddBinarySegmentation(PretrainedModel.Saliency)), "use AddBinarySaliency(PretrainedModel.Saliency)");
    }

    [TestMethod]
    public void PredictorsComeFromDependencyInjection()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddBinarySegmentation(PretrainedModel.RoadScene, threads: 1)
            .AddBinarySegmentation(PretrainedModel.Road, serviceKey: "road")
            .AddBinarySaliency(PretrainedModel.Saliency)
            .BuildServiceProvider();
        SegmentationPredictor scene = services.GetRequiredService<SegmentationPredictor>();
        Assert.AreSame(scene, services.GetRequiredService<SegmentationPredictor>());
        Assert.HasCount(11, scene.Network.ClassNames);
        Assert.HasCount(2, services.GetRequiredKeyedService<SegmentationPredictor>("road").Network.ClassNames);
        Assert.AreEqual(24 * 40, services.GetRequiredService<SaliencyPredictor>().Predict(PipelineNetworks.Image(40, 24)).Values.Length);
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<ArgumentException>(action).Message;

    private sealed class Photo
    {
        public string Name { get; set; } = "";
    }
}
