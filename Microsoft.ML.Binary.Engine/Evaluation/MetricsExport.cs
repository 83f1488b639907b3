using System.Text;
using System.Text.Json;
using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary;

/// <summary>
/// Metrics as JSON, and their per-image rows as CSV, for other tools. Names are those of the properties in camel case; numbers
/// are written in full precision and independent of the culture; an undefined figure (NaN) is null in JSON, empty in CSV. In CSV,
/// names that a spreadsheet would run as a formula have an apostrophe in front.
/// </summary>
public static class MetricsExport
{
    /// <summary>All figures, the confusion matrix and the image rows.</summary>
    public static string ToJson(this SegmentationMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return Json(json => MetricsJson.Write(json, metrics));
    }

    /// <summary>All figures, the curves and the image rows.</summary>
    public static string ToJson(this SaliencyMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return Json(json => MetricsJson.Write(json, metrics));
    }

    /// <summary>All figures and the precision and recall curves.</summary>
    public static string ToJson(this RoadMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return Json(json => MetricsJson.Write(json, metrics));
    }

    /// <summary>All figures and the counts that they are made of.</summary>
    public static string ToJson(this RegionMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return Json(json => MetricsJson.Write(json, metrics));
    }

    /// <summary>All figures, the precision and recall curves, and F of each image at its best threshold.</summary>
    public static string ToJson(this EdgeMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return Json(json => MetricsJson.Write(json, metrics));
    }

    /// <summary>The metrics of every task, by its name.</summary>
    public static string ToJson(this MultiTaskMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return Json(json => MetricsJson.Write(json, metrics));
    }

    /// <summary>Writes <see cref="ToJson(SegmentationMetrics)"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveJson(this SegmentationMetrics metrics, string path) => Save(path, metrics.ToJson());

    /// <summary>Writes <see cref="ToJson(SaliencyMetrics)"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveJson(this SaliencyMetrics metrics, string path) => Save(path, metrics.ToJson());

    /// <summary>Writes <see cref="ToJson(RoadMetrics)"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveJson(this RoadMetrics metrics, string path) => Save(path, metrics.ToJson());

    /// <summary>The image rows as CSV (RFC 4180) with a header.</summary>
    public static string ImagesToCsv(this SegmentationMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return MetricsCsv.Write(SegmentationMeasure.All, metrics.Images);
    }

    /// <summary>The image rows as CSV (RFC 4180) with a header.</summary>
    public static string ImagesToCsv(this SaliencyMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return MetricsCsv.Write(SaliencyMeasure.All, metrics.Images);
    }

    /// <summary>Writes <see cref="ImagesToCsv(SegmentationMetrics)"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveImagesCsv(this SegmentationMetrics metrics, string path) => Save(path, metrics.ImagesToCsv());

    /// <summary>Writes <see cref="ImagesToCsv(SaliencyMetrics)"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveImagesCsv(this SaliencyMetrics metrics, string path) => Save(path, metrics.ImagesToCsv());

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Save(string path, string text) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(text));
}
