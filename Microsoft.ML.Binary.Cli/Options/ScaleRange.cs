using System.Globalization;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>A range of enlargements, written <c>LOWEST-HIGHEST</c>.</summary>
internal readonly record struct ScaleRange(float Lowest, float Highest)
{
    public const float Smallest = 0.05f, Largest = 20;

    public static ScaleRange? Parse(string text) =>
        text.Split('-') is [string first, string second] && TryEnd(first, out float lowest) && TryEnd(second, out float highest) && lowest <= highest
            ? new(lowest, highest)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Lowest}-{Highest}");

    private static bool TryEnd(string text, out float value) =>
        float.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is >= Smallest and <= Largest;
}
