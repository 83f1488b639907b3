using System.Diagnostics;

namespace Images;

/// <summary>Time of several ways to do the same to a set of images, in turn, so that what disturbs the machine disturbs all alike.</summary>
internal static class Turns
{
    /// <summary>Prints a table: least and median of the rounds, milliseconds an image of the processor and by the clock.</summary>
    /// <param name="images">Images of a round.</param>
    /// <param name="rounds">How often each way is taken; once more before, to warm up.</param>
    /// <param name="ways">Each does its work for all images of a round.</param>
    /// <returns>The least time of each by the clock.</returns>
    public static double[] Print(int images, int rounds, params (string Name, Action Run)[] ways)
    {
        (double Processor, double Clock)[][] times = [.. ways.Select(_ => new (double, double)[rounds])];
        for (int round = -1; round < rounds; round++)
        {
            for (int i = 0; i < ways.Length; i++)
            {
                TimeSpan start = Environment.CpuUsage.TotalTime;
                Stopwatch clock = Stopwatch.StartNew();
                ways[i].Run();
                if (round >= 0)
                {
                    times[i][round] = ((Environment.CpuUsage.TotalTime - start).TotalMilliseconds / images, clock.Elapsed.TotalMilliseconds / images);
                }
            }
        }

        Console.WriteLine($"| {images} images, {rounds} rounds in turn; ms an image | processor, least | median | clock, least | median |\n|---|---:|---:|---:|---:|");
        foreach ((string name, (double Processor, double Clock)[] time) in ways.Zip(times, (way, time) => (way.Name, time)))
        {
            Console.WriteLine(
                $"| {name} | {time.Min(one => one.Processor):0.00} | {Median(time.Select(one => one.Processor)):0.00} | {time.Min(one => one.Clock):0.00} | {Median(time.Select(one => one.Clock)):0.00} |");
        }

        return [.. times.Select(time => time.Min(one => one.Clock))];

        double Median(IEnumerable<double> values) => values.Order().ElementAt(rounds / 2);
    }

    /// <summary>Image files of a folder.</summary>
    public static string[] Files(string folder, string pattern, int most) =>
        Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal).Take(most).ToArray() is { Length: > 0 } files
            ? files
            : throw new InvalidDataException($"{folder}: no images {pattern}.");
}
