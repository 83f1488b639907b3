using System.Diagnostics;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace WebLoad;

/// <summary>Callers that go while their 6000x6000 photo is worked on: the processor time that is spent on it after that.</summary>
internal static class Cancelling
{
    private const int Side = 6000;

    public static async Task<int> Run()
    {
        await OverHttp();
        InProcess();
        return 0;
    }

    private static async Task OverHttp()
    {
        using Server server = await Server.Start();
        foreach ((string kind, byte[] photo) in new[] { ("image/png", Photos.Flat(Side, Side)), ("image/jpeg", Photos.Jpeg(Side, Side)) })
        {
            foreach (string model in new[] { "RoadScene", "Saliency" })
            {
                // Once whole: how long there is to go away in.
                TimeSpan cpu = server.Cpu;
                long start = Stopwatch.GetTimestamp();
                using HttpResponseMessage whole = await server.Client.PostAsync($"/api/models/{model}/mask", Photos.Content(photo, kind));
                whole.EnsureSuccessStatusCode();
                double total = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                Console.WriteLine($"{kind}, {photo.Length / 1e6:0.0} MB, {Side}x{Side}, {model}: {total:0} ms, {(server.Cpu - cpu).TotalMilliseconds:0} ms of processor");
                List<string> after = [];
                for (int i = 1; i <= 8; i++)
                {
                    await Quiet(server);
                    using CancellationTokenSource gone = new();
                    Task<HttpResponseMessage> request = server.Client.PostAsync($"/api/models/{model}/mask", Photos.Content(photo, kind), gone.Token);
                    await Task.Delay((int)(total * i / 9));
                    cpu = server.Cpu;
                    await gone.CancelAsync();
                    try
                    {
                        (await request).Dispose();
                        after.Add("(done)");
                        continue;
                    }
                    catch (OperationCanceledException)
                    {
                    }

                    await Quiet(server);
                    after.Add($"{(server.Cpu - cpu).TotalMilliseconds:0}");
                }

                Console.WriteLine($"  gone at 1/9 ... 8/9 of that, milliseconds of processor spent afterwards: {string.Join(", ", after)}");
            }
        }
    }

    /// <summary>A network that sees the image as it is, so that its steps themselves are long.</summary>
    private static void InProcess()
    {
        foreach (int threads in new[] { 1, 2 })
        {
            using CompiledNetwork network = CompiledNetwork.Compile(
                PretrainedNetworks.Load(PretrainedModel.RoadScene), new() { Threads = threads, Views = ViewOptions.AsIs, MaxRunBytes = long.MaxValue });
            int side = Side;
            while (true)
            {
                try
                {
                    network.Prepare(side, side);
                    break;
                }
                catch (ImageTooLargeException)
                {
                    side -= 500;
                }
            }

            RgbImage image = new(side, side);
            byte[] labels = new byte[side * side];
            network.PredictLabels(image, labels);
            long start = Stopwatch.GetTimestamp();
            network.PredictLabels(image, labels);
            double total = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            List<double> after = [];
            for (int i = 1; i <= 6; i++)
            {
                using CancellationTokenSource gone = new();
                long cancelled = 0;
                using Timer timer = new(_ => { cancelled = Stopwatch.GetTimestamp(); gone.Cancel(); }, null, (int)(total * i / 7), Timeout.Infinite);
                try
                {
                    network.PredictLabels(image, labels, cancellationToken: gone.Token);
                }
                catch (OperationCanceledException)
                {
                    after.Add(Stopwatch.GetElapsedTime(cancelled).TotalMilliseconds);
                }
            }

            Console.WriteLine(
                $"RoadScene on {side}x{side} as it is, {threads} thread(s): {total:0} ms; cancelled {after.Count} times, ends after {after.Order().ElementAt(after.Count / 2):0} ms in the median, {after.Max():0} at most");
        }
    }

    private static async Task Quiet(Server server)
    {
        TimeSpan before;
        do
        {
            before = server.Cpu;
            await Task.Delay(300);
        }
        while ((server.Cpu - before).TotalMilliseconds > 15);
    }
}
