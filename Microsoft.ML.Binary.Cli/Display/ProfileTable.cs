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
    }
}
