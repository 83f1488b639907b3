using System.Globalization;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>A range of bit widths, written <c>LOWEST-HIGHEST</c>.</summary>
internal readonly record struct BitRange(int Lowest, int Highest)
{
    public const int Largest = 8;

    public static BitRange? Parse(string text) =>
        text.Split('-') is [string first, string second] && TryEnd(first, out int lowest) && TryEnd(second, out int highest) && lowest <= highest
            ? new(lowest, highest)
            : null;

    public override string ToString() => $"{Lowest}-{Highest}";

    private static bool TryEnd(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 1 and <= Largest;
}
