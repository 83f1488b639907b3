using Microsoft.ML.Binary.Inference;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Display;

/// <summary>Where the time of one image goes, step by step.</summary>
internal static class ProfileTable
{
    public static IEnumerable<string> Lines(IReadOnlyList<StepTiming> steps)
    {
        double total = steps.Sum(step => step.Milliseconds);
        int width = Math.Max("step".Length, steps.Max(step => $"{step.Node} ({step.Operation})".Length));
        yield return $"{"step".PadRight(width)}      ms   share  GMAC/s    GB/s";
        foreach (StepTiming step in steps)
        {
            string name = $"{step.Node} ({step.Operation})".PadRight(width);
            string rate = step.MultiplyAccumulates > 0 ? Invariant($"{step.GigaMacsPerSecond,6:0}") : "      ";
            yield return Invariant($"{name}  {step.Milliseconds,6:0.000}  {100 * step.Milliseconds / total,5:0.0}%  {rate}  {step.GigabytesPerSecond,6:0.0}");
        }

        yield return Invariant($"{"all steps".PadRight(width)}  {total,6:0.000}");
        yield return "";
        yield return $"{"kind".PadRight(width)}      ms   share  GMAC/s    GB/s   steps";
        foreach (IGrouping<string, StepTiming> kind in steps.GroupBy(step => step.Operation).OrderByDescending(kind => kind.Sum(step => step.Milliseconds)))
        {
            double milliseconds = kind.Sum(step => step.Milliseconds);
            long macs = kind.Sum(step => step.MultiplyAccumulates);
            string rate = macs > 0 ? Invariant($"{macs / milliseconds / 1e6,6:0}") : "      ";
            double gigabytes = kind.Sum(step => step.GigabytesPerSecond * step.Milliseconds) / milliseconds;
            yield return Invariant($"{kind.Key.PadRight(width)}  {milliseconds,6:0.000}  {100 * milliseconds / total,5:0.0}%  {rate}  {gigabytes,6:0.0}  {kind.Count(),6}");
        }
    }
}
