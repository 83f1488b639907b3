using System.Globalization;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Pretrained;

/// <summary>The figures of the cards are those of the networks, measured anew.</summary>
[TestClass]
public sealed class PretrainedFiguresTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void RoadScene()
    {
        IDataView data = _ml.Data.LoadImagePairs(SharedData.PathOf("camvid", "val", "images"), SharedData.PathOf("camvid", "val", "masks"));
        SegmentationMetrics metrics = _ml.Segmentation.Evaluate(_ml.Segmentation.Pretrained(PretrainedModel.RoadScene, new() { Threads = 1 }).Fit(data).Transform(data));
        AssertCard(PretrainedModel.RoadScene, ("mean IoU", metrics.MeanIoU), ("pixel accuracy", metrics.PixelAccuracy));
    }

    [TestMethod]
    public void Road()
    {
        List<ImagePair> held = HeldOut("kitti-road");
        SegmentationPredictor predictor = new(PretrainedNetworks.Load(PretrainedModel.Road), new() { Threads = 1 });
        RoadMetricsAccumulator road = new();
        SegmentationMetricsAccumulator labels = new(predictor.Network.ClassNames);
        foreach (ImagePair pair in held)
        {
            RgbImage image = RgbImage.Load(pair.ImagePath);
            byte[] truth = MaskReader.ReadClassIndices(pair.MaskPath).Labels;
            float[] scores = predictor.PredictScores(image).Values.ToArray();
            road.Add(pair.Name, [.. scores.Where((_, i) => i % 2 == 1)], truth, image.Width, image.Height);
            labels.Add(pair.Name, truth, predictor.Predict(image).Labels, image.Width, image.Height);
        }

        RoadMetrics metrics = road.ToMetrics();
        AssertCard(
            PretrainedModel.Road, ("max F", metrics.MaxF), ("average precision", metrics.AveragePrecision), ("mean IoU", labels.ToMetrics().MeanIoU));
    }

    [TestMethod]
    public void Nuclei()
    {
        SegmentationPredictor predictor = new(PretrainedNetworks.Load(PretrainedModel.Nuclei), new() { Threads = 1 });
        SegmentationMetricsAccumulator labels = new(predictor.Network.ClassNames);
        RegionMetricsAccumulator regions = new();
        foreach (ImagePair pair in HeldOut("nuclei"))
        {
            SegmentationMask truth = MaskReader.ReadClassIndices(pair.MaskPath), found = predictor.Predict(RgbImage.Load(pair.ImagePath));
            labels.Add(pair.Name, truth.Labels, found.Labels, truth.Width, truth.Height);
            regions.Add(MaskRegions.Find(truth, inside: 1, contour: 2, splitAtNecks: false), MaskRegions.Find(found, inside: 1, contour: 2, minArea: 16));
        }

        AssertCard(PretrainedModel.Nuclei, ("mean IoU", labels.ToMetrics().MeanIoU), ("F1 of nuclei", regions.ToMetrics().F1));
    }

    [TestMethod]
    public void Saliency()
    {
        SaliencyPredictor predictor = new(PretrainedNetworks.Load(PretrainedModel.Saliency), new() { Threads = 1 });
        SaliencyMetrics pascal = Measure("pascal-s", 5), msra = Measure("msra10k", 10);
        AssertCard(PretrainedModel.Saliency, ("MAE", pascal.MeanAbsoluteError), ("max F", pascal.MaxF), ("MAE", msra.MeanAbsoluteError), ("max F", msra.MaxF));

        SaliencyMetrics Measure(string set, int every)
        {
            SaliencyMetricsAccumulator accumulator = new(new() { Measures = SaliencyMeasures.ErrorAndF });
            foreach (ImagePair pair in HeldOut(set, every))
            {
                ScoreTensor map = predictor.Predict(RgbImage.Load(pair.ImagePath));
                accumulator.Add(pair.Name, map.Values, MaskReader.ReadGray(pair.MaskPath).Values, map.Width, map.Height);
            }

            return accumulator.ToMetrics();
        }
    }

    /// <summary>What <c>eng/hold-out.sh</c> keeps back: every fifth image by sorted name; of MSRA10K every tenth.</summary>
    private static List<ImagePair> HeldOut(string set, int every = 5)
    {
        IReadOnlyList<ImagePair> all = ImageFolder.Pair(SharedData.PathOf(set, "images"), SharedData.PathOf(set, "masks"));
        return [.. all.OrderBy(pair => pair.Name, StringComparer.Ordinal).Where((_, i) => i % every == every - 1)];
    }

    private static void AssertCard(PretrainedModel model, params (string Measure, double Value)[] measured)
    {
        CollectionAssert.AreEqual(
            measured.Select(figure => Line(figure.Measure, figure.Value)).ToArray(),
            PretrainedNetworks.Card(model).Figures.Select(figure => Line(figure.Measure, figure.Value)).ToArray(),
            $"the figures of docs/models/{model}.md must be: {string.Join(", ", measured.Select(figure => Line(figure.Measure, figure.Value)))}");

        static string Line(string measure, double value) => string.Create(CultureInfo.InvariantCulture, $"{measure} {value:0.0000}");
    }
}
