using System.Text;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>A network of a front.</summary>
/// <param name="Name">What it is called, for example its file.</param>
/// <param name="Accuracy">Higher is better.</param>
/// <param name="Bytes">Bytes of its network file.</param>
/// <param name="Milliseconds">Measured time of an image.</param>
/// <param name="Cost">What the search kept low, as it counts that.</param>
/// <param name="IsUniform">Whether all its channels have one width, for comparison.</param>
/// <param name="Layers">For each convolution its name and how many channels have 0, 1, 2, 4 and 8 bits.</param>
/// <example>
/// <code>
/// PrecisionPoint mixed = new("mixed.mlbn", Accuracy: 0.61, Bytes: 300_000, Milliseconds: 7.5, Cost: 2.4e6, IsUniform: false, Layers: [("stem", [0, 40, 20, 4, 0])]);
/// PrecisionPoint twoBits = new("2-bits.mlbn", Accuracy: 0.60, Bytes: 420_000, Milliseconds: 8.1, Cost: 3.3e6, IsUniform: true, Layers: [("stem", [0, 0, 64, 0, 0])]);
/// bool isWorse = new PrecisionFront("mIoU", "size, bits", [mixed, twoBits]).IsDominatedInBytes(twoBits);       // true
/// </code>
/// </example>
public sealed record PrecisionPoint(
    string Name, double Accuracy, long Bytes, double Milliseconds, double Cost, bool IsUniform, IReadOnlyList<(string Layer, IReadOnlyList<int> Channels)> Layers);

/// <summary>Networks of channel-wise mixed precision, to choose from.</summary>
/// <param name="AccuracyName">What accuracy is.</param>
/// <param name="CostName">What cost is, with its unit.</param>
/// <param name="Points">The networks.</param>
/// <example>
/// <code>
/// PrecisionFront front = new("mIoU", "size, bits", [new("a.mlbn", 0.61, 300_000, 7.5, 2.4e6, IsUniform: false, [])]);
/// front.SaveCsv("front.csv");
/// </code>
/// </example>
public sealed record PrecisionFront(string AccuracyName, string CostName, IReadOnlyList<PrecisionPoint> Points)
{
    /// <summary>Whether another network is at least as accurate and takes no more bytes, and is better in one of them.</summary>
    public bool IsDominatedInBytes(PrecisionPoint point) => IsDominated(point, other => other.Bytes);

    /// <summary>Whether another network is at least as accurate and takes no more time, and is better in one of them.</summary>
    public bool IsDominatedInTime(PrecisionPoint point) => IsDominated(point, other => other.Milliseconds);

    /// <summary>Writes a row for each network, with how many channels have each width.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveCsv(string path)
    {
        StringBuilder csv = new(CsvRow.Of(
            ["name", "accuracy", "bytes", "milliseconds", "cost", "uniform", "dominated_in_bytes", "dominated_in_time", .. PrecisionReport.Widths.Select(width => $"channels_{width}")]));
        foreach (PrecisionPoint point in Points)
        {
            csv.Append(CsvRow.Of(
                [point.Name, point.Accuracy, point.Bytes, point.Milliseconds, point.Cost, point.IsUniform, IsDominatedInBytes(point), IsDominatedInTime(point), .. Channels(point)]));
        }

        AtomicFile.Write(path, Encoding.UTF8.GetBytes(csv.ToString()));
    }

    /// <summary>Writes a page that shows the front.</summary>
    /// <exception cref="InvalidOperationException">There is no network to show.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveHtml(string path, ReportOptions? options = null)
    {
        if (Points.Count == 0)
        {
            throw new InvalidOperationException("There is nothing to show: the front has no network.");
        }

        PrecisionReport report = new(this, options ?? new());
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(ReportPage.Document(report.Title, report.Write)));
    }

    internal static IEnumerable<object> Channels(PrecisionPoint point) =>
        PrecisionReport.Widths.Select((_, width) => (object)point.Layers.Sum(layer => layer.Channels[width]));

    private bool IsDominated(PrecisionPoint point, Func<PrecisionPoint, double> cost) => Points.Any(other =>
        other.Accuracy >= point.Accuracy && cost(other) <= cost(point) && (other.Accuracy > point.Accuracy || cost(other) < cost(point)));
}
