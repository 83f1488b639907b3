using System.Collections.Immutable;
using System.Text;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary;

/// <summary>What the text forms of metrics, a few lines for a console, are made of.</summary>
internal static class MetricsText
{
    /// <summary>The title of a measure within a line; not of a sign or an abbreviation: F1, ODS F.</summary>
    public static string Lower(string title) => char.IsLower(title[1]) ? char.ToLowerInvariant(title[0]) + title[1..] : title;

    /// <summary>Figures with their names, on one line.</summary>
    public static string Line<TMetrics>(IEnumerable<Measure<TMetrics>> measures, TMetrics metrics, string separator = "   ") =>
        string.Join(separator, measures.Select(measure => $"{Lower(measure.Title)} {Messages.Figure.Of(measure.Of(metrics))}"));

    /// <summary>A figure in six characters.</summary>
    public static string Figure(double value) => Messages.Figure.Of(value).PadLeft(6);

    /// <summary>The text with a line for each warning.</summary>
    public static string Warn(StringBuilder text, ImmutableArray<string> warnings)
    {
        foreach (string warning in warnings)
        {
            text.AppendLine().Append($"warning: {SafeText.OneLine(warning)}");
        }

        return text.ToString();
    }
}
