using System.Globalization;

namespace Microsoft.ML.Binary.Compare;

/// <summary>A Markdown table that is printed row by row, so that a long run shows what it has so far.</summary>
internal sealed class Table
{
    private readonly TextWriter _output;

    public Table(TextWriter output, params string[] header)
    {
        _output = output;
        Row(header);
        Row([.. header.Select((_, i) => i == 0 ? "---" : "---:")]);
    }

    /// <summary>Adds a row; numbers get so many decimals that three digits show.</summary>
    public void Row(params object[] cells) => _output.WriteLine($"| {string.Join(" | ", cells.Select(Text))} |");

    public static string Text(object cell) => cell switch
    {
        double and (0 or double.NaN) => "0",
        double v => v.ToString(Math.Abs(v) switch { >= 100 => "0", >= 10 => "0.0", >= 0.1 => "0.00", _ => "0.0e0" }, CultureInfo.InvariantCulture),
        IFormattable v => v.ToString(null, CultureInfo.InvariantCulture),
        _ => cell.ToString()!,
    };

    public static string Pair(Times times) => $"{Text(times.Minimum)} / {Text(times.Median)}";

    public static string Ratio(Times ours, Times other) => $"**{Text(other.Minimum / ours.Minimum)}** / {Text(other.Median / ours.Median)}";
}
