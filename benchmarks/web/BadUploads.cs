using System.Diagnostics;
using System.Text;

namespace WebLoad;

/// <summary>200 uploads that are no usable photos: each a 4xx with a reason, soon, and without much memory.</summary>
internal static class BadUploads
{
    public static async Task<int> Run()
    {
        using Server server = await Server.Start(("Models:RoadScene:Options:MaxPixels", "20000000"));
        byte[] jpeg = Photos.Jpeg(1600, 1200), png = Photos.Png(640, 480), random = new byte[50_000];
        new Random(1).NextBytes(random);
        byte[] hugeClaim = (byte[])png.Clone();
        hugeClaim.AsSpan(16, 8).Fill(0x0F);
        byte[] flipped = (byte[])png.Clone();
        flipped[png.Length / 2] ^= 1;
        (string What, byte[] Body, string Type, int Status)[] kinds =
        [
            ("text", Encoding.UTF8.GetBytes("this is no photo"), "image/png", 415),
            ("random bytes", random, "image/jpeg", 415),
            ("nothing", [], "image/png", 400),
            ("a truncated JPEG", jpeg[..(jpeg.Length / 2)], "image/jpeg", 400),
            ("a truncated PNG", png[..(png.Length / 2)], "image/png", 400),
            ("a PNG with one bit flipped", flipped, "image/png", 400),
            ("a PNG that claims 252645135 pixels a side", hugeClaim, "image/png", 413),
            ("a flat PNG of 5000x5000", Photos.Flat(5000, 5000), "image/png", 413),
            ("20 MB", new byte[20_000_000], "image/png", 413),
            ("a form", Encoding.UTF8.GetBytes("a=b"), "application/x-www-form-urlencoded", 415),
        ];
        double before = server.Megabytes, most = before;
        int wrong = 0;
        await Send(kinds[3], 1);
        foreach (var kind in kinds)
        {
            TimeSpan cpu = server.Cpu;
            double longest = await Send(kind, 20);
            Console.WriteLine($"{kind.What}: 20 x {kind.Status}, the longest after {longest:0} ms; {(server.Cpu - cpu).TotalMilliseconds / 20:0} ms of processor each");
        }

        Console.WriteLine($"resident memory: {before:0} MB before, at most {most:0}");
        Console.WriteLine(wrong == 0 ? "200 bad uploads, every one as it must be" : $"{wrong} answers are wrong");
        return wrong == 0 ? 0 : 1;

        async Task<double> Send((string What, byte[] Body, string Type, int Status) kind, int times)
        {
            double longest = 0;
            for (int i = 0; i < times; i++)
            {
                long start = Stopwatch.GetTimestamp();
                using HttpRequestMessage request = new(HttpMethod.Post, "/api/models/RoadScene/mask") { Content = Photos.Content(kind.Body, kind.Type) };
                // As curl does for large bodies: a server that wants none of it says so first.
                request.Headers.ExpectContinue = true;
                using HttpResponseMessage answer = await server.Client.SendAsync(request);
                string text = await answer.Content.ReadAsStringAsync();
                longest = Math.Max(longest, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                most = Math.Max(most, server.Megabytes);
                if ((int)answer.StatusCode != kind.Status || !text.Contains("\"detail\""))
                {
                    wrong++;
                    Console.WriteLine($"{kind.What}: {(int)answer.StatusCode} {text}");
                }
            }

            return longest;
        }
    }
}
