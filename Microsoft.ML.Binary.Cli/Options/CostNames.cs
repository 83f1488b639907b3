using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>What a search can keep low, by name.</summary>
internal static class CostNames
{
    /// <summary>In front of the file of a latency.</summary>
    public const string Latency = "latency:";

    public const string Meaning = "size, weights, bitops, mpic, ne16, or latency:FILE of 'mlbinary calibrate'";

    public static bool IsKnown(string text) =>
        text is "size" or "weights" or "bitops" or "mpic" or "ne16" || (text.StartsWith(Latency, StringComparison.Ordinal) && text.Length > Latency.Length);

    public static WidthCost Parse(string text) => text switch
    {
        "size" => WidthCost.Size,
        "weights" => WidthCost.Weights,
        "bitops" => WidthCost.BitOperations,
        "mpic" => WidthCost.Mpic(),
        "ne16" => WidthCost.Ne16,
        _ => LatencyTable.Load(text[Latency.Length..]).Cost(),
    };
}
