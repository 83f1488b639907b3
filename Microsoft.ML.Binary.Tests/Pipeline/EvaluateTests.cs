using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Tests.Pipeline.MultiTask;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public class EvaluateTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void SegmentationIsThatOfTheAccumulator()
    {
        using TestImages images = new((40, 32), (33, 47));
        SegmentationTransformer transformer = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation());
        IDataView scored = transformer.Transform(_ml.Data.LoadImagePairs(images.Images, images.Masks));
        SegmentationMetricsAccumulator expected = new(transformer.Network.ClassNames);
        List<byte[]> predictions = scored.Vectors<byte>("PredictedLabel");
        expected.Add("a", TestImages.Labels(40, 32, 0), predictions[0], 40, 32);
        expected.Add("b", TestImages.Labels(33, 47, 1), predictions[1], 33, 47);

        SegmentationMetrics metrics = _ml.Segmentation.Evaluate(scored);

        Assert.AreEqual(expected.ToMetrics().MeanIoU, metrics.MeanIoU);
        Assert.AreEqual(expected.ToMetrics().IgnoredPixelCount, metrics.IgnoredPixelCount);
        CollectionAssert.AreEqual(transformer.Network.ClassNames, metrics.ClassNames);
        CollectionAssert.AreEqual(new[] { images.MaskPath(0), images.MaskPath(1) }, metrics.Images.Select(image => image.Name).ToArray());
    }

    [TestMethod]
    public void SaliencyIsThatOfTheAccumulator()
    {
        using TestImages images = new((40, 32), (33, 47));
        IDataView scored = _ml.Saliency.FromNetwork(PipelineNetworks.Saliency(), new() { SaliencyColumnName = "Map", MaskHeightColumnName = "H", MaskWidthColumnName = "W" })
            .Transform(_ml.Data.LoadImagePairs(images.Images, images.Objects, MaskKind.Saliency));
        SaliencyMetricsAccumulator expected = new();
        List<float[]> maps = scored.Vectors<float>("Map");
        expected.Add("a", maps[0], TestImages.ObjectOf(40, 32, 0), 40, 32);
        expected.Add("b", maps[1], TestImages.ObjectOf(33, 47, 1), 33, 47);

        SaliencyMetrics metrics = _ml.Saliency.Evaluate(scored, "Label", "Map", "H", "W");

        Assert.AreEqual(expected.ToMetrics().MeanAbsoluteError, metrics.MeanAbsoluteError);
        Assert.AreEqual(expected.ToMetrics().SMeasure, metrics.SMeasure);
    }

    [TestMethod]
    public void LoadedModelGivesTheSameFiguresAndLosesOnlyTheClassNames()
    {
        using TestImages images = new((40, 32));
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        SegmentationTransformer transformer = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation());
        double expected = _ml.Segmentation.Evaluate(transformer.Transform(data)).MeanIoU;
        _ml.Model.Save(transformer, null, images.File("model.zip"));
        ITransformer loaded = _ml.Model.Load(images.File("model.zip"), out _);

        Assert.AreEqual(expected, _ml.Segmentation.Evaluate(loaded.Transform(data), classNames: transformer.Network.ClassNames).MeanIoU);
        Assert.AreEqual(expected, _ml.Segmentation.Evaluate(_ml.Segmentation.FromTransformer(loaded).Transform(data)).MeanIoU);
        Assert.AreEqual(expected, _ml.Segmentation.Evaluate(loaded.Transform(data)).MeanIoU);
    }

    [TestMethod]
    public void RowThatDoesNotFitIsNamed()
    {
        using TestImages images = new((40, 32), (33, 47));
        SegmentationTransformer transformer = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation());
        byte[] labels = new byte[33 * 47];
        labels[33 + 2] = 9;
        MaskWriter.Save(images.MaskPath(1), new SegmentationMask(33, 47, labels));
        IDataView scored = transformer.Transform(_ml.Data.LoadImagePairs(images.Images, images.Masks));

        string message = Assert.ThrowsExactly<InvalidDataException>(() => _ml.Segmentation.Evaluate(scored)).Message;

        StringAssert.Contains(message, "Row 1: ");
        StringAssert.Contains(message, images.MaskPath(1));
        StringAssert.Contains(message, "x=2, y=1 is 9");
        LabelledRow wrongSize = new() { Image = PipelineNetworks.Image(8, 8).ToMLImage(), Label = new byte[63] };
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(
                () => _ml.Segmentation.Evaluate(transformer.Transform(_ml.Data.LoadFromEnumerable([wrongSize])))).Message,
            "Row 0: Image 'row 0': labels has 63 pixels");
    }

    [TestMethod]
    public void DataWithoutRowsOrColumnsAreRefused()
    {
        IDataView none = _ml.Data.LoadFromEnumerable<LabelledRow>([]);
        IDataView segmented = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation()).Transform(none);
        IDataView salient = _ml.Saliency.FromNetwork(PipelineNetworks.Saliency()).Transform(none);

        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _ml.Segmentation.Evaluate(segmented)).Message, "no rows");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => _ml.Saliency.Evaluate(salient)).Message, "no rows");
        StringAssert.Contains(Refused(() => _ml.Segmentation.Evaluate(none)), "no column 'PredictedLabel'");
        StringAssert.Contains(Refused(() => _ml.Segmentation.Evaluate(segmented, labelColumnName: "MaskWidth")), "it must hold a vector of bytes");
        StringAssert.Contains(Refused(() => _ml.Saliency.Evaluate(salient, saliencyColumnName: "Label")), "it must hold a vector of single");
        StringAssert.Contains(Refused(() => _ml.Saliency.Evaluate(salient, maskWidthColumnName: "Label")), "it must hold an Int32");
    }

    [TestMethod]
    public void APrediction_IsNotMeasuredAgainstItself()
    {
        const string Refusal = "which would be measured against itself";
        IDataView none = _ml.Data.LoadFromEnumerable<LabelledRow>([]);
        IDataView segmented = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation()).Transform(none);
        IDataView hidden = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation(), new() { PredictedLabelColumnName = "Label" }).Transform(none);
        IDataView several = _ml.MultiTask.FromNetwork(MultiTaskNetworks.Network()).Transform(none);
        StringAssert.Contains(Refused(() => _ml.Segmentation.Evaluate(segmented, labelColumnName: "PredictedLabel")), Refusal);
        StringAssert.Contains(Refused(() => _ml.Segmentation.Evaluate(hidden, predictedLabelColumnName: "Label")), Refusal);
        StringAssert.Contains(Refused(() => _ml.MultiTask.Evaluate(several, [MultiTaskNetworks.Tasks[0] with { LabelColumnName = "classes.PredictedLabel" }])), Refusal);
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<ArgumentException>(action).Message;
}
