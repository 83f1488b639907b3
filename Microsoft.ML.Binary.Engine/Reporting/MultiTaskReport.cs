using System.Globalization;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>What a report on several tasks says beside the figures.</summary>
/// <example>
/// <code>
/// ml.MultiTask.Evaluate(scored, tasks).SaveHtml("report.html", new() { Title = "Street" });
/// </code>
/// </example>
public sealed record MultiTaskReportOptions
{
    /// <summary>Heading of the report.</summary>
    public string Title { get; init; } = "Several tasks";

    /// <summary>Facts about the data, the model and anything else, listed by group in the order given.</summary>
    public IReadOnlyList<ReportFact> Facts { get; init; } = [];

    /// <summary>The metrics of a network of its own for each task, to compare with; none compares nothing.</summary>
    public IReadOnlyList<TaskMetrics> Alone { get; init; } = [];

    /// <summary>Colours of the classes, by the name of the task; a task that is not named has the built-in ones.</summary>
    public IReadOnlyDictionary<string, Palette> Palettes { get; init; } = new Dictionary<string, Palette>();

    /// <summary>Images to show, each with what is true and what is predicted of every task.</summary>
    public IReadOnlyList<TaskExample> Examples { get; init; } = [];
}

/// <summary>The pictures of an image and its tasks.</summary>
/// <param name="Name">Name of the image.</param>
/// <param name="Input">The image.</param>
/// <param name="Tasks">Of each task its name, what is true, and what is predicted.</param>
/// <example>
/// <code>
/// RgbImage edges = new(image.Width, image.Height);
/// TaskExample example = new("0001", image, [("classes", Overlay.Segmentation(image, truth), Overlay.Segmentation(image, mask)), ("edges", edges, edges)]);
/// ml.MultiTask.Evaluate(scored, tasks).SaveHtml("report.html", new() { Examples = [example] });
/// </code>
/// </example>
public sealed record TaskExample(string Name, RgbImage Input, IReadOnlyList<(string Task, RgbImage Truth, RgbImage Prediction)> Tasks);

/// <summary>The parts of a report on several tasks.</summary>
internal sealed class MultiTaskReport(MultiTaskMetrics metrics, MultiTaskReportOptions options)
{
    public void Write(HtmlWriter html)
    {
        ReportPage.Header(html, options.Title, $"{metrics.Tasks.Length} tasks on one encoder: {string.Join(", ", metrics.Tasks.Select(task => task.Name))}");
        FigureCard[] gain = options.Alone.Count == 0 ? []
            : [new("Delta_m", $"{metrics.GainOver(options.Alone).ToString("+0.0;\u22120.0;0.0", CultureInfo.InvariantCulture)} %", "over networks of one task each")];
        FigureCard.WriteAll(html, [.. metrics.Tasks.Select(Card), .. gain]);
        foreach (TaskMetrics task in metrics.Tasks)
        {
            MetricsSummary summary = task.Metrics.Summary;
            ReportPage.Section(html, task.Name, summary.Note, () => Show(html, task.Name, summary));
        }

        if (options.Examples.Count > 0)
        {
            ReportPage.Section(html, "Images", "Above what is true, below what is predicted.", () => Examples(html));
        }

        ReportPage.Section(html, "Facts", null, () => FactList.Write(html, options.Facts));
    }

    private FigureCard Card(TaskMetrics task) => new(
        task.Name, ReportText.Figure(task.Figure),
        options.Alone.FirstOrDefault(other => other.Name.Equals(task.Name, StringComparison.OrdinalIgnoreCase)) is { } alone ? $"{task.FigureName} \u00B7 alone {ReportText.Figure(alone.Figure)}" : task.FigureName);

    private void Show(HtmlWriter html, string task, MetricsSummary summary)
    {
        if (summary.Figures.Count > 0)
        {
            HeadlineCards.Write(html, summary.Figures);
        }

        if (summary.Classes is { } classes)
        {
            ClassTable.Write(html, classes, options.Palettes.FirstOrDefault(palette => palette.Key.Equals(task, StringComparison.OrdinalIgnoreCase)).Value ?? Palette.Default);
        }

        if (summary.Curve is { } curve)
        {
            using HtmlWriter.Scope charts = html.Open("div", ("class", "charts"));
            new Chart(curve.Title, curve.X, curve.Y, [new(curve.Y, curve.Points)], new ChartMark(curve.Mark.X, curve.Mark.Y, curve.Mark.Name)).Write(html);
        }
    }

    private void Examples(HtmlWriter html)
    {
        using HtmlWriter.Scope gallery = html.Open("div", ("class", "gallery"));
        foreach (TaskExample example in options.Examples)
        {
            using HtmlWriter.Scope article = html.Open("article");
            using (html.Open("header"))
            {
                html.Element("b", example.Name);
            }

            Tiles(example, "true", task => task.Truth);
            Tiles(example, "predicted", task => task.Prediction);
        }

        void Tiles(TaskExample example, string what, Func<(string Task, RgbImage Truth, RgbImage Prediction), RgbImage> of) => ExampleGallery.Tiles(
            html, example.Name, ExampleGallery.Side, [("Image", example.Input), .. example.Tasks.Select(task => ($"{task.Task}, {what}", of(task)))]);
    }
}
