using System.Diagnostics;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Images;

/// <summary>What <c>mlbinary score</c> does to many JPEGs on two threads, beside what decoding them and running the network on them takes by themselves.</summary>
internal static class BatchRun
{
    private const int Images = 500, Rounds = 3, Threads = 2;

    public static void Run(string folder, string outputs)
    {
        NamedFile[] photos = SamplePhoto.WriteJpegs(Turns.Files(folder, "*.png", Images), Path.Combine(outputs, "photos"), Images);
        DenseNetwork network = PretrainedNetworks.Load(PretrainedModel.RoadScene);
        using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = 1 });
        LoadedImage[] decoded = [.. photos.Take(50).Select(photo => Decode(photo))];
        byte[] labels = new byte[decoded.Max(image => image.FullWidth * image.FullHeight)];
        int rest = Images - (Images % decoded.Length);
        List<double> walls = [];
        double[] least = Turns.Print(
            Images,
            Rounds,
            ("decoding", () => Array.ForEach(photos, photo => Decode(photo))),
            ("network and labels of full size", () =>
            {
                for (int i = 0; i < rest; i++)
                {
                    LoadedImage image = decoded[i % decoded.Length];
                    compiled.PredictLabels(image.Image, labels.AsSpan(0, image.FullWidth * image.FullHeight), (image.FullWidth, image.FullHeight));
                }
            }),
            ("BatchScorer, masks written", () =>
            {
                Stopwatch clock = Stopwatch.StartNew();
                using BatchScorer scorer = new(network, new() { OutputFolder = Path.Combine(outputs, "masks"), Threads = Threads, FailFast = true });
                foreach (BatchResult result in scorer.Prepare(photos).Run())
                {
                }

                walls.Add(clock.Elapsed.TotalMilliseconds / Images);
            }));
        double bare = least[0] + least[1];
        Console.WriteLine(
            $"decoding and network alone: {bare:0.00} ms an image, {bare / least[2]:0.0%} of what the batch takes of the processor; on {Threads} cores they allow {bare / Threads:0.00} ms an image, "
            + $"and the batch took {walls.Skip(1).Min():0.00}: {bare / Threads / walls.Skip(1).Min():0.0%}");

        LoadedImage Decode(NamedFile photo) => ImageReader.Load(photo.Path, new() { NeededLongestSide = compiled.NeededLongestSide });
    }
}
