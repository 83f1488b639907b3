using System.Diagnostics;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Fuzz.Soak;

/// <summary>One moment of a soak.</summary>
internal sealed record SoakSample(double Minutes, double Megabytes, int Handles, int Threads);

/// <summary>
/// Many callers predict images of many sizes with one predictor, while others are made and disposed of. Every result is checked, and memory, handles and threads are
/// those of the first tenth in the last.
/// </summary>
internal static class SoakRun
{
    private const int Callers = 6, Sizes = 12, Samples = 200;

    /// <returns>Whether all results were right and nothing grew.</returns>
    public static bool Run(TimeSpan length, long seed, string? picture, TextWriter output)
    {
        DenseNetwork network = new(
            DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, 3, seed: seed)), DenseTask.Segmentation, ["a", "b", "c"]);
        network = network.Freeze();
        RgbImage[] images = [.. Enumerable.Range(0, Sizes).Select(i => Picture(seed, i))];
        byte[][] expected;
        using (SegmentationPredictor first = new(network, new() { Threads = 1 }))
        {
            expected = [.. images.Select(image => first.Predict(image).Labels)];
        }

        using SegmentationPredictor predictor = new(network, new InferenceOptions { Threads = 2, PlanCacheBytes = 8 << 20 });
        long runs = 0, faults = 0;
        List<SoakSample> samples = [];
        Stopwatch watch = Stopwatch.StartNew();
        Thread[] callers = [.. Enumerable.Range(0, Callers).Select(caller => new Thread(() => Call(caller)))];
        Array.ForEach(callers, thread => thread.Start());
        for (int i = 1; i <= Samples; i++)
        {
            TimeSpan pause = length / Samples * i - watch.Elapsed;
            Thread.Sleep(pause > TimeSpan.Zero ? pause : TimeSpan.Zero);
            samples.Add(Sample(watch.Elapsed));
        }

        Array.ForEach(callers, thread => thread.Join());
        SoakSample[] settled = [.. samples.Skip(Samples / 10)];
        double before = Median(settled[..(Samples / 10)], s => s.Megabytes), after = Median(settled[^(Samples / 10)..], s => s.Megabytes);
        double handles = Median(settled[^(Samples / 10)..], s => s.Handles) - Median(settled[..(Samples / 10)], s => s.Handles);
        double threads = Median(settled[^(Samples / 10)..], s => s.Threads) - Median(settled[..(Samples / 10)], s => s.Threads);
        bool grew = after > 1.25 * before + 32 || handles > 20 || threads > 10;
        if (picture is not null)
        {
            File.WriteAllText(picture, SoakPicture.Draw(samples));
        }

        output.WriteLine(FormattableString.Invariant(
            $"soak         {runs,12:N0} predictions of {Sizes} sizes by {Callers} callers in {watch.Elapsed.TotalMinutes:0.0} min: {faults:N0} faults; memory {before:0} to {after:0} MB, handles {handles:+0;-0;0}, threads {threads:+0;-0;0}"));
        return faults == 0 && !grew;

        void Call(int caller)
        {
            RandomStream random = new(seed, caller, 51);
            while (watch.Elapsed < length)
            {
                int i = random.NextInt(Sizes);
                try
                {
                    bool isRight;
                    if (random.NextInt(50) == 0)
                    {
                        using SegmentationPredictor another = new(network, new() { Threads = 1 + random.NextInt(3) });
                        isRight = another.Predict(images[i]).Labels.AsSpan().SequenceEqual(expected[i]);
                    }
                    else
                    {
                        isRight = predictor.Predict(images[i]).Labels.AsSpan().SequenceEqual(expected[i]);
                    }

                    Interlocked.Add(ref faults, isRight ? 0 : 1);
                }
                catch (Exception e)
                {
                    Interlocked.Increment(ref faults);
                    Console.Error.WriteLine($"FAULT caller {caller}: {e}");
                }

                Interlocked.Increment(ref runs);
            }
        }
    }

    private static double Median(SoakSample[] samples, Func<SoakSample, double> value) => samples.Select(value).Order().ElementAt(samples.Length / 2);

    private static SoakSample Sample(TimeSpan elapsed)
    {
        using Process process = Process.GetCurrentProcess();
        int handles = OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : process.HandleCount;
        return new(elapsed.TotalMinutes, process.WorkingSet64 / 1e6, handles, process.Threads.Count);
    }

    private static RgbImage Picture(long seed, int index)
    {
        RandomStream random = new(seed, index, 52);
        int width = 16 + random.NextInt(300), height = 16 + random.NextInt(200);
        byte[] pixels = new byte[3 * width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)random.NextInt(256);
        }

        return new(width, height, pixels);
    }
}
