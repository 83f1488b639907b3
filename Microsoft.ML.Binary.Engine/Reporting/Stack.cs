using System.Globalization;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>A part of a stacked bar.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Hue">Its hue: a class of the style sheet.</param>
/// <param name="Depth">How strong its colour is, 0..1.</param>
/// <param name="Energy">How much it is, pJ.</param>
internal sealed record StackPart(string Name, string Hue, double Depth, double Energy);

/// <summary>Stacked bars: tensors differ in hue, levels in how strong it is.</summary>
internal static class Stack
{
    /// <summary>A bar of its own with a legend that has the figures.</summary>
    public static void Write(HtmlWriter html, IReadOnlyList<StackPart> parts)
    {
        double sum = parts.Sum(part => part.Energy);
        using (html.Open("figure", ("class", "stacked")))
        {
            Bar(html, parts, sum);
            HtmlLegend.Write(html, parts.Select(part => (
                $"{part.Name}: {MappingReport.Energy(part.Energy)}, {ReportText.Percent(part.Energy / sum)}", part.Hue, Depth(part))));
        }
    }

    /// <summary>What the colours mean.</summary>
    public static void WriteLegend(HtmlWriter html, IReadOnlyList<StackPart> parts) =>
        HtmlLegend.Write(html, parts.Select(part => (part.Name, part.Hue, Depth(part))));

    /// <summary>The bar alone, as long as its share of <paramref name="most"/>.</summary>
    public static void Bar(HtmlWriter html, IReadOnlyList<StackPart> parts, double most)
    {
        using (html.Open("div", ("class", "stack")))
        {
            foreach (StackPart part in parts.Where(part => part.Energy > 0))
            {
                html.Element(
                    "i", "",
                    ("class", part.Hue), ("style", $"width:{ReportText.Length(part.Energy / most)};{Depth(part)}"), ("title", $"{part.Name}: {MappingReport.Energy(part.Energy)}"));
            }
        }
    }

    private static string Depth(StackPart part) => $"--depth:{(20 + 80 * part.Depth).ToString("0", CultureInfo.InvariantCulture)}%";
}
