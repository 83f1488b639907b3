using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Images;

/// <summary>What <c>mlbinary score</c> does to many JPEGs on two threads, beside what decoding them and running the network on them takes by themselves.</summary>
internal static class BatchRun
{
    private const int Images = 500, WarmUp = 50, Rounds = 3, Threads = 2;

    public static void Run(string folder, string outputs)
    {
        NamedFile[] photos = SamplePhoto.WriteJpegs(Turns.Files(folder, "*.png", Images), Path.Combine(outputs, "photos"), Images);
        DenseNetwork network = PretrainedNetworks.Load(PretrainedModel.RoadScene);
        using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = 1 });
        LoadedImage[] decoded = [.. photos.Take(50).Select(photo => Decode(photo))];
        ThreadLocal<byte[]> labels = new(() => new byte[decoded.Max(image => image.FullWidth * image.FullHeight)]);
        (long Bytes, int Collections) heap = default;
        int folders = 0;
        double[] least = Turns.Print(
            Images,
            Rounds,
            ("decoding", () => Array.ForEach(photos, photo => Decode(photo))),
            ("network, labels of full size", () => Walk(Enumerable.Range(0, Images).Select(i => Predict(decoded[i % decoded.Length])))),
            ("both on two threads", () => Walk(OrderedParallel.Map(photos, Threads, photo => Predict(Decode(photo))))),
            ("BatchScorer on two threads, masks written", Score));
        Console.WriteLine($"BatchScorer by the clock: {least[2] / least[3]:0.0%} of the speed of decoder and network alone on as many threads; after {WarmUp} images it allocates {heap.Bytes / 1024.0 / (Images - WarmUp):0} KB an image, and the whole heap is collected {heap.Collections} times");

        void Score()
        {
            using BatchScorer scorer = new(network, new() { OutputFolder = Path.Combine(outputs, $"masks{++folders}"), Threads = Threads, FailFast = true });
            using IEnumerator<BatchResult> results = scorer.Prepare(photos).Run().GetEnumerator();
            for (int i = 0; i < WarmUp && results.MoveNext(); i++)
            {
            }

            (long bytes, int collections) = (GC.GetTotalAllocatedBytes(), GC.CollectionCount(2));
            while (results.MoveNext())
            {
            }

            heap = (GC.GetTotalAllocatedBytes() - bytes, GC.CollectionCount(2) - collections);
        }

        static void Walk<T>(IEnumerable<T> results)
        {
            foreach (T _ in results)
            {
            }
        }

        LoadedImage Predict(LoadedImage image)
        {
            compiled.PredictLabels(image.Image, labels.Value.AsSpan(0, image.FullWidth * image.FullHeight), (image.FullWidth, image.FullHeight));
            return image;
        }

        LoadedImage Decode(NamedFile photo) => ImageReader.Load(photo.Path, new() { NeededLongestSide = compiled.NeededLongestSide });
    }
}
