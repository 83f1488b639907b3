using System.Text.Json.Nodes;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Cli.Predictions;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Reporting;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli;

/// <summary>Salient-object detection.</summary>
internal sealed class SaliencyCliTask : CliTask
{
    private static readonly SaliencyMetricsOptions ErrorAlone = new() { KeepImages = false, Measures = SaliencyMeasures.ErrorAndF };

    public override string AccuracyName => "1 - MAE";

    protected override DenseTask Task => DenseTask.Saliency;

    public override TrainingSample Read(ImagePair pair, int? classes, MaskColors? colors, int neededLongestSide) =>
        ImagePairReader.Load(pair, MaskKind.Saliency, neededLongestSide: neededLongestSide);

    public override (int Width, int Height, byte[] Values) ReadMask(string path, ClassList classes)
    {
        SaliencyMask gray = MaskReader.ReadGray(path);
        return (gray.Width, gray.Height, gray.Values);
    }

    public override (byte[] Mask, float[]? SecondClass) Predict(CompiledNetwork network, RgbImage image, (int Width, int Height) size, bool secondClass) =>
        (Predict(network, image, size).Values, null);

    public override EvaluationResult Evaluate(PredictionEvaluation evaluation, IPredictionSource source, CountedRegions? counted)
    {
        SaliencyMetrics metrics = evaluation.Saliency();
        return new([metrics.ToString()], JsonNode.Parse(metrics.ToJson())!.AsObject(), metrics.SaveImagesCsv, metrics.SaveHtml);
    }

    public override double Measure(PredictionEvaluation evaluation) => evaluation.Saliency(ErrorAlone).MeanAbsoluteError;

    public override double Accuracy(PredictionEvaluation evaluation) => 1 - Measure(evaluation);

    public override (ComparedMeasure[] Measures, IEnumerable<string> Warnings) Compare(PredictionEvaluation first, IPredictionSource second)
    {
        (SaliencyMetrics one, SaliencyMetrics other) = first.SaliencyWith(second);
        return (Compare(SaliencyMeasure.All, one, other), [.. one.Warnings, .. other.Warnings]);
    }

    public override ReportExample Example(RgbImage ground, PredictedImage predicted, Palette palette) => ReportExample.Create(
        ground, new SaliencyMask(predicted.Width, predicted.Height, predicted.Truth), new SaliencyMask(predicted.Width, predicted.Height, predicted.Prediction));

    public override ITransformer Transformer(MLContext context, DenseNetwork network) => context.Saliency.FromNetwork(network);

    private static SaliencyMask Predict(CompiledNetwork network, RgbImage image, (int Width, int Height) size)
    {
        SaliencyMask saliency = new(size.Width, size.Height, new byte[size.Width * size.Height]);
        network.PredictSaliency(image, saliency.Values, size);
        return saliency;
    }
}
