using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Imaging;
using Microsoft.ML.Binary.Tests.Pipeline;

namespace Microsoft.ML.Binary.Tests.Hosting;

/// <summary>The asynchronous face of predictors: the same results, limits, turns, cancellation, reload.</summary>
[TestClass]
public sealed class AsyncPredictorTests
{
    private readonly TemporaryFolder _folder = new();

    public TestContext TestContext { get; set; } = null!;

    [TestCleanup]
    public void DeleteFolder() => _folder.Dispose();

    [TestMethod]
    public async Task ResultsAreThoseOfTheSynchronousMethods()
    {
        RgbImage image = PipelineNetworks.Image(37, 26);
        byte[] png = Png(image);
        using SegmentationPredictor segmenter = new(PipelineNetworks.Segmentation());
        using SaliencyPredictor finder = new(PipelineNetworks.Saliency());
        byte[] labels = segmenter.Predict(image).Labels;
        float[] saliency = finder.Predict(image).Values.ToArray();

        CollectionAssert.AreEqual(labels, (await segmenter.PredictAsync(image, TestContext.CancellationToken)).Labels);
        CollectionAssert.AreEqual(labels, (await segmenter.PredictAsync(new MemoryStream(png), cancellationToken: TestContext.CancellationToken)).Labels);
        CollectionAssert.AreEqual(saliency, (await finder.PredictAsync(image, TestContext.CancellationToken)).Values.ToArray());
        CollectionAssert.AreEqual(saliency, (await finder.PredictAsync(new MemoryStream(png), cancellationToken: TestContext.CancellationToken)).Values.ToArray());
        await segmenter.PredictAsync(
            new MemoryStream(png),
            seen =>
            {
                CollectionAssert.AreEqual(labels, seen.Result.Labels);
                CollectionAssert.AreEqual(image.Pixels, seen.Image.Pixels);
                Assert.AreSame(segmenter.Network, seen.Network);
                return true;
            },
            cancellationToken: TestContext.CancellationToken);
        await finder.PredictAsync(
            new MemoryStream(png),
            seen =>
            {
                Assert.AreEqual((20, 14), (seen.Result.Width, seen.Result.Height));
                Assert.AreEqual((20, 14), (seen.Image.Width, seen.Image.Height));
                return true;
            },
            longestSide: 20, cancellationToken: TestContext.CancellationToken);
    }

    [TestMethod]
    public async Task WhatIsNoUsableImageIsRefusedWithAReason()
    {
        using ServiceProvider services = Services(options => (options.MaxPixels, options.MaxFileBytes) = (1000, 5000));
        SegmentationPredictor predictor = services.GetRequiredService<SegmentationPredictor>();
        byte[] png = Png(PipelineNetworks.Image(30, 30)), large = Png(PipelineNetworks.Image(40, 30)), endless = new byte[6000];
        png.CopyTo(endless, 0);

        await Refused(ImageProblem.Empty, 400, "photo: the file is empty", []);
        await Refused(ImageProblem.UnknownFormat, 415, "photo: not an image of a known format", "some text that is no image"u8.ToArray());
        await Refused(ImageProblem.UnknownFormat, 415, "photo: not an image of a known format", [1, 2, 3]);
        await Refused(ImageProblem.UnknownFormat, 415, "photo: this is a form", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n"u8.ToArray());
        await Refused(ImageProblem.Damaged, 400, "photo: ", png[..20]);
        await Refused(ImageProblem.Damaged, 400, "photo: ", png[..(png.Length / 2)]);
        await Refused(ImageProblem.TooLarge, 413, "40x30 pixels; at most 1000", large);
        await Refused(ImageProblem.TooLarge, 413, "more than 5000 bytes", endless);

        // 900 pixels are few enough for a PNG; a GIF, which is decoded all at once, may have 406.
        await Refused(ImageProblem.TooLarge, 413, "photo: the image has 30x30 pixels, of a kind that is decoded all at once; of these at most 406", EncodedImages.Gif(30, 30, [9, 8, 7], new byte[900]));
        UnusableImageException pixels = await Assert.ThrowsExactlyAsync<UnusableImageException>(() => predictor.PredictAsync(PipelineNetworks.Image(40, 30), TestContext.CancellationToken));
        Assert.AreEqual(ImageProblem.TooLarge, pixels.Problem);
        Assert.HasCount(900, (await predictor.PredictAsync(new MemoryStream(png), cancellationToken: TestContext.CancellationToken)).Labels);

        async Task Refused(ImageProblem problem, int status, string message, byte[] file)
        {
            UnusableImageException e = await Assert.ThrowsExactlyAsync<UnusableImageException>(
                () => predictor.PredictAsync(new MemoryStream(file), "photo", TestContext.CancellationToken));
            Assert.AreEqual((problem, status), (e.Problem, e.StatusCode), e.Message);
            StringAssert.Contains(e.Message, message);
        }
    }

    [TestMethod]
    public async Task SoManyWorkSoManyWaitAndTheNextIsRefused()
    {
        using ServiceProvider services = Services(options => (options.MaxConcurrency, options.MaxQueueLength) = (2, 3));
        SegmentationPredictor predictor = services.GetRequiredService<SegmentationPredictor>();
        byte[] png = Png(PipelineNetworks.Image(20, 20));
        using ManualResetEventSlim open = new();
        using SemaphoreSlim inside = new(0);
        int most = 0, now = 0;
        Task<bool>[] five = [.. Enumerable.Range(0, 5).Select(_ => Task.Run(Begin))];
        await inside.WaitAsync(TestContext.CancellationToken);
        await inside.WaitAsync(TestContext.CancellationToken);
        await Until(() => Waiting(services) == 3);
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<PredictorBusyException>(Begin)).Message, "3 images wait");
        open.Set();
        await Task.WhenAll(five);
        Assert.AreEqual(2, most);

        Task<bool> Begin() => predictor.PredictAsync(new MemoryStream(png), seen => Hold());

        bool Hold()
        {
            int count = Interlocked.Increment(ref now);
            InterlockedMax(ref most, count);
            inside.Release();
            open.Wait();
            Interlocked.Decrement(ref now);
            return true;
        }
    }

    [TestMethod]
    public async Task WhoWaitsAndGoesLeavesTheQueue()
    {
        using ServiceProvider services = Services(options => (options.MaxConcurrency, options.MaxQueueLength) = (1, 1));
        SegmentationPredictor predictor = services.GetRequiredService<SegmentationPredictor>();
        byte[] png = Png(PipelineNetworks.Image(20, 20));
        using ManualResetEventSlim open = new();
        Task<bool> first = predictor.PredictAsync(new MemoryStream(png), seen => { open.Wait(); return true; });
        using CancellationTokenSource gone = new();
        Task<SegmentationMask> second = predictor.PredictAsync(new MemoryStream(png), cancellationToken: gone.Token);
        await Until(() => Waiting(services) == 1);
        await gone.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => second);
        Task<SegmentationMask> third = predictor.PredictAsync(new MemoryStream(png), cancellationToken: TestContext.CancellationToken);
        open.Set();
        await Task.WhenAll(first, third);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void ACancelledRunEndsAndTheNextIsRight(int threads)
    {
        DenseNetwork network = PipelineNetworks.Segmentation();
        RgbImage image = PipelineNetworks.Image(900, 700);
        foreach (ViewOptions views in new[] { ViewOptions.AsIs, ViewOptions.At(64) })
        {
            using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = threads, Views = views });
            byte[] expected = new byte[900 * 700], labels = new byte[900 * 700];
            compiled.PredictLabels(image, expected);
            using CancellationTokenSource never = new();
            compiled.PredictLabels(image, labels, cancellationToken: never.Token);
            CollectionAssert.AreEqual(expected, labels, "in pieces");
            using CancellationTokenSource gone = new();
            gone.Cancel();
            Assert.Throws<OperationCanceledException>(() => compiled.PredictLabels(image, labels, cancellationToken: gone.Token));
            for (int delay = 0; delay < 20; delay++)
            {
                using CancellationTokenSource soon = new(delay);
                try
                {
                    compiled.PredictLabels(image, labels, cancellationToken: soon.Token);
                }
                catch (OperationCanceledException)
                {
                }
            }

            Array.Clear(labels);
            compiled.PredictLabels(image, labels);
            CollectionAssert.AreEqual(expected, labels, "after others were cancelled");
        }
    }

    [TestMethod]
    public void ReadingIsCancelledBetweenRows()
    {
        byte[] png = Png(PipelineNetworks.Image(50, 40));
        using CancellationTokenSource gone = new();
        Assert.AreEqual(50, ImageReader.Load(png, "a", new() { Cancellation = gone.Token }).Image.Width);
        gone.Cancel();
        Assert.Throws<OperationCanceledException>(() => ImageReader.Load(png, "a", new() { Cancellation = gone.Token }));
    }

    [TestMethod]
    public async Task AModelWhoseFileChangesIsLoadedAnewAndABadFileIsNot()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("model");
        PipelineNetworks.Segmentation(classes: 3).Save(file);
        using ServiceProvider services = Services(options => (options.ModelPath, options.ReloadOnChange, options.ReloadInterval) = (file, true, TimeSpan.FromMilliseconds(20)));
        SegmentationPredictor predictor = services.GetRequiredService<SegmentationPredictor>();
        HealthCheckService health = services.GetRequiredService<HealthCheckService>();
        byte[] png = Png(PipelineNetworks.Image(20, 20));

        // One that is under way keeps its model.
        using ManualResetEventSlim open = new();
        using SemaphoreSlim inside = new(0);
        Task<int> before = predictor.PredictAsync(new MemoryStream(png), seen => { inside.Release(); open.Wait(); return seen.Network.ClassNames.Length; });
        await inside.WaitAsync(TestContext.CancellationToken);
        PipelineNetworks.Segmentation(classes: 5).Save(file);
        await Until(() => predictor.Network.ClassNames.Length == 5);
        Assert.AreEqual(5, await predictor.PredictAsync(new MemoryStream(png), seen => seen.Network.ClassNames.Length, cancellationToken: TestContext.CancellationToken));
        open.Set();
        Assert.AreEqual(3, await before);

        File.WriteAllBytes(file, File.ReadAllBytes(file)[..200]);
        await Until(() => services.GetRequiredKeyedService<PredictorCore>("segmentation").Models.Problem is not null);
        HealthReport report = await health.CheckHealthAsync(TestContext.CancellationToken);
        Assert.AreEqual(HealthStatus.Degraded, report.Status);
        StringAssert.Contains(report.Entries["binary predictors"].Description, file);
        Assert.HasCount(5, predictor.Network.ClassNames);

        PipelineNetworks.Segmentation(classes: 4).Save(file);
        await Until(() => predictor.Network.ClassNames.Length == 4);
        Assert.AreEqual(HealthStatus.Healthy, (await health.CheckHealthAsync(TestContext.CancellationToken)).Status);
    }

    [TestMethod]
    public async Task AModelBehindALinkInALinkedFolderIsLoadedAnew()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("real/deep"));
        Directory.CreateSymbolicLink(folder.File("short"), Path.Combine("real", "deep"));
        File.CreateSymbolicLink(folder.File("real/deep/link"), Path.Combine("..", "model"));
        PipelineNetworks.Segmentation(classes: 3).Save(folder.File("real/model"));
        int told = 0;
        string link = folder.File("short/link");
        using ModelHolder models = new(() => new(DenseNetwork.Load(link), new()), link, TimeSpan.FromMilliseconds(1), _ => told++);
        PipelineNetworks.Segmentation(classes: 4).Save(folder.File("real/model"));
        await Until(() => told > 0);
    }

    /// <summary>The file is looked at on a thread of the pool, where an exception would end the process.</summary>
    [TestMethod]
    public async Task AListenerThatThrowsEndsNeitherTheProcessNorTheWatching()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("model");
        PipelineNetworks.Segmentation(classes: 3).Save(file);
        int told = 0;
        using ModelHolder models = new(() => new(DenseNetwork.Load(file), new()), file, TimeSpan.FromMilliseconds(1), _ =>
        {
            told++;
            throw new InvalidOperationException("a listener's own");
        });
        for (int classes = 4; classes < 7; classes++)
        {
            PipelineNetworks.Segmentation(classes: classes).Save(file);
            await Until(() =>
            {
                LoadedModel model = models.Enter();
                model.Exit();
                return model.Network.ClassNames.Length == classes;
            });
            Assert.IsNull(models.Problem);
        }

        Assert.IsGreaterThanOrEqualTo(2, told);
    }

    /// <summary>A file that another holds open may be whole the moment after, without a change to be seen; one that is damaged stays so.</summary>
    [TestMethod]
    public async Task AModelThatCouldNotBeOpenedIsTriedAgainAndADamagedOneIsNot()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("model");
        PipelineNetworks.Segmentation(classes: 3).Save(file);
        int attempts = 0;
        DenseNetwork Load() => ++attempts is 2 or 3 ? throw new IOException("another holds it open") : DenseNetwork.Load(file);
        using ModelHolder models = new(() => new(Load(), new()), file, TimeSpan.FromMilliseconds(1));
        PipelineNetworks.Segmentation(classes: 5).Save(file);
        await Until(() =>
        {
            LoadedModel model = models.Enter();
            model.Exit();
            return model.Network.ClassNames.Length == 5;
        });
        Assert.AreEqual(4, attempts);

        string damaged = folder.File("damaged");
        File.WriteAllBytes(damaged, File.ReadAllBytes(file)[..200]);
        File.Move(damaged, file, overwrite: true);
        await Until(() => models.Problem is not null);
        await Task.Delay(50, TestContext.CancellationToken);
        Assert.IsInstanceOfType<NetworkFileException>(models.Problem);
        Assert.AreEqual(5, attempts);
    }

    [TestMethod]
    public void APredictorThatIsDisposedIsNotKeptByItsMeter()
    {
        WeakReference network = Use();
        for (int i = 0; i < 10 && network.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.IsFalse(network.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Use()
        {
            DenseNetwork network = PipelineNetworks.Segmentation(classes: 3);
            using SegmentationPredictor predictor = new(network);
            predictor.Predict(PipelineNetworks.Image(20, 20));
            return new(network);
        }
    }

    [TestMethod]
    public async Task OptionsComeFromConfigurationAndAreCheckedWhenTheHostStarts()
    {
        using TemporaryFolder folder = new();
        PipelineNetworks.Saliency().Save(folder.File("model"));
        using IHost host = Host(("ModelPath", folder.File("model")), ("MaxPixels", "123"), ("ReloadInterval", "00:00:02"));
        await host.StartAsync(TestContext.CancellationToken);
        PredictorOptions options = host.Services.GetRequiredService<IOptionsMonitor<PredictorOptions>>().Get("saliency");
        Assert.AreEqual((123, TimeSpan.FromSeconds(2)), (options.MaxPixels, options.ReloadInterval));
        await host.StopAsync(TestContext.CancellationToken);

        await Refused("AddBinarySaliency: ModelPath or Pretrained must be given, and not both.");
        await Refused("AddBinarySaliency: Threads is -1; it must be from 0 to 1024.", ("ModelPath", "x"), ("Threads", "-1"));
        await Refused("the model does not exist.", ("ModelPath", folder.File("none")));
        await Refused("MaxPixel", ("ModelPath", folder.File("model")), ("MaxPixel", "5"));

        async Task Refused(string message, params (string, string)[] settings)
        {
            using IHost refused = Host(settings);
            Exception e = await Assert.ThrowsAsync<Exception>(() => refused.StartAsync(TestContext.CancellationToken));
            StringAssert.Contains(e.Message, message);
        }

        static IHost Host(params (string Name, string Value)[] settings)
        {
            HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
            builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Name, setting.Value)));
            builder.Services.AddBinarySaliency((IConfiguration)builder.Configuration);
            return builder.Build();
        }
    }

    [TestMethod]
    public async Task RequestsPixelsAndTimesAreMetered()
    {
        using ServiceProvider services = Services(_ => { }, key: "metered");
        SegmentationPredictor predictor = services.GetRequiredKeyedService<SegmentationPredictor>("metered");
        using Measurements seen = new("segmentation:metered");
        await predictor.PredictAsync(PipelineNetworks.Image(20, 10), TestContext.CancellationToken);
        await Assert.ThrowsExactlyAsync<UnusableImageException>(() => predictor.PredictAsync(new MemoryStream(), cancellationToken: TestContext.CancellationToken));
        seen.Observe();

        CollectionAssert.AreEqual(new[] { "ok", "unusable" }, seen.OutcomesOf("mlbinary.predictions"));
        CollectionAssert.AreEqual(new[] { 1.0, 1.0 }, seen.Of("mlbinary.predictions"));
        CollectionAssert.AreEqual(new[] { 200.0 }, seen.Of("mlbinary.pixels"));
        CollectionAssert.AreEqual(new[] { 0.0 }, seen.Of("mlbinary.prediction.queue"));
        Assert.AreEqual("ok", seen.OutcomesOf("mlbinary.prediction.duration")[0]);
        Assert.IsGreaterThan(0, seen.Of("mlbinary.prediction.duration")[0]);
    }

    private ServiceProvider Services(Action<PredictorOptions> configure, string? key = null)
    {
        PipelineNetworks.Segmentation().Save(_folder.File("model"));
        return PredictorServices.Of(_folder.File("model"), configure, key);
    }

    private static long Waiting(ServiceProvider services) => services.GetRequiredKeyedService<PredictorCore>("segmentation").Waiting;

    private static byte[] Png(RgbImage image) => HeldPrediction.Upload(image).ToArray();

    private static void InterlockedMax(ref int most, int value)
    {
        int seen = Volatile.Read(ref most);
        while (value > seen)
        {
            seen = Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    private async Task Until(Func<bool> condition)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.IsLessThan(6000, i, "it does not happen");
            await Task.Delay(5, TestContext.CancellationToken);
        }
    }
}
