using Microsoft.ML.Binary.Mapping;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>What <c>mlbinary map-search</c> shows in the end.</summary>
internal static class WidthSearchText
{
    public static IEnumerable<string> Lines(WidthSearchResult result)
    {
        int longest = result.Front.Concat(result.Others).Max(point => point.Name.Length);
        yield return "";
        yield return $"{new string(' ', longest)}  {result.MeasuredBy,10}  predicted          uJ   memory uJ         cycles  EDP J*cycle";
        foreach (MeasuredPoint point in result.Front.Concat(result.Others))
        {
            string predicted = point.Predicted is { } value ? Invariant($"{value:0.0000}") : "";
            yield return Invariant(
                $"{point.Name.PadRight(longest)}  {point.Measured,10:0.0000}  {predicted,9}  {point.Mapping.Energy * 1e-6,10:N1}  {point.Mapping.MemoryEnergy * 1e-6,10:N1}  {point.Mapping.Cycles,13:N0}  {point.Mapping.Edp,11:N3}");
        }
    }
}
