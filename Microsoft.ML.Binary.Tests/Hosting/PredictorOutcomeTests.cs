using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Tests.Pipeline;

namespace Microsoft.ML.Binary.Tests.Hosting;

/// <summary>What becomes of images that get no result: what who sent them, the log and the meters are told.</summary>
[TestClass]
public sealed class PredictorOutcomeTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task AnImageThatNeedsTooMuchMemory_IsLoggedAsAllThatAreRefused()
    {
        using TemporaryFolder folder = new();
        Lines lines = new();
        using ServiceProvider services = Services(folder, "large", options => (options.MaxRunBytes, options.WarmUp) = (1 << 20, false), lines);
        SegmentationPredictor predictor = services.GetRequiredKeyedService<SegmentationPredictor>("large");
        UnusableImageException e = await Assert.ThrowsExactlyAsync<UnusableImageException>(() => predictor.PredictAsync(PipelineNetworks.Image(900, 700), TestContext.CancellationToken));
        Assert.AreEqual(ImageProblem.TooLarge, e.Problem);
        await Assert.ThrowsExactlyAsync<UnusableImageException>(() => predictor.PredictAsync(new MemoryStream(), "empty", TestContext.CancellationToken));
        CollectionAssert.AreEqual(
            new[] { $"segmentation:large: refused an image: {e.Message}", "segmentation:large: refused an image: empty: the file is empty." },
            lines.Seen.Where(line => line.Contains("refused", StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public async Task UploadsThatEndEarly_AreCounted()
    {
        using TemporaryFolder folder = new();
        using ServiceProvider services = Services(folder, "uploads", _ => { });
        using Measurements seen = new("segmentation:uploads");
        SegmentationPredictor predictor = services.GetRequiredKeyedService<SegmentationPredictor>("uploads");
        await Assert.ThrowsExactlyAsync<IOException>(() => predictor.PredictAsync(new BrokenStream(), cancellationToken: TestContext.CancellationToken));
        await Assert.ThrowsAsync<OperationCanceledException>(() => predictor.PredictAsync(new MemoryStream([1, 2, 3]), cancellationToken: new(canceled: true)));
        await predictor.PredictAsync(PipelineNetworks.Image(20, 10), TestContext.CancellationToken);
        CollectionAssert.AreEqual(new[] { "failed", "cancelled", "ok" }, seen.OutcomesOf("mlbinary.predictions"));
        CollectionAssert.AreEqual(new[] { "ok" }, seen.OutcomesOf("mlbinary.prediction.duration"));
    }

    [TestMethod]
    public async Task WhoWaitsForADisposedPredictor_IsNotToldThatItIsBusy()
    {
        using TemporaryFolder folder = new();
        using ServiceProvider services = Services(folder, "gone", options => options.MaxConcurrency = 1);
        SegmentationPredictor predictor = services.GetRequiredKeyedService<SegmentationPredictor>("gone");
        RgbImage image = PipelineNetworks.Image(20, 10);
        using HeldPrediction first = new(predictor, image, TestContext.CancellationToken);
        Task<SegmentationMask> second = predictor.PredictAsync(image, TestContext.CancellationToken);
        predictor.Dispose();
        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => second);
        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => predictor.PredictAsync(image, TestContext.CancellationToken));
        Assert.IsTrue(await first.End());
    }

    private static ServiceProvider Services(TemporaryFolder folder, string key, Action<PredictorOptions> configure, ILoggerProvider? lines = null)
    {
        PipelineNetworks.Segmentation().Save(folder.File("model"));
        return PredictorServices.Of(folder.File("model"), configure, key, lines);
    }

    /// <summary>A connection that breaks off.</summary>
    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("the connection was reset");
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public List<string> Seen { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Seen)
            {
                Seen.Add(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
