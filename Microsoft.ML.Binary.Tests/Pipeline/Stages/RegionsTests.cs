namespace Microsoft.ML.Binary.Tests.Pipeline.Stages;

/// <summary>What regions there are is tested in <c>MaskRegionsTests</c>, against a slow reference; here, that the columns say it.</summary>
[TestClass]
public sealed class RegionsTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    [DataRow(PixelConnectivity.Four, 1)]
    [DataRow(PixelConnectivity.Eight, 4)]
    public void ColumnsSayWhatMaskRegionsFinds(PixelConnectivity connectivity, int minimumArea)
    {
        using TestImages images = new((4, 4));
        MaskRow[] rows = [.. Enumerable.Range(0, 6).Select(seed => MaskRow.Random(23 + seed, 17, seed))];
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        MaskStageTransformer model = _ml.Segmentation.Regions(new MaskRegionOptions { Connectivity = connectivity, MinimumArea = minimumArea, IdsColumnName = "Ids" }).Fit(data);

        foreach (ITransformer transformer in new[] { model, model.SavedAndLoaded(images), _ml.Segmentation.Restore(model.SavedAndLoaded(images)) })
        {
            IDataView found = transformer.Transform(data);
            RegionPrediction[] predictions = [.. _ml.Data.CreateEnumerable<RegionPrediction>(found, reuseRowObject: false)];
            List<int[]> ids = found.Vectors<int>("Ids");
            for (int i = 0; i < rows.Length; i++)
            {
                MaskRegions expected = MaskRegions.Find(new(rows[i].MaskWidth, rows[i].MaskHeight, rows[i].PredictedLabel), [0, 1, 2], connectivity, minimumArea);
                Assert.AreEqual(expected.Regions.Length, predictions[i].RegionCount);
                Assert.IsGreaterThan(3, predictions[i].RegionCount);
                CollectionAssert.AreEqual(
                    expected.Regions.Select(r => r with { CentroidX = (float)r.CentroidX, CentroidY = (float)r.CentroidY }).ToArray(),
                    predictions[i].ToRegions().ToArray());
                CollectionAssert.AreEqual(expected.Ids.ToArray(), ids[i]);
            }
        }
    }

    [TestMethod]
    public void OnlyTheClassesThatWereAskedFor()
    {
        IDataView data = _ml.Data.LoadFromEnumerable([MaskRow.Of(new(5, 1, [1, 2, 0, 2, 1])), MaskRow.Of(new(1, 1, [0]))]);
        IDataView found = _ml.Segmentation.Regions(labels: [2]).Fit(data).Transform(data);
        CollectionAssert.AreEqual(new[] { 2, 0 }, found.Values<int>("RegionCount"));
        CollectionAssert.AreEqual(new[] { 1, 0, 1, 1, 3, 0, 1, 1 }, found.Vectors<int>("RegionBoxes")[0]);
        CollectionAssert.AreEqual(new byte[] { 2, 2 }, found.Vectors<byte>("RegionLabels")[0]);
        Assert.IsEmpty(found.Vectors<float>("RegionCentroids")[1]);
    }

    [TestMethod]
    public void AListThatChangesLaterChangesNoStage()
    {
        IDataView data = _ml.Data.LoadFromEnumerable([MaskRow.Of(new(5, 1, [1, 2, 0, 2, 1]))]);
        byte[] labels = [2];
        MaskStageTransformer regions = _ml.Segmentation.Regions(labels: labels).Fit(data);
        labels[0] = 0;
        CollectionAssert.AreEqual(new[] { 2 }, regions.Transform(data).Values<int>("RegionCount"));
    }

    [TestMethod]
    public void ContoursKeepObjectsApart()
    {
        IDataView data = _ml.Data.LoadFromEnumerable([MaskRow.Of(new(6, 1, [2, 1, 2, 2, 1, 2]))]);
        IDataView found = _ml.Segmentation.Regions(new MaskRegionOptions { Labels = [1], ContourLabel = 2 }).Fit(data).Transform(data);
        CollectionAssert.AreEqual(new[] { 3, 3 }, found.Vectors<int>("RegionAreas")[0]);
        CollectionAssert.AreEqual(new byte[] { 1, 1 }, found.Vectors<byte>("RegionLabels")[0]);
    }

    [TestMethod]
    [DataRow(true, 2)]
    [DataRow(false, 1)]
    public void InsidesAreTakenApartAtNecksUnlessToldNotTo(bool splitAtNecks, int expected)
    {
        using TestImages images = new((4, 4));
        byte[] dumbbell = [.. string.Concat("111...111", "111111111", "111...111").Select(c => (byte)(c == '1' ? 1 : 2))];
        IDataView data = _ml.Data.LoadFromEnumerable([MaskRow.Of(new(9, 3, dumbbell))]);
        MaskRegionOptions options = new() { Labels = [1], ContourLabel = 2, SplitAtNecks = splitAtNecks };
        MaskStageTransformer model = _ml.Segmentation.Regions(options).Fit(data);
        CollectionAssert.AreEqual(new[] { expected }, model.Transform(data).Values<int>("RegionCount"));
        CollectionAssert.AreEqual(new[] { expected }, model.SavedAndLoaded(images).Transform(data).Values<int>("RegionCount"));
    }

    /// <summary>Models that were saved before insides were taken apart find what they found.</summary>
    [TestMethod]
    public void EarlierStagesLeaveInsidesWhole()
    {
        RegionsStage stage = (RegionsStage)SavedStage.Read("""{"$type":"Regions","Options":{"Labels":[1],"ContourLabel":2}}"""u8.ToArray());
        Assert.IsFalse(stage.SplitAtNecks);
        Assert.AreEqual((byte)2, stage.Options.ContourLabel);
    }

    [TestMethod]
    public void OwnNamesOfColumnsSurvive()
    {
        using TestImages images = new((4, 4));
        IDataView data = _ml.Data.LoadFromEnumerable([MaskRow.Random(9, 9, 1)]);
        MaskRegionOptions options = new() { CountColumnName = "N", LabelsColumnName = "L", AreasColumnName = "A", BoxesColumnName = "B", CentroidsColumnName = "C" };
        MaskStageTransformer model = _ml.Segmentation.Regions(options).Fit(data);
        IDataView expected = model.Transform(data), actual = model.SavedAndLoaded(images).Transform(data);
        CollectionAssert.AreEqual(new[] { "PredictedLabel", "Saliency", "MaskHeight", "MaskWidth", "ImagePath", "N", "L", "A", "B", "C" }, expected.Schema.Names());
        CollectionAssert.AreEqual(expected.Schema.Names(), actual.Schema.Names());
        ScoredRows.AreEqual(expected.Vectors<int>("B"), actual.Vectors<int>("B"));
        CollectionAssert.AreEqual(expected.Schema.Select(c => c.Type).ToArray(), actual.Schema.Where(c => !c.IsHidden).Select(c => c.Type).ToArray());
    }

    [TestMethod]
    public void WrongInputIsRefusedByName()
    {
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.Regions(minimumArea: 0), "MinimumArea");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.Regions(labels: []), "name at least one class");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.Regions(new MaskRegionOptions { ContourLabel = 2 }), "ContourLabel is the contour around one class");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.Regions(new MaskRegionOptions { CountColumnName = "RegionAreas" }), "names must differ");
        MaskRow wrong = MaskRow.Random(4, 4, 1);
        wrong.MaskWidth = 5;
        IDataView data = _ml.Data.LoadFromEnumerable([wrong]);
        ClassSharesTests.Expect<InvalidDataException>(
            () => _ml.Segmentation.Regions().Fit(data).Transform(data).Values<int>("RegionCount"),
            "row 0 (001.png): The regions of 'PredictedLabel' cannot be made: the mask has 16 values, and its columns of width and height say 5x4 pixels.");
    }
}
