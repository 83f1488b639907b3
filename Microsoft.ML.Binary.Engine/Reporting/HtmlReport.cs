using System.Text;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>
/// Metrics as a page to look at: figures with confidence intervals, classes, confusions, curves, the best and the worst images. A page is
/// one file that needs nothing else: no network, no script. It follows the reader's choice of light or dark, and any width.
/// </summary>
/// <example>
/// <code>
/// metrics.SaveHtml("report.html", new() { Title = "Nuclei", Palette = Palette.Parse("#1B1B22, #F0A030, #E4572E") });
/// </code>
/// </example>
public static class HtmlReport
{
    /// <summary>The report of a segmentation.</summary>
    /// <param name="metrics">The evaluation; intervals and examples need its image rows.</param>
    /// <param name="options">Title, facts, colours and pictures; null for none of them.</param>
    /// <exception cref="ArgumentException">The palette has fewer colours than there are classes.</exception>
    public static string ToHtml(this SegmentationMetrics metrics, ReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        SegmentationReport report = new(metrics, options ?? new());
        return ReportPage.Document(report.Title, report.Write);
    }

    /// <summary>The report of salient-object detection.</summary>
    /// <param name="metrics">The evaluation; intervals and examples need its image rows.</param>
    /// <param name="options">Title, facts and pictures; null for none of them.</param>
    public static string ToHtml(this SaliencyMetrics metrics, ReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        SaliencyReport report = new(metrics, options ?? new());
        return ReportPage.Document(report.Title, report.Write);
    }

    /// <summary>The report of a road or another two-class score.</summary>
    /// <param name="metrics">The evaluation; it has no image rows, so there are neither intervals nor examples.</param>
    /// <param name="options">Title and facts; null for none of them.</param>
    public static string ToHtml(this RoadMetrics metrics, ReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        RoadReport report = new(metrics, options ?? new());
        return ReportPage.Document(report.Title, report.Write);
    }

    /// <summary>The report of several tasks: the figures of each, what sharing gains or costs, and images with what is true and predicted.</summary>
    /// <param name="metrics">The evaluation.</param>
    /// <param name="options">Title, facts, networks to compare with, and pictures; null for none of them.</param>
    public static string ToHtml(this MultiTaskMetrics metrics, MultiTaskReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        options ??= new();
        return ReportPage.Document(options.Title, new MultiTaskReport(metrics, options).Write);
    }

    /// <summary>The report of a network mapped onto an accelerator: energy by level and tensor, layers, loop nests.</summary>
    /// <param name="mapping">The mapping.</param>
    /// <param name="options">Title and facts; null for none of them.</param>
    public static string ToHtml(this NetworkMapping mapping, ReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        MappingReport report = new(mapping, options ?? new());
        return ReportPage.Document(report.Title, report.Write);
    }

    /// <summary>The report of a search over bit widths: the front, its configurations, and what they are compared with.</summary>
    /// <param name="result">The search.</param>
    /// <param name="options">Title and facts; null for none of them.</param>
    public static string ToHtml(this WidthSearchResult result, ReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        WidthReport report = new(result, options ?? new());
        return ReportPage.Document(report.Title, report.Write);
    }

    /// <summary>Writes <see cref="ToHtml(MultiTaskMetrics, MultiTaskReportOptions)"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveHtml(this MultiTaskMetrics metrics, string path, MultiTaskReportOptions? options = null) => Save(path, metrics.ToHtml(options));

    /// <summary>Writes <see cref="ToHtml(SegmentationMetrics, ReportOptions)"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveHtml(this SegmentationMetrics metrics, string path, ReportOptions? options = null) => Save(path, metrics.ToHtml(options));

    /// <summary>Writes <see cref="ToHtml(SaliencyMetrics, ReportOptions)"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveHtml(this SaliencyMetrics metrics, string path, ReportOptions? options = null) => Save(path, metrics.ToHtml(options));

    /// <summary>Writes <see cref="ToHtml(RoadMetrics, ReportOptions)"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveHtml(this RoadMetrics metrics, string path, ReportOptions? options = null) => Save(path, metrics.ToHtml(options));

    /// <summary>Writes <see cref="ToHtml(NetworkMapping, ReportOptions)"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveHtml(this NetworkMapping mapping, string path, ReportOptions? options = null) => Save(path, mapping.ToHtml(options));

    /// <summary>Writes <see cref="ToHtml(WidthSearchResult, ReportOptions)"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveHtml(this WidthSearchResult result, string path, ReportOptions? options = null) => Save(path, result.ToHtml(options));

    private static void Save(string path, string html) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(html));
}
