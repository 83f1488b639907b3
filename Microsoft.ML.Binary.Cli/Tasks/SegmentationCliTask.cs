using System.Text.Json.Nodes;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Cli.Predictions;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Reporting;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli;

/// <summary>Semantic segmentation.</summary>
internal sealed class SegmentationCliTask : CliTask
{
    public override string AccuracyName => "mean IoU";

    protected override DenseTask Task => DenseTask.Segmentation;

    public override TrainingSample Read(ImagePair pair, int? classes, MaskColors? colors, int neededLongestSide) =>
        ImagePairReader.Load(pair, MaskKind.ClassIndices, classes, colors, neededLongestSide);

    public override (int Width, int Height, byte[] Values) ReadMask(string path, ClassList classes)
    {
        SegmentationMask labels = MaskReader.ReadClassIndices(path, classes.MaskColors);
        labels.CheckRange(classes.Names.Length, path);
        return (labels.Width, labels.Height, labels.Labels);
    }

    public override (byte[] Mask, float[]? SecondClass) Predict(CompiledNetwork network, RgbImage image, (int Width, int Height) size, bool secondClass)
    {
        byte[] labels = new byte[size.Width * size.Height];
        if (!secondClass || network.LogitChannels != 2)
        {
            network.PredictLabels(image, labels, size);
            return (labels, null);
        }

        float[] scores = new float[2 * labels.Length], probabilities = new float[labels.Length];
        network.PredictLabelsAndScores(image, labels, scores, size);
        for (int pixel = 0; pixel < probabilities.Length; pixel++)
        {
            probabilities[pixel] = scores[2 * pixel + 1];
        }

        return (labels, probabilities);
    }

    public override EvaluationResult Evaluate(PredictionEvaluation evaluation, IPredictionSource source, CountedRegions? counted)
    {
        (SegmentationMetrics metrics, RoadMetrics? road, RegionMetrics? regions) = evaluation.SegmentationAndMore(counted);
        List<string> lines = [metrics.ToString()];
        JsonObject json = JsonNode.Parse(metrics.ToJson())!.AsObject();
        if (road is not null)
        {
            lines.Add($"probability of '{SafeText.OneLine(source.ClassNames[1])}', as for road benchmarks:\n{road}");
            json["road"] = JsonNode.Parse(road.ToJson());
        }

        if (regions is not null)
        {
            lines.Add($"regions of '{SafeText.OneLine(counted!.Name)}', matched at an overlap above 0.5: {regions}");
            json["regions"] = JsonNode.Parse(regions.ToJson());
        }

        return new(lines, json, metrics.SaveImagesCsv, metrics.SaveHtml);
    }

    public override double Measure(PredictionEvaluation evaluation) => evaluation.Segmentation(new() { KeepImages = false }).MeanIoU;

    public override (ComparedMeasure[] Measures, IEnumerable<string> Warnings) Compare(PredictionEvaluation first, IPredictionSource second)
    {
        (SegmentationMetrics one, SegmentationMetrics other) = first.SegmentationWith(second);
        return (Compare(SegmentationMeasure.All, one, other), [.. one.Warnings, .. other.Warnings]);
    }

    public override ReportExample Example(RgbImage ground, PredictedImage predicted, Palette palette) => ReportExample.Create(
        ground, new SegmentationMask(predicted.Width, predicted.Height, predicted.Truth), new SegmentationMask(predicted.Width, predicted.Height, predicted.Prediction),
        new() { Palette = palette });

    public override ITransformer Transformer(MLContext context, DenseNetwork network) => context.Segmentation.FromNetwork(network);
}
