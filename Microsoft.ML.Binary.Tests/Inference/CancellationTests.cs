using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Imaging;
using Microsoft.ML.Binary.Tests.Networks;
using Microsoft.ML.Binary.Tests.Pipeline;

namespace Microsoft.ML.Binary.Tests.Inference;

/// <summary>What a token ends, before the work and in the middle of it.</summary>
[TestClass]
public sealed class CancellationTests
{
    private const int Width = 60, Height = 40, Pixels = Width * Height;

    private static readonly RgbImage Image = PipelineNetworks.Image(Width, Height);

    [TestMethod]
    [DataRow("labels")]
    [DataRow("scores")]
    [DataRow("labels and scores")]
    [DataRow("saliency")]
    [DataRow("gray saliency")]
    [DataRow("logits")]
    [DataRow("tasks")]
    [DataRow("rows")]
    [DataRow("rows in tiles")]
    public void EveryMethodTakesItsToken(string method)
    {
        foreach (ViewOptions views in new[] { ViewOptions.AsIs, ViewOptions.At(32) })
        {
            using CompiledNetwork network = CompiledNetwork.Compile(Network(), new() { Threads = 1, Views = views });
            using CancellationTokenSource source = new();
            Run(network, source.Token);
            source.Cancel();
            Assert.Throws<OperationCanceledException>(() => Run(network, source.Token), $"{views}");
        }

        void Run(CompiledNetwork network, CancellationToken token)
        {
            int channels = network.LogitChannels;
            byte[] labels = new byte[Pixels];
            float[] scores = new float[channels * Pixels];
            Action<CompiledNetwork> run = method switch
            {
                "labels" => n => n.PredictLabels(Image, labels, cancellationToken: token),
                "scores" => n => n.PredictScores(Image, scores, cancellationToken: token),
                "labels and scores" => n => n.PredictLabelsAndScores(Image, labels, scores, cancellationToken: token),
                "saliency" => n => n.PredictSaliency(Image, scores.AsSpan(0, Pixels), cancellationToken: token),
                "gray saliency" => n => n.PredictSaliency(Image, labels, cancellationToken: token),
                "logits" => n => n.PredictLogits(Image, scores, cancellationToken: token),
                "tasks" => n => n.PredictTasks(Image, [TaskOutput.Gray("edges", labels)], cancellationToken: token),
                "rows" => n => n.PredictRows(Image, (_, _, _) => { }, cancellationToken: token),
                _ => _ => RunInTiles((_, _, _) => { }, token),
            };
            run(network);
        }
    }

    /// <summary>What is registered on a token, which may be all that belongs to a request, lives no longer than the request.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ACallThatIsOverKeepsNothingOfItsToken(bool resized)
    {
        using CompiledNetwork network = CompiledNetwork.Compile(Network(), new() { Threads = 1, Views = resized ? ViewOptions.At(32) : ViewOptions.AsIs });
        WeakReference state = Run(network);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.IsFalse(state.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Run(CompiledNetwork network)
        {
            object state = new();
            CancellationTokenSource source = new();
            source.Token.Register(_ => { }, state);
            network.PredictLogits(Image, new float[network.LogitChannels * Pixels], cancellationToken: source.Token);
            return new(state);
        }
    }

    /// <summary>The rows of a result that is there already, of bands of a result, and of bands of an image.</summary>
    [TestMethod]
    [DataRow("at once")]
    [DataRow("seen smaller")]
    [DataRow("in tiles")]
    public void NoRowOfAResultComesAfterTheOneThatCancels(string how)
    {
        using CancellationTokenSource source = new();
        List<(int Head, int Y)> rows = [];
        PredictedRow take = (head, y, _) =>
        {
            rows.Add((head, y));
            if (y == 5)
            {
                source.Cancel();
            }
        };
        using CompiledNetwork network = CompiledNetwork.Compile(Network(), new() { Threads = 1, Views = how == "at once" ? ViewOptions.AsIs : ViewOptions.At(32) });
        Assert.Throws<OperationCanceledException>(() =>
        {
            if (how == "in tiles")
            {
                RunInTiles(take, source.Token);
            }
            else
            {
                network.PredictRows(Image, take, cancellationToken: source.Token);
            }
        });
        CollectionAssert.AreEqual(Enumerable.Range(0, 6).Select(y => (0, y)).ToArray(), rows);
    }

    /// <summary>Of files that are read row by row, and of those that are decoded first: interlaced, turned, of a decoder that has them whole.</summary>
    [TestMethod]
    public void NoRowOfAFileComesAfterTheOneThatCancels()
    {
        using TemporaryFolder folder = new();
        byte[] interlaced = TestPng.Encode(Width, Height, ColorModel.Rgb, 8, Image.Pixels, interlaced: true);
        (string Name, byte[] File)[] files =
        [
            ("png", EncodedImages.Png(Image)), ("interlaced", interlaced), ("bmp", EncodedImages.Bmp(Image)), ("jpeg", EncodedImages.Jpeg(Image)), ("webp", EncodedImages.WebP(Image)),
            ("turned", EncodedImages.JpegWithExif(EncodedImages.Jpeg(Image), EncodedImages.Exif(ImageOrientation.Rotated180))),
        ];
        foreach ((string name, byte[] file) in files)
        {
            File.WriteAllBytes(folder.File("image"), file);
            using CancellationTokenSource source = new();
            int rows = 0;
            Assert.Throws<OperationCanceledException>(
                () => ImageReader.ReadRows(
                    folder.File("image"),
                    _ => _ =>
                    {
                        if (++rows == 5)
                        {
                            source.Cancel();
                        }
                    },
                    new() { Cancellation = source.Token }),
                name);
            Assert.AreEqual(5, rows, name);
        }
    }

    private static void RunInTiles(PredictedRow take, CancellationToken token)
    {
        DenseNetwork local = MultiTaskNetwork.Build(MultiTaskNetworkTests.Configuration with { AttentionHeads = 0 }, [MultiTaskNetworkTests.Classes, MultiTaskNetworkTests.Edges]);
        using CompiledNetwork tiled = CompiledNetwork.Compile(local.Freeze(), new() { Threads = 1, Views = ViewOptions.InTiles() });
        RowPrediction prediction = tiled.BeginRows(Width, Height, take, cancellationToken: token);
        for (int y = 0; y < Height; y++)
        {
            prediction.Add(Image.Pixels.AsSpan(3 * Width * y, 3 * Width));
        }
    }

    private static DenseNetwork Network() => MultiTaskNetwork.Build(MultiTaskNetworkTests.Configuration, [MultiTaskNetworkTests.Classes, MultiTaskNetworkTests.Edges]).Freeze();
}
