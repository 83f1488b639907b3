using System.Collections.Concurrent;
using System.Diagnostics;

namespace WebLoad;

/// <summary>Many callers, each with one photo after the other: errors, times, and whether memory stays what it is.</summary>
internal static class Load
{
    public static async Task<int> Run(int callers, int seconds)
    {
        using Server server = await Server.Start();
        byte[] photo = Photos.Jpeg(480, 360);
        ConcurrentBag<double> times = [];
        ConcurrentBag<string> errors = [];
        List<double> memory = [];
        Stopwatch clock = Stopwatch.StartNew();
        Task[] work = [.. Enumerable.Range(0, callers).Select(_ => Task.Run(Call))];
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            await Task.Delay(1000);
            memory.Add(server.Megabytes);
        }

        await Task.WhenAll(work);
        double[] sorted = [.. times.Order()];
        int warm = memory.Count / 4;
        Console.WriteLine($"{callers} callers, {seconds} s, a JPEG of 480x360 for a mask of RoadScene: {sorted.Length} answers ({sorted.Length / (double)seconds:0.0} a second), {errors.Count} errors");
        Console.WriteLine($"time: median {At(0.5):0} ms, p90 {At(0.9):0}, p99 {At(0.99):0}, longest {sorted[^1]:0}");
        Console.WriteLine($"resident memory: {memory[warm]:0} MB after a quarter of the time, {memory[memory.Count / 2]:0} after half, {memory[^1]:0} at the end, at most {memory.Max():0}");
        foreach (var group in errors.GroupBy(error => error))
        {
            Console.WriteLine($"{group.Count()} x {group.Key}");
        }

        return errors.IsEmpty ? 0 : 1;

        double At(double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];

        async Task Call()
        {
            while (clock.Elapsed.TotalSeconds < seconds)
            {
                long start = Stopwatch.GetTimestamp();
                try
                {
                    using HttpResponseMessage answer = await server.Client.PostAsync("/api/models/RoadScene/mask", Photos.Content(photo));
                    byte[] mask = await answer.Content.ReadAsByteArrayAsync();
                    if (!answer.IsSuccessStatusCode || mask.Length == 0)
                    {
                        errors.Add($"{(int)answer.StatusCode}");
                    }
                }
                catch (Exception e)
                {
                    errors.Add(e.Message);
                }

                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }
    }
}
