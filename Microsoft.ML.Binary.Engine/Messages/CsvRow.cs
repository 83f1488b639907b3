using System.Globalization;

namespace Microsoft.ML.Binary.Messages;

/// <summary>Rows of CSV as spreadsheets read them.</summary>
internal static class CsvRow
{
    /// <summary>A row with its end; null and what is not a number are empty fields.</summary>
    public static string Of(IEnumerable<object?> fields) => string.Join(',', fields.Select(Field)) + "\r\n";

    private static string Field(object? value)
    {
        string text = value is null or double.NaN ? "" : Convert.ToString(value, CultureInfo.InvariantCulture)!;
        text = value is string name && StartsFormula(name) ? "'" + text : text;
        return text.AsSpan().ContainsAny(",\"\r\n\t'") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
    }

    // Spreadsheets run what begins like this, in their own and in full-width characters; an apostrophe in front makes it text.
    private static bool StartsFormula(string text) =>
        text.AsSpan().TrimStart() is [var first, ..] && (first is '=' or '+' or '-' or '@' or '\uFF1D' or '\uFF0B' or '\uFF0D' or '\uFF20')
        || text is ['\t' or '\r' or '\n', ..];
}
