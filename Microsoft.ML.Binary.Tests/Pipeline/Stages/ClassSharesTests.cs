using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline.Stages;

[TestClass]
public sealed class ClassSharesTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void SharesAreCountsOfThePixelsThatAreNotIgnored()
    {
        IDataView data = _ml.Data.LoadFromEnumerable([.. Enumerable.Range(0, 5).Select(seed => MaskRow.Random(13 + seed, 7, seed))]);
        IDataView shares = _ml.Segmentation.ClassShares(numberOfClasses: 4).Fit(data).Transform(data);

        List<float[]> actual = shares.Vectors<float>("ClassShares");
        List<byte[]> masks = data.Vectors<byte>("PredictedLabel");
        for (int row = 0; row < masks.Count; row++)
        {
            byte[] known = [.. masks[row].Where(label => label != 255)];
            CollectionAssert.AreEqual(
                Enumerable.Range(0, 4).Select(label => (float)(known.Count(k => k == label) / (double)known.Length)).ToArray(), actual[row]);
            Assert.AreEqual(1, actual[row].Sum(share => (double)share), 1e-6);
            Assert.IsGreaterThan(known.Length, masks[row].Length, "some pixels are ignored");
        }
    }

    [TestMethod]
    public void AnIgnoredMaskHasNoSharesAndAnotherLabelMayBeTheIgnoredOne()
    {
        IDataView data = _ml.Data.LoadFromEnumerable([MaskRow.Of(new(2, 2, [7, 7, 7, 7])), MaskRow.Of(new(2, 2, [0, 1, 7, 1]))]);
        List<float[]> shares = _ml.Segmentation.ClassShares(numberOfClasses: 2, ignoreIndex: 7).Fit(data).Transform(data).Vectors<float>("ClassShares");
        CollectionAssert.AreEqual(new float[] { 0, 0 }, shares[0]);
        CollectionAssert.AreEqual(new[] { (float)(1 / 3.0), (float)(2 / 3.0) }, shares[1]);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(254)]
    [DataRow(255)]
    public void SizeStaysKnownAfterLoading(int classes)
    {
        using TestImages images = new((4, 4));
        IDataView data = _ml.Data.LoadFromEnumerable([MaskRow.Of(new(2, 2, [0, 0, (byte)(classes - 1), 255]))]);
        MaskStageTransformer model = _ml.Segmentation.ClassShares("Shares", numberOfClasses: classes).Fit(data);
        IDataView expected = model.Transform(data), actual = model.SavedAndLoaded(images).Transform(data);
        CollectionAssert.AreEqual(expected.Schema.Names(), actual.Schema.Names());
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, classes), expected.Schema["Shares"].Type);
        Assert.AreEqual(expected.Schema["Shares"].Type, actual.Schema["Shares"].Type);
        ScoredRows.AreEqual(expected.Vectors<float>("Shares"), actual.Vectors<float>("Shares"));
    }

    [TestMethod]
    public void SlotsHaveTheNamesOfTheClasses()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView data = _ml.Data.LoadImages(images.Images);
        ITransformer model = _ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()).Append(_ml.Segmentation.ClassShares()).Fit(data);
        CollectionAssert.AreEqual(new[] { "class 0", "class 1", "class 2" }, model.Transform(data).Schema["ClassShares"].SlotNames());

        IDataView given = _ml.Segmentation.ClassShares(classNames: ["a", "b"]).Fit(Masks()).Transform(Masks());
        CollectionAssert.AreEqual(new[] { "a", "b" }, given.Schema["ClassShares"].SlotNames());
        Assert.IsTrue(given.Schema["ClassShares"].HasSlotNames());

        // ML.NET saves no annotations; Restore brings them back.
        ITransformer loaded = model.SavedAndLoaded(images), restored = _ml.Saliency.Restore(loaded);
        Assert.IsFalse(loaded.Transform(data).Schema["ClassShares"].HasSlotNames());
        CollectionAssert.AreEqual(new[] { "class 0", "class 1", "class 2" }, restored.Transform(data).Schema["ClassShares"].SlotNames());
        ScoredRows.AreEqual(model.Transform(data).Vectors<float>("ClassShares"), loaded.Transform(data).Vectors<float>("ClassShares"));
        ScoredRows.AreEqual(model.Transform(data).Vectors<float>("ClassShares"), restored.Transform(data).Vectors<float>("ClassShares"));
    }

    [TestMethod]
    public void SharesAreFeaturesForATrainerOfMlNetAlsoAfterLoading()
    {
        using TestImages images = new((4, 4));
        IDataView data = _ml.Data.LoadFromEnumerable([.. Enumerable.Range(0, 20).Select(i => new LabelledMask
        {
            PredictedLabel = [0, 1, (byte)(i % 2), (byte)(i % 2)],
            Label = i % 2 == 1,
        })]);
        ITransformer model = _ml.Segmentation.ClassShares("Features", numberOfClasses: 2)
            .Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression()).Fit(data);
        IDataView scored = model.SavedAndLoaded(images).Transform(data);
        CollectionAssert.AreEqual(model.Transform(data).Values<float>("Score"), scored.Values<float>("Score"));
        CollectionAssert.AreEqual(data.Values<bool>("Label"), scored.Values<bool>("PredictedLabel"));
    }

    [TestMethod]
    public void WrongInputIsRefusedByName()
    {
        IDataView data = _ml.Data.LoadFromEnumerable([MaskRow.Of(new(3, 2, [0, 1, 2, 3, 4, 5]), "street.png"), MaskRow.Of(new(1, 1, [0]))]);
        Expect<ArgumentException>(() => _ml.Segmentation.ClassShares().Fit(data), "'PredictedLabel' does not say what classes it has: give numberOfClasses or classNames");
        Expect<ArgumentException>(() => _ml.Segmentation.ClassShares(inputColumnName: "Mask", numberOfClasses: 2).Fit(data).Transform(data), "no column 'Mask'; they have 'PredictedLabel'");
        Expect<ArgumentException>(() => _ml.Segmentation.ClassShares(inputColumnName: "Saliency", numberOfClasses: 2).Fit(data).Transform(data), "'Saliency' holds Vector<Single>; it must hold a vector of bytes");
        Expect<ArgumentException>(() => _ml.Segmentation.ClassShares(numberOfClasses: 256), "from 1 to 255");
        Expect<ArgumentException>(() => _ml.Segmentation.ClassShares(classNames: ["a"], numberOfClasses: 2), "numberOfClasses is 2, and there are 1 classNames");
        Expect<ArgumentException>(() => _ml.Segmentation.ClassShares("", numberOfClasses: 2), "not be empty");
        Expect<InvalidDataException>(
            () => _ml.Segmentation.ClassShares(numberOfClasses: 3).Fit(data).Transform(data).Vectors<float>("ClassShares"),
            "row 0 (street.png): The class shares of 'PredictedLabel' cannot be made: pixel 3 (counted row by row from 0) has the label 3, and there are 3 classes: 0 to 2, or 255");
    }

    internal static void Expect<T>(Action action, string part)
        where T : Exception
    {
        Exception exception = Assert.Throws<T>(action);
        StringAssert.Contains(exception.Message, part);
    }

    private IDataView Masks() => _ml.Data.LoadFromEnumerable([MaskRow.Of(new(1, 1, [0]))]);

    private sealed class LabelledMask
    {
        public byte[] PredictedLabel { get; set; } = [];

        public bool Label { get; set; }
    }
}
