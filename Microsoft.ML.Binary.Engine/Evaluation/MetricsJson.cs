using System.Collections.Immutable;
using System.Text.Json;

namespace Microsoft.ML.Binary;

/// <summary>The JSON form of each kind of metrics.</summary>
internal static class MetricsJson
{
    /// <summary>The name of a property as JSON has it.</summary>
    public static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    public static void Write(Utf8JsonWriter json, SegmentationMetrics metrics)
    {
        json.WriteStartObject();
        Figures(json, SegmentationMeasure.All, metrics);
        json.WriteNumber("imageCount", metrics.ImageCount);
        json.WriteNumber("pixelCount", metrics.PixelCount);
        json.WriteNumber("ignoredPixelCount", metrics.IgnoredPixelCount);
        Texts(json, "classNames", metrics.ClassNames);
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
        Images(json, SegmentationMeasure.All, metrics.Images);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, SaliencyMetrics metrics)
    {
        json.WriteStartObject();
        Figures(json, SaliencyMeasure.All, metrics);
        json.WriteNumber("imageCount", metrics.ImageCount);
        json.WriteNumber("pixelCount", metrics.PixelCount);
        Numbers(json, "precisionCurve", metrics.PrecisionCurve);
        Numbers(json, "recallCurve", metrics.RecallCurve);
        Numbers(json, "fCurve", metrics.FCurve);
        Numbers(json, "eCurve", metrics.ECurve);
        Texts(json, "warnings", metrics.Warnings);
        Images(json, SaliencyMeasure.All, metrics.Images);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, RoadMetrics metrics)
    {
        json.WriteStartObject();
        Figures(json, RoadMeasure.All, metrics);
        Number(json, "threshold", metrics.Threshold);
        json.WriteNumber("imageCount", metrics.ImageCount);
        json.WriteNumber("roadPixelCount", metrics.RoadPixelCount);
        json.WriteNumber("otherPixelCount", metrics.OtherPixelCount);
        json.WriteNumber("ignoredPixelCount", metrics.IgnoredPixelCount);
        Numbers(json, "precisionCurve", metrics.PrecisionCurve);
        Numbers(json, "recallCurve", metrics.RecallCurve);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, EdgeMetrics metrics)
    {
        json.WriteStartObject();
        Figures(json, EdgeMeasure.All, metrics);
        Number(json, "odsThreshold", metrics.OdsThreshold);
        json.WriteNumber("imageCount", metrics.Images.Length);
        Numbers(json, "precisionCurve", metrics.Counts.Select(counts => counts.Precision));
        Numbers(json, "recallCurve", metrics.Counts.Select(counts => counts.Recall));
        json.WriteStartArray("images");
        foreach (EdgeImageMetrics image in metrics.Images)
        {
            json.WriteStartObject();
            json.WriteString("name", image.Name);
            Number(json, "f", image.Counts[image.Best].F);
            Number(json, "threshold", metrics.Thresholds[image.Best]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, MultiTaskMetrics metrics)
    {
        json.WriteStartObject();
        foreach (TaskMetrics task in metrics.Tasks)
        {
            json.WritePropertyName(task.Name);
            task.Write(json);
        }

        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, RegionMetrics metrics)
    {
        json.WriteStartObject();
        Figures(json, RegionMeasure.All, metrics);
        json.WriteNumber("imageCount", metrics.Images);
        json.WriteNumber("actual", metrics.Actual);
        json.WriteNumber("predicted", metrics.Predicted);
        json.WriteNumber("matched", metrics.Matched);
        json.WriteEndObject();
    }

    private static void Figures<TMetrics>(Utf8JsonWriter json, IEnumerable<Measure<TMetrics>> measures, TMetrics metrics)
    {
        foreach (Measure<TMetrics> measure in measures)
        {
            Number(json, measure.JsonName, measure.Of(metrics));
        }
    }

    private static void Images<TMetrics, TImage>(Utf8JsonWriter json, IEnumerable<Measure<TMetrics, TImage>> measures, ImmutableArray<TImage> images)
        where TImage : IImageMetrics<TImage>
    {
        json.WriteStartArray("images");
        foreach (TImage image in images)
        {
            json.WriteStartObject();
            json.WriteString("name", image.Name);
            json.WriteNumber("width", image.Width);
            json.WriteNumber("height", image.Height);
            foreach (Measure<TMetrics, TImage> measure in measures.Where(measure => measure.IsOfImages))
            {
                Number(json, measure.JsonName, measure.Of(image));
            }

            foreach ((string name, Func<TImage, long> of) in TImage.Counts)
            {
                json.WriteNumber(Camel(name), of(image));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
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
