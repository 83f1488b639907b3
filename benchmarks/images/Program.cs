using System.Diagnostics;
using System.Globalization;
using Images;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

// Time and memory of reading images.
//   images                    the table of docs/performance.md
//   images time FILE          our reader beside ML.NET's, in turn
//   images read FILE [N]      reads one file, of which a longest side of N is needed, and says what it took
//   images png DIR            the PNGs of a folder: our reader beside Skia's
//   images chain DIR          the PNGs of a folder through a typed transformer and through the chain that is loaded of it (RoadScene)
//   images batch DIR          500 JPEGs, made of the PNGs of a folder, through the batch scorer on two threads, beside decoder and network alone (RoadScene)
//   images pipeline DIR [N]   the images of a folder through an ML.NET pipeline that segments them (RoadScene), of which N is needed
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["read", var file, .. var rest])
{
    int needed = rest is [var text] ? int.Parse(text) : 0;
    Stopwatch clock = Stopwatch.StartNew();
    try
    {
        LoadedImage image = ImageReader.Load(file, new() { NeededLongestSide = needed, OnWarning = Console.WriteLine });
        Console.WriteLine($"{image.Info}: {image.Image.Width}x{image.Image.Height}, hash {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(image.Image.Pixels))[..12]}");
    }
    catch (Exception fault) when (fault is InvalidDataException or IOException)
    {
        Console.WriteLine(fault.Message);
    }

    Console.WriteLine($"{clock.Elapsed.TotalMilliseconds:0} ms with start-up of the decoder, peak memory {ProcessMemory.PeakMegabytes()} MB");
    return;
}

if (args is ["pipeline", var images, .. var side])
{
    PipelineRun.Run(images, side is [var number] ? int.Parse(number) : 0);
    return;
}

if (args is ["png" or "chain", var pngs])
{
    (args[0] == "png" ? PngRun.Run : (Action<string>)ChainRun.Run)(pngs);
    return;
}

if (args is ["time", var timed])
{
    Print([("ML.NET's loader", () => MLImage.CreateFromFile(timed).Dispose()), ("ours", () => Read(timed, 0))], rounds: 200);
    return;
}

string folder = Directory.CreateTempSubdirectory("images-").FullName;
try
{
    if (args is ["batch", var photos])
    {
        BatchRun.Run(photos, folder);
        return;
    }

    string photo = Path.Combine(folder, "photo.jpg"), turned = Path.Combine(folder, "turned.jpg"), png = Path.Combine(folder, "street.png"), large = Path.Combine(folder, "large.png");
    SamplePhoto.WriteJpeg(photo, 4000, 3000);
    SamplePhoto.WriteTurned(photo, turned);
    SamplePhoto.Make(480, 360).SavePng(png);
    SamplePhoto.Make(2000, 1500).SavePng(large);
    Print(
    [
        ("JPEG 4000x3000, ML.NET's loader", () => MLImage.CreateFromFile(photo).Dispose()),
        ("JPEG 4000x3000", () => Read(photo, 0)),
        ("JPEG 4000x3000, turned by 90 degrees", () => Read(turned, 0)),
        ("JPEG 4000x3000, 1,600 needed: 1/2", () => Read(photo, 1600)),
        ("JPEG 4000x3000, 800 needed: 1/4", () => Read(photo, 800)),
        ("JPEG 4000x3000, 480 needed: 1/8", () => Read(photo, 480)),
        ("JPEG 4000x3000, header only", () => ImageReader.ReadInfo(photo)),
        ("PNG 480x360, ML.NET's loader", () => MLImage.CreateFromFile(png).Dispose()),
        ("PNG 480x360", () => Read(png, 0)),
        ("PNG 2000x1500, ML.NET's loader", () => MLImage.CreateFromFile(large).Dispose()),
        ("PNG 2000x1500", () => Read(large, 0)),
    ], rounds: 15);
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static void Read(string path, int needed) => ImageReader.Load(path, new() { NeededLongestSide = needed });

static void Print((string Name, Action Read)[] ways, int rounds)
{
    double[] best = [.. Enumerable.Repeat(double.MaxValue, ways.Length)];
    for (int round = 0; round < rounds; round++)
    {
        for (int i = 0; i < ways.Length; i++)
        {
            Stopwatch clock = Stopwatch.StartNew();
            ways[i].Read();
            best[i] = Math.Min(best[i], clock.Elapsed.TotalMilliseconds);
        }
    }

    Console.WriteLine($"| | ms, the best of {rounds} in turn |\n|---|---|");
    foreach ((string name, double time) in ways.Zip(best, (way, time) => (way.Name, time)))
    {
        Console.WriteLine($"| {name} | {time:0.00} |");
    }
}
