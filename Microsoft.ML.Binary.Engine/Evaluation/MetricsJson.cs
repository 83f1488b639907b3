using System.Collections.Immutable;
using System.Text.Json;

namespace Microsoft.ML.Binary;

/// <summary>The JSON form of each kind of metrics.</summary>
internal static class MetricsJson
{
    public static void Write(Utf8JsonWriter json, SegmentationMetrics metrics)
    {
        json.WriteStartObject();
        Number(json, "meanIoU", metrics.MeanIoU);
        Number(json, "pixelAccuracy", metrics.PixelAccuracy);
        Number(json, "meanAccuracy", metrics.MeanAccuracy);
        Number(json, "meanDice", metrics.MeanDice);
        Number(json, "frequencyWeightedIoU", metrics.FrequencyWeightedIoU);
        Number(json, "meanBoundaryIoU", metrics.MeanBoundaryIoU);
        json.WriteNumber("imageCount", metrics.ImageCount);
        json.WriteNumber("pixelCount", metrics.PixelCount);
        json.WriteNumber("ignoredPixelCount", metrics.IgnoredPixelCount);
        json.WriteStartArray("classNames");
        foreach (string name in metrics.ClassNames)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        Numbers(json, "perClassIoU", metrics.PerClassIoU);
        Numbers(json, "perClassAccuracy", metrics.PerClassAccuracy);
        Numbers(json, "perClassPrecision", metrics.PerClassPrecision);
        Numbers(json, "perClassDice", metrics.PerClassDice);
        Numbers(json, "perClassBoundaryIoU", metrics.PerClassBoundaryIoU);
        json.WriteStartArray("confusionMatrix");
        for (int label = 0; label < metrics.NumberOfClasses; label++)
        {
            json.WriteStartArray();
            foreach (long count in metrics.ConfusionMatrix.Row(label))
            {
                json.WriteNumberValue(count);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        Texts(json, "warnings", metrics.Warnings);
        json.WriteStartArray("images");
        foreach (SegmentationImageMetrics image in metrics.Images)
        {
            json.WriteStartObject();
            json.WriteString("name", image.Name);
            json.WriteNumber("width", image.Width);
            json.WriteNumber("height", image.Height);
            Number(json, "meanIoU", image.MeanIoU);
            Number(json, "pixelAccuracy", image.PixelAccuracy);
            Number(json, "meanAccuracy", image.MeanAccuracy);
            Number(json, "meanDice", image.MeanDice);
            Number(json, "meanBoundaryIoU", image.MeanBoundaryIoU);
            json.WriteNumber("pixelCount", image.PixelCount);
            json.WriteNumber("ignoredPixelCount", image.IgnoredPixelCount);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, SaliencyMetrics metrics)
    {
        json.WriteStartObject();
        Number(json, "mae", metrics.MeanAbsoluteError);
        Number(json, "maxF", metrics.MaxF);
        Number(json, "maxFOfMeanCurve", metrics.MaxFOfMeanCurve);
        Number(json, "meanF", metrics.MeanF);
        Number(json, "adaptiveF", metrics.AdaptiveF);
        Number(json, "weightedF", metrics.WeightedF);
        Number(json, "sMeasure", metrics.SMeasure);
        Number(json, "maxE", metrics.MaxE);
        Number(json, "meanE", metrics.MeanE);
        Number(json, "adaptiveE", metrics.AdaptiveE);
        json.WriteNumber("imageCount", metrics.ImageCount);
        json.WriteNumber("pixelCount", metrics.PixelCount);
        Numbers(json, "precisionCurve", metrics.PrecisionCurve);
        Numbers(json, "recallCurve", metrics.RecallCurve);
        Numbers(json, "fCurve", metrics.FCurve);
        Numbers(json, "eCurve", metrics.ECurve);
        Texts(json, "warnings", metrics.Warnings);
        json.WriteStartArray("images");
        foreach (SaliencyImageMetrics image in metrics.Images)
        {
            json.WriteStartObject();
            json.WriteString("name", image.Name);
            json.WriteNumber("width", image.Width);
            json.WriteNumber("height", image.Height);
            Number(json, "mae", image.MeanAbsoluteError);
            Number(json, "maxF", image.MaxF);
            Number(json, "meanF", image.MeanF);
            Number(json, "adaptiveF", image.AdaptiveF);
            Number(json, "weightedF", image.WeightedF);
            Number(json, "sMeasure", image.SMeasure);
            Number(json, "maxE", image.MaxE);
            Number(json, "meanE", image.MeanE);
            Number(json, "adaptiveE", image.AdaptiveE);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, RoadMetrics metrics)
    {
        json.WriteStartObject();
        Number(json, "maxF", metrics.MaxF);
        Number(json, "averagePrecision", metrics.AveragePrecision);
        Number(json, "threshold", metrics.Threshold);
        Number(json, "precision", metrics.Precision);
        Number(json, "recall", metrics.Recall);
        Number(json, "falsePositiveRate", metrics.FalsePositiveRate);
        Number(json, "falseNegativeRate", metrics.FalseNegativeRate);
        json.WriteNumber("imageCount", metrics.ImageCount);
        json.WriteNumber("roadPixelCount", metrics.RoadPixelCount);
        json.WriteNumber("otherPixelCount", metrics.OtherPixelCount);
        json.WriteNumber("ignoredPixelCount", metrics.IgnoredPixelCount);
        Numbers(json, "precisionCurve", metrics.PrecisionCurve);
        Numbers(json, "recallCurve", metrics.RecallCurve);
        json.WriteEndObject();
    }

    private static void Numbers(Utf8JsonWriter json, string name, IEnumerable<double> values)
    {
        json.WriteStartArray(name);
        foreach (double value in values)
        {
            if (double.IsNaN(value))
            {
                json.WriteNullValue();
            }
            else
            {
                json.WriteNumberValue(value);
            }
        }

        json.WriteEndArray();
    }

    private static void Texts(Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsNaN(value))
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteNumber(name, value);
        }
    }
}
