using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Tests.Pipeline;

/// <summary>Working sizes and views give the reference's bits on every way through ML.NET, and survive saving.</summary>
[TestClass]
public sealed class ViewsInPipelineTests
{
    private static readonly (int Width, int Height)[] Sizes = [(90, 61), (33, 80), (32, 20)];

    private static readonly DenseNetwork Network = PipelineNetworks.Segmentation().WithWorkingSize(WorkingSize.Of(32));

    public static IEnumerable<object[]> AllViews =>
    [
        [ViewOptions.AsTrained], [ViewOptions.AsIs], [ViewOptions.At(48)], [new ViewOptions { Scales = [0.75, 1.25], Mirrored = true }],
        [ViewOptions.AsIs with { AttentionReduction = AttentionReduction.Fixed(1) }], [new ViewOptions { AttentionReduction = AttentionReduction.BySize(2) }],
        [ViewOptions.InTiles(new() { Side = 48, Halo = 16 })],
    ];

    [TestMethod]
    [DynamicData(nameof(AllViews))]
    public void EveryWayGivesTheReferencesLabels(ViewOptions views)
    {
        using TestImages files = new(Sizes);
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImages(files.Images);
        List<byte[]> expected = [.. Sizes.Select((_, i) => Labels(RgbImage.Load(files.ImagePath(i)), views))];
        SegmentationTransformer transformer = ml.Segmentation.FromNetwork(Network, new() { Views = views, Threads = 1 });
        ScoredRows.AreEqual(expected, transformer.Transform(data).Vectors<byte>("PredictedLabel"));

        string zip = files.File("model.zip");
        ml.Model.Save(transformer, null, zip);
        ITransformer loaded = new MLContext(2).Model.Load(zip, out _);
        ScoredRows.AreEqual(expected, loaded.Transform(data).Vectors<byte>("PredictedLabel"));
        SegmentationTransformer typed = ml.Segmentation.FromTransformer(loaded);
        Assert.AreEqual(views, typed.Options.Views);
        Assert.AreEqual(WorkingSize.Of(32), typed.Network.WorkingSize);
        ScoredRows.AreEqual(expected, typed.Transform(data).Vectors<byte>("PredictedLabel"));

        // A file is decoded no larger than the network sees it.
        using CompiledNetwork compiled = CompiledNetwork.Compile(Network, new() { Views = views });
        byte[][] ofFiles = [.. Sizes.Select((size, i) =>
        {
            LoadedImage image = ImageReader.Load(files.ImagePath(i), new() { NeededLongestSide = compiled.NeededLongestSide });
            Assert.AreEqual(i < 2 && compiled.NeededLongestSide is > 0 and <= 40 ? 2 : 1, image.Reduction);
            byte[] labels = new byte[size.Width * size.Height];
            compiled.PredictLabels(image.Image, labels, size);
            return labels;
        })];
        CollectionAssert.AreEqual(expected[2], ofFiles[2]);
        SegmentationPredictor[] predictors = [new(Network, new() { Threads = 2, Views = views }), SegmentationPredictor.Load(zip)];
        using ServiceProvider provider = new ServiceCollection().AddBinarySegmentation(zip, threads: 1).BuildServiceProvider();
        foreach (SegmentationPredictor predictor in predictors.Append(provider.GetRequiredService<SegmentationPredictor>()))
        {
            for (int i = 0; i < Sizes.Length; i++)
            {
                CollectionAssert.AreEqual(expected[i], predictor.Predict(RgbImage.Load(files.ImagePath(i))).Labels);
                using FileStream stream = File.OpenRead(files.ImagePath(i));
                CollectionAssert.AreEqual(ofFiles[i], predictor.Predict(stream).Labels);
            }
        }
    }

    [TestMethod]
    public void ViewsGivenToAPredictorReplaceThoseOfTheFile()
    {
        using TestImages files = new(Sizes);
        MLContext ml = new(1);
        string zip = files.File("model.zip");
        ml.Model.Save(ml.Segmentation.FromNetwork(Network, new() { Views = ViewOptions.AsIs }), null, zip);
        RgbImage image = RgbImage.Load(files.ImagePath(0));
        CollectionAssert.AreEqual(Labels(image, ViewOptions.At(48)), SegmentationPredictor.Load(zip, new() { Views = ViewOptions.At(48) }).Predict(image).Labels);
        CollectionAssert.AreEqual(Labels(image, ViewOptions.AsIs), SegmentationPredictor.Load(zip, new()).Predict(image).Labels, "as saved");
    }

    [TestMethod]
    public void AModelSavedWithTheNetworksOwnViewsIsTheNetworkFile()
    {
        CollectionAssert.AreEqual(Network.ToBytes(), new StoredModel(Network, ViewOptions.AsTrained).ToBytes());
        Assert.AreEqual(ViewOptions.AsTrained, StoredModel.Read(Network.ToBytes(), "a").Views);
    }

    [TestMethod]
    [DataRow("{\"LongestSide\":-3,\"Scales\":[1],\"Mirrored\":false}", "-3")]
    [DataRow("{\"LongestSide\":3,\"Scales\":[99],\"Mirrored\":false}", "Scales are 99")]
    [DataRow("{\"LongestSide\":3,\"Scales\":null,\"Mirrored\":false}", "Scales are none")]
    [DataRow("{\"LongestSide\":3}", "cannot be used")]
    [DataRow("{\"LongestSide\":3,\"Scales\":[1],\"Mirrored\":false,\"Rotated\":true}", "Rotated")]
    [DataRow("[]", "cannot be used")]
    public void SavedViewsThatMakeNoSenseAreRefused(string json, string problem)
    {
        byte[] views = Encoding.UTF8.GetBytes(json);
        byte[] payload = [.. "MLBV"u8, .. BitConverter.GetBytes(views.Length), .. views, .. Network.ToBytes()];
        StringAssert.Contains(Assert.ThrowsExactly<NetworkFileException>(() => StoredModel.Read(payload, "a")).Message, problem);
    }

    [TestMethod]
    [DataRow(new byte[] { })]
    [DataRow(new byte[] { 1, 0 })]
    [DataRow(new byte[] { 0, 0, 0, 0 })]
    [DataRow(new byte[] { 255, 255, 255, 255, 1 })]
    [DataRow(new byte[] { 9, 0, 0, 0, 1 })]
    public void TruncatedViewsAreRefused(byte[] rest) => StringAssert.Contains(
        Assert.ThrowsExactly<NetworkFileException>(() => StoredModel.Read([.. "MLBV"u8, .. rest], "a")).Message, "truncated or damaged");

    [TestMethod]
    public void TrainingProposesStoresAndUsesAWorkingSize()
    {
        using TestImages files = new((40, 30), (80, 60), (60, 80));
        MLContext ml = new(1);
        List<string> log = [];
        ml.Log += (_, e) => log.Add(e.Message);
        IDataView data = ml.Data.LoadImagePairs(files.Images, files.Masks);
        SegmentationTrainerOptions options = TrainerTests.FewSteps with { Steps = 2, CropHeight = 16, CropWidth = 16, Seed = 1 };

        DenseNetwork trained = ml.Segmentation.Trainers.BinaryDenseNet(options).Fit(data).Network;
        Assert.AreEqual(WorkingSize.Of(80), trained.WorkingSize);
        Assert.AreEqual("80", trained.Provenance["size"]);
        Assert.IsTrue(log.Any(line => line.Contains("working size 80: the longest sides of the training images are 40 to 80", StringComparison.Ordinal)), string.Join("\n", log));

        Assert.AreEqual(WorkingSize.Of(24), Fit(options with { WorkingSize = WorkingSize.Of(24) }).WorkingSize);
        Assert.AreEqual(WorkingSize.Own, Fit(options with { WorkingSize = WorkingSize.Own }).WorkingSize);
        SegmentationTrainerOptions tuning = options with { Network = null, InitialNetwork = trained.WithWorkingSize(WorkingSize.Of(56)) };
        Assert.AreEqual(WorkingSize.Of(56), Fit(tuning).WorkingSize, "fine-tuning keeps the size that the network knows");
        Assert.AreEqual(WorkingSize.Of(30), Fit(tuning with { WorkingSize = WorkingSize.Of(30) }).WorkingSize);

        DenseNetwork Fit(SegmentationTrainerOptions o) => ml.Segmentation.Trainers.BinaryDenseNet(o).Fit(data).Network;
    }

    private static byte[] Labels(RgbImage image, ViewOptions views)
    {
        FeatureMap logits = ReferenceViews.Logits(Network, image, views);
        return [.. Enumerable.Range(0, logits.Pixels).Select(i => (byte)Enumerable.Range(0, logits.Channels).MaxBy(c => (logits.Values[c * logits.Pixels + i], -c)))];
    }
}
