using System.Globalization;
using System.Text;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Cli;

/// <summary>How two models compare in one measure.</summary>
internal sealed record ComparedMeasure(string Name, bool LowerIsBetter, PairedComparison Comparison);

/// <summary>How two models compare in several measures.</summary>
internal sealed record ComparisonTable(string First, string Second, IReadOnlyList<ComparedMeasure> Measures)
{
    /// <summary>Writes the figures as JSON; those that are undefined become null.</summary>
    /// <param name="path">The file.</param>
    /// <param name="warnings">What is likely to be wrong.</param>
    /// <param name="failures">What could not be measured.</param>
    public void SaveJson(string path, IReadOnlyList<string> warnings, Failures failures) => JsonFile.Write(path, new
    {
        First,
        Second,
        Measures[0].Comparison.ImageCount,
        Measures = Measures.Select(measure => new
        {
            measure.Name,
            First = Defined(measure.Comparison.First),
            Second = Defined(measure.Comparison.Second),
            Difference = Defined(measure.Comparison.Difference.Estimate),
            Lower = Defined(measure.Comparison.Difference.Lower),
            Upper = Defined(measure.Comparison.Difference.Upper),
            measure.Comparison.Difference.Level,
            measure.Comparison.PValue,
        }),
        Warnings = warnings,
        Failures = failures.ToJson(),
    });

    public override string ToString()
    {
        int width = Measures.Max(measure => measure.Name.Length);
        StringBuilder text = new();
        text.AppendLine($"first:  {SafeText.OneLine(First)}").AppendLine($"second: {SafeText.OneLine(Second)}");
        double level = Measures[0].Comparison.Difference.Level;
        text.AppendLine(CultureInfo.InvariantCulture, $"{"".PadRight(width)}   first  second  difference   {100 * level:0.##}% interval      p");
        foreach ((string name, _, PairedComparison comparison) in Measures)
        {
            ConfidenceInterval difference = comparison.Difference;
            text.AppendLine(
                $"{name.PadRight(width)}  {Figure(comparison.First)}  {Figure(comparison.Second)}     {Signed(difference.Estimate)}  "
                + $"{Signed(difference.Lower)} {Signed(difference.Upper)}  {Messages.Figure.Of(comparison.PValue, "F3")}");
        }

        text.Append($"{Plural.Of(Measures[0].Comparison.ImageCount, "image")}, paired bootstrap over them");
        string errors = string.Join(", ", Measures.Where(measure => measure.LowerIsBetter).Select(measure => measure.Name));
        return text.Append(errors.Length > 0 ? $"; of {errors}, lower is better" : "").ToString();
    }

    private static double? Defined(double value) => double.IsNaN(value) ? null : value;

    private static string Figure(double value) => Messages.Figure.Of(value).PadLeft(6);

    private static string Signed(double value) => double.IsNaN(value) ? "      -" : value.ToString("+0.0000;-0.0000; 0.0000", CultureInfo.InvariantCulture);
}
