using System.Diagnostics;
using Microsoft.ML.Binary;

namespace WebLoad;

/// <summary>A model whose file changes every second under load, and is not whole at times: no request may be lost, and each answer is that of one of the models.</summary>
internal static class Reloading
{
    private const int Callers = 16;

    public static async Task<int> Run(int seconds)
    {
        string folder = Directory.CreateTempSubdirectory("reload").FullName, file = Path.Combine(folder, "model.mlbn");
        byte[][] models = [.. new[] { PretrainedModel.RoadScene, PretrainedModel.Road }.Select(model => PretrainedNetworks.Load(model).ToBytes())];
        File.WriteAllBytes(file, models[0]);
        using Server server = await Server.Start(
            ("Models:Changing:Task", "segmentation"), ("Models:Changing:Options:ModelPath", file),
            ("Models:Changing:Options:ReloadOnChange", "true"), ("Models:Changing:Options:ReloadInterval", "00:00:00.2"));
        byte[] photo = Photos.Jpeg(320, 240);
        byte[][] expected = [await Answer("RoadScene"), await Answer("Road")];
        int[] seen = new int[2];
        int wrong = 0, lost = 0;
        Stopwatch clock = Stopwatch.StartNew();
        Task[] work = [.. Enumerable.Range(0, Callers).Select(_ => Task.Run(Call))];
        int changes = 0, broken = 0;
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            await Task.Delay(1000);
            byte[] next = models[++changes % 2];
            if (changes % 3 == 0)
            {
                // Written in place, slowly: half a file is there for a while.
                broken++;
                await File.WriteAllBytesAsync(file, next[..(next.Length / 2)]);
                await Task.Delay(500);
                await File.WriteAllBytesAsync(file, next);
            }
            else
            {
                await File.WriteAllBytesAsync(file + ".new", next);
                File.Move(file + ".new", file, overwrite: true);
            }
        }

        await Task.WhenAll(work);
        Console.WriteLine($"{seconds} s, {Callers} callers, {changes} changes of the model, {broken} of them half written for half a second: "
            + $"{seen.Sum()} answers ({seen[0]} of one model, {seen[1]} of the other), {wrong} wrong, {lost} lost");
        Directory.Delete(folder, recursive: true);
        return wrong + lost == 0 && seen.Min() > 0 ? 0 : 1;

        async Task<byte[]> Answer(string model)
        {
            using HttpResponseMessage answer = await server.Client.PostAsync($"/api/models/{model}/mask", Photos.Content(photo));
            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadAsByteArrayAsync();
        }

        async Task Call()
        {
            while (clock.Elapsed.TotalSeconds < seconds)
            {
                try
                {
                    byte[] answer = await Answer("Changing");
                    int which = Array.FindIndex(expected, mask => mask.AsSpan().SequenceEqual(answer));
                    _ = which < 0 ? Interlocked.Increment(ref wrong) : Interlocked.Increment(ref seen[which]);
                }
                catch (HttpRequestException)
                {
                    Interlocked.Increment(ref lost);
                }
            }
        }
    }
}
