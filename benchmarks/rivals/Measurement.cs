using System.Diagnostics;
using Microsoft.ML.Binary.Compare;

namespace Microsoft.ML.Binary.Rivals;

/// <summary>What one process found: milliseconds an image, of the clock and of the processor.</summary>
internal sealed record Measurement(double First, double Wall, double Processor, double DecodedWall, double DecodedProcessor, long PeakMegabytes)
{
    public static Measurement Take(string name, string folder, string[] images, int core, double seconds)
    {
        Machine.RunOn(core);
        long start = Stopwatch.GetTimestamp();
        using Contender contender = Contender.All[name](folder, images);
        double first = double.NaN;
        using (FileStream masks = File.Create(Path.Combine(folder, MasksOf(name))))
        {
            contender.Run(decode: true, labels =>
            {
                first = double.IsNaN(first) ? Stopwatch.GetElapsedTime(start).TotalMilliseconds : first;
                masks.Write(labels);
            });
        }

        (double wall, double processor) = Least(contender, decode: true, images.Length, seconds);
        (double decodedWall, double decodedProcessor) = Least(contender, decode: false, images.Length, seconds);
        return new(first, wall, processor, decodedWall, decodedProcessor, global::Images.ProcessMemory.PeakMegabytes());
    }

    /// <summary>The file of the masks that a contender made.</summary>
    public static string MasksOf(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)) + ".masks";

    /// <summary>The least of each figure.</summary>
    public static Measurement Least(IReadOnlyCollection<Measurement> all) => new(
        all.Min(m => m.First), all.Min(m => m.Wall), all.Min(m => m.Processor), all.Min(m => m.DecodedWall), all.Min(m => m.DecodedProcessor), all.Min(m => m.PeakMegabytes));

    private static (double Wall, double Processor) Least(Contender contender, bool decode, int images, double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1.5))
        {
            contender.Run(decode, _ => { });
        }

        double wall = double.PositiveInfinity, processor = double.PositiveInfinity;
        start = Stopwatch.GetTimestamp();
        for (int pass = 0; pass < 3 || Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(seconds); pass++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            double time = Alternation.Time(() => contender.Run(decode, _ => { }));
            wall = Math.Min(wall, time / images);
            processor = Math.Min(processor, (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / images);
        }

        return (wall, processor);
    }
}
