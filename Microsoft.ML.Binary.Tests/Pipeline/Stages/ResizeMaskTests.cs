namespace Microsoft.ML.Binary.Tests.Pipeline.Stages;

[TestClass]
public sealed class ResizeMaskTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    [DataRow(20, 14, 7, 5)]
    [DataRow(7, 5, 20, 14)]
    [DataRow(9, 9, 9, 9)]
    [DataRow(1, 1, 3, 2)]
    [DataRow(13, 11, 1, 1)]
    public void EachPixelGetsTheOneThatItsMiddleLiesIn(int width, int height, int newWidth, int newHeight)
    {
        using TestImages images = new((4, 4));
        MaskRow row = MaskRow.Random(width, height, 3);
        IDataView data = _ml.Data.LoadFromEnumerable([row]);
        int[] from = [.. from y in Enumerable.Range(0, newHeight)
                         from x in Enumerable.Range(0, newWidth)
                         select (int)Math.Floor((y + 0.5m) * height / newHeight) * width + (int)Math.Floor((x + 0.5m) * width / newWidth)];

        MaskStageTransformer labels = _ml.Segmentation.ResizeMask(newWidth, newHeight).Fit(data), saliency = _ml.Saliency.ResizeMask(newWidth, newHeight).Fit(data);

        foreach (ITransformer model in new[] { labels, labels.SavedAndLoaded(images) })
        {
            IDataView resized = model.Transform(data);
            CollectionAssert.AreEqual(from.Select(i => row.PredictedLabel[i]).ToArray(), resized.Vectors<byte>("PredictedLabel")[0]);
            Assert.AreEqual((newHeight, newWidth), (resized.Values<int>("MaskHeight")[0], resized.Values<int>("MaskWidth")[0]));
        }

        foreach (ITransformer model in new[] { saliency, saliency.SavedAndLoaded(images) })
        {
            CollectionAssert.AreEqual(from.Select(i => row.Saliency[i]).ToArray(), model.Transform(data).Vectors<float>("Saliency")[0]);
        }
    }

    [TestMethod]
    public void ScoredSmallAndShownOnTheOriginal()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView data = _ml.Data.LoadImages(images.Images);
        var pipeline = _ml.Transforms.ResizeImages("Small", 16, 16, "Image")
            .Append(_ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation(), new() { ImageColumnName = "Small" }))
            .Append(_ml.Segmentation.ResizeMaskToImage())
            .Append(_ml.Saliency.ApplyNetwork(PipelineNetworks.Saliency(), new() { ImageColumnName = "Small", MaskHeightColumnName = "H", MaskWidthColumnName = "W" }))
            .Append(_ml.Saliency.ResizeMaskToImage(maskHeightColumnName: "H", maskWidthColumnName: "W"))
            .Append(_ml.Segmentation.Overlay()).Append(_ml.Segmentation.ClassShares());
        ITransformer model = pipeline.Fit(data);
        IDataView scored = model.Transform(data), loaded = model.SavedAndLoaded(images).Transform(data);
        CollectionAssert.AreEqual(new[] { 30, 47 }, scored.Values<int>("MaskHeight"));
        Assert.AreEqual(33 * 47, scored.Vectors<byte>("PredictedLabel")[1].Length);
        Assert.AreEqual(33 * 47, scored.Vectors<float>("Saliency")[1].Length);
        CollectionAssert.AreEqual(new[] { "class 0", "class 1", "class 2" }, scored.Schema["ClassShares"].SlotNames(), "annotations stay");
        ScoredRows.AreEqual(scored.Vectors<byte>("PredictedLabel"), loaded.Vectors<byte>("PredictedLabel"));
        ScoredRows.AreEqual(scored.Vectors<float>("Saliency"), loaded.Vectors<float>("Saliency"));
        ScoredRows.AreEqual(scored.Pictures("Overlay"), loaded.Pictures("Overlay"));
    }

    [TestMethod]
    public void ToImagesOfKnownSize()
    {
        using TestImages images = new((40, 30));
        IDataView data = _ml.Data.LoadImages(images.Images);
        ITransformer model = _ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()).Append(_ml.Transforms.ResizeImages("Small", 10, 8, "Image"))
            .Append(_ml.Segmentation.ResizeMaskToImage("Small", "Mask", "PredictedLabel")).Fit(data);
        IDataView scored = model.Transform(data), loaded = model.SavedAndLoaded(images).Transform(data);
        Assert.AreEqual(80, scored.Vectors<byte>("Mask")[0].Length);
        Assert.AreEqual(1200, scored.Vectors<byte>("PredictedLabel")[0].Length);
        ScoredRows.AreEqual(scored.Vectors<byte>("Mask"), loaded.Vectors<byte>("Mask"));
        CollectionAssert.AreEqual(new[] { 8 }, loaded.Values<int>("MaskHeight"));
    }

    [TestMethod]
    public void WrongInputIsRefused()
    {
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.ResizeMask(0, 5), "width");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Saliency.ResizeMask(5, -1), "height");
        IDataView data = _ml.Data.LoadFromEnumerable([new MaskRow { ImagePath = "a.png" }]);
        ClassSharesTests.Expect<InvalidDataException>(
            () => _ml.Segmentation.ResizeMask(2, 2).Fit(data).Transform(data).Vectors<byte>("PredictedLabel"), "row 0 (a.png): The resized 'PredictedLabel' cannot be made: the mask has 0 values");
    }
}
