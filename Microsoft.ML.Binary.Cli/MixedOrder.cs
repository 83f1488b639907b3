using System.Numerics;

namespace Microsoft.ML.Binary.Cli;

/// <summary>
/// The order that a folder is read in for training. A set that does not fit into the trainer's cache goes through a shuffle buffer, which mixes neighbours, and names often begin
/// with what a picture shows or where it comes from. So each image is followed by the one a golden ratio of the set further on: however few follow one another, they are from all of it.
/// </summary>
internal static class MixedOrder
{
    private const double GoldenRatio = 0.6180339887498949;

    /// <summary>The same images, each once.</summary>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T> images)
    {
        int count = images.Count, step = Math.Max(1, (int)(GoldenRatio * count));
        while (BigInteger.GreatestCommonDivisor(step, count) > 1)
        {
            step++;
        }

        return [.. Enumerable.Range(0, count).Select(i => images[(int)((long)i * step % count)])];
    }
}
