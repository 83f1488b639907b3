using System.Text;
using System.Text.Json;
using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary;

/// <summary>
/// Metrics as JSON, and their per-image rows as CSV, for other tools. Names are those of the properties in camel case; numbers
/// are written in full precision and independent of the culture; an undefined figure (NaN) is null in JSON, empty in CSV. In CSV,
/// names that a spreadsheet would run as a formula have an apostrophe in front.
/// </summary>
/// <example>
/// <code>
/// metrics.SaveJson("metrics.json");
/// metrics.SaveImagesCsv("images.csv");                                    // a row an image
/// </code>
/// </example>
public static class MetricsExport
{
    /// <summary>All figures, the curves or the confusion matrix, and what is known of each image.</summary>
    public static string ToJson(this DenseMetrics metrics) => Json(metrics);

    /// <summary>All figures and the precision and recall curves.</summary>
    public static string ToJson(this RoadMetrics metrics) => Json(metrics);

    /// <summary>All figures and the counts that they are made of.</summary>
    public static string ToJson(this RegionMetrics metrics) => Json(metrics);

    /// <summary>The metrics of every task, by its name.</summary>
    public static string ToJson(this MultiTaskMetrics metrics) => Json(metrics);

    /// <summary>Writes <see cref="ToJson(DenseMetrics)"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveJson(this DenseMetrics metrics, string path) => Save(path, metrics.ToJson());

    /// <summary>Writes <see cref="ToJson(RoadMetrics)"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveJson(this RoadMetrics metrics, string path) => Save(path, metrics.ToJson());

    /// <summary>The image rows as CSV (RFC 4180) with a header.</summary>
    public static string ImagesToCsv<TMetrics, TImage>(this DenseMetrics<TMetrics, TImage> metrics)
        where TMetrics : DenseMetrics<TMetrics, TImage>
        where TImage : ImageMetrics
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return metrics.ImagesToCsv();
    }

    /// <summary>Writes <see cref="ImagesToCsv"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveImagesCsv<TMetrics, TImage>(this DenseMetrics<TMetrics, TImage> metrics, string path)
        where TMetrics : DenseMetrics<TMetrics, TImage>
        where TImage : ImageMetrics => Save(path, MetricsExport.ImagesToCsv(metrics));

    private static string Json(IJsonMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            metrics.Write(json);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Save(string path, string text) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(text));
}
