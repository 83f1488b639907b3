using System.Globalization;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>Two models side by side: a card for each, and one for the difference.</summary>
internal static class ComparisonCards
{
    public static void Write(HtmlWriter html, PairedComparison comparison)
    {
        ConfidenceInterval difference = comparison.Difference;
        FigureCard.WriteAll(
            html,
            new("First model", ReportText.Figure(comparison.First), ReportText.Count(comparison.ImageCount, "image")),
            new("Second model", ReportText.Figure(comparison.Second), "the same images"),
            new(
                "Difference", Signed(difference.Estimate),
                $"{(100 * difference.Level).ToString("0.##", CultureInfo.InvariantCulture)}%: {Signed(difference.Lower)} to {Signed(difference.Upper)} \u00B7 p = {comparison.PValue.ToString("0.####", CultureInfo.InvariantCulture)}"));
    }

    private static string Signed(double value) => double.IsNaN(value) ? "\u2013" : value.ToString("+0.000;\u22120.000;0.000", CultureInfo.InvariantCulture);
}
