using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Tests.Imaging;
using Microsoft.ML.Binary.Tests.Pipeline;

namespace Microsoft.ML.Binary.Tests.Hosting;

/// <summary>Predictors as an application has them: several by key, pictures that are decoded smaller, and what meters count.</summary>
[TestClass]
public sealed class HostedPredictorTests
{
    public TestContext TestContext { get; set; } = null!;

    /// <summary>Options, logs and metrics go by what a key reads like, in any case.</summary>
    [TestMethod]
    public void KeysThatReadAlike_AreRefused()
    {
        using TemporaryFolder folder = new();
        PipelineNetworks.Segmentation(classes: 3).Save(folder.File("three"));
        PipelineNetworks.Segmentation(classes: 5).Save(folder.File("five"));
        ServiceCollection services = [];
        services.AddBinarySegmentation(folder.File("three"), serviceKey: "Road").AddBinarySegmentation(folder.File("five"), serviceKey: "rail");
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => services.AddBinarySegmentation(folder.File("five"), serviceKey: "road"));
        StringAssert.Contains(e.Message, "The key 'road' (String) reads like 'Road' (String)");
        services.AddBinarySegmentation(folder.File("three"), serviceKey: 1);
        Assert.ThrowsExactly<ArgumentException>(() => services.AddBinarySegmentation(folder.File("five"), serviceKey: "1"));
        using ServiceProvider provider = services.BuildServiceProvider();
        Assert.HasCount(3, provider.GetRequiredKeyedService<SegmentationPredictor>("Road").Network.ClassNames);
        Assert.HasCount(5, provider.GetRequiredKeyedService<SegmentationPredictor>("rail").Network.ClassNames);
    }

    /// <summary>As of any service, and with nothing of the earlier ones' options.</summary>
    [TestMethod]
    public async Task TheLastRegistrationOfAKey_Counts()
    {
        using TemporaryFolder folder = new();
        string three = folder.File("three"), five = folder.File("five");
        PipelineNetworks.Segmentation(classes: 3).Save(three);
        PipelineNetworks.Segmentation(classes: 5).Save(five);
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection([new("ModelPath", five), new("MaxPixels", "123")]).Build();
        await Counts(5, services => services.AddBinarySegmentation(PretrainedModel.Nuclei).AddBinarySegmentation(five));
        await Counts(3, services => services.AddBinarySegmentation(five).AddBinarySegmentation(PretrainedModel.Nuclei));
        await Counts(5, services => services.AddBinarySegmentation(PretrainedModel.Nuclei).AddBinarySegmentation(three).AddBinarySegmentation(section), maxPixels: 123);
        await Counts(3, services => services.AddBinarySegmentation(section).AddBinarySegmentation(options => options.ModelPath = three));

        async Task Counts(int classes, Action<IServiceCollection> register, long maxPixels = 40_000_000)
        {
            HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
            builder.Services.AddBinarySegmentation(three, serviceKey: "other");
            register(builder.Services);
            using IHost host = builder.Build();
            await host.StartAsync(TestContext.CancellationToken);
            Assert.HasCount(classes, host.Services.GetRequiredService<SegmentationPredictor>().Network.ClassNames);
            Assert.HasCount(3, host.Services.GetRequiredKeyedService<SegmentationPredictor>("other").Network.ClassNames);
            Assert.AreEqual(maxPixels, host.Services.GetRequiredService<IOptionsMonitor<PredictorOptions>>().Get("segmentation").MaxPixels);
            Assert.HasCount(2, host.Services.GetServices<PredictorRegistration>());
            Assert.HasCount(2, host.Services.GetServices<IValidateOptions<PredictorOptions>>());
        }
    }

    [TestMethod]
    public void AnEmptyModelPath_IsNone()
    {
        using ServiceProvider pretrained = new ServiceCollection()
            .AddBinarySegmentation(options => (options.ModelPath, options.Pretrained) = ("", PretrainedModel.Nuclei)).BuildServiceProvider();
        Assert.HasCount(3, pretrained.GetRequiredService<SegmentationPredictor>().Network.ClassNames);
        using ServiceProvider nothing = new ServiceCollection().AddBinarySegmentation(options => options.ModelPath = "").BuildServiceProvider();
        StringAssert.Contains(
            Assert.ThrowsExactly<OptionsValidationException>(nothing.GetRequiredService<SegmentationPredictor>).Message, "ModelPath or Pretrained must be given, and not both");
    }

    /// <summary>A network that sees little of a large picture has it decoded smaller; what is drawn on it is drawn on the whole.</summary>
    [TestMethod]
    public async Task TheImageBesideTheResult_HasAllItsPixels()
    {
        RgbImage image = PipelineNetworks.Image(512, 384);
        using SegmentationPredictor predictor = new(PipelineNetworks.Segmentation().WithWorkingSize(WorkingSize.Of(32)));
        byte[] labels = (await predictor.PredictAsync(HeldPrediction.Upload(image), cancellationToken: TestContext.CancellationToken)).Labels;
        await predictor.PredictAsync(
            HeldPrediction.Upload(image),
            seen =>
            {
                CollectionAssert.AreEqual(image.Pixels, seen.Image.Pixels);
                CollectionAssert.AreEqual(labels, seen.Result.Labels);
                return true;
            },
            cancellationToken: TestContext.CancellationToken);
        await predictor.PredictAsync(
            HeldPrediction.Upload(image),
            seen =>
            {
                Assert.AreEqual((100, 75), (seen.Image.Width, seen.Image.Height));
                return true;
            },
            longestSide: 100, cancellationToken: TestContext.CancellationToken);
    }

    [TestMethod]
    public void AReloadOfAPretrainedNetwork_IsRefused()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddBinarySegmentation(options => (options.Pretrained, options.ReloadOnChange) = (PretrainedModel.Nuclei, true)).BuildServiceProvider();
        OptionsValidationException e = Assert.ThrowsExactly<OptionsValidationException>(services.GetRequiredService<SegmentationPredictor>);
        StringAssert.Contains(e.Message, "ReloadOnChange belongs to ModelPath");
    }

    /// <summary>Who is refused or leaves had no turn, and its image was not looked at.</summary>
    [TestMethod]
    public async Task PixelsAndWaits_AreThoseOfImagesThatWereLookedAt()
    {
        using TemporaryFolder folder = new();
        PipelineNetworks.Segmentation().Save(folder.File("model"));
        using ServiceProvider services = PredictorServices.Of(folder.File("model"), options => (options.MaxConcurrency, options.MaxQueueLength) = (1, 0), "counted");
        using Measurements seen = new("segmentation:counted");
        SegmentationPredictor predictor = services.GetRequiredKeyedService<SegmentationPredictor>("counted");
        RgbImage image = PipelineNetworks.Image(20, 10);
        using HeldPrediction first = new(predictor, image, TestContext.CancellationToken);
        await Assert.ThrowsExactlyAsync<PredictorBusyException>(() => predictor.PredictAsync(image, TestContext.CancellationToken));
        await Assert.ThrowsExactlyAsync<PredictorBusyException>(() => predictor.PredictAsync(HeldPrediction.Upload(image), cancellationToken: TestContext.CancellationToken));
        await first.End();
        CollectionAssert.AreEqual(new[] { 200.0 }, seen.Of("mlbinary.pixels"));
        Assert.HasCount(1, seen.Of("mlbinary.prediction.wait"));
        Assert.HasCount(3, seen.Of("mlbinary.predictions"));
    }

    [TestMethod]
    public void AModelThatCannotBeLoaded_LeavesNoInstrumentBehind()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("model"), "no model");
        using ServiceProvider services = PredictorServices.Of(folder.File("model"), options => options.WarmUp = false, "absent");
        using Measurements seen = new("segmentation:absent");
        for (int attempt = 0; attempt < 3; attempt++)
        {
            Assert.Throws<IOException>(() => services.GetRequiredKeyedService<SegmentationPredictor>("absent"));
        }

        PipelineNetworks.Segmentation().Save(folder.File("model"));
        services.GetRequiredKeyedService<SegmentationPredictor>("absent");
        seen.Observe();
        CollectionAssert.AreEqual(new[] { 0.0 }, seen.Of("mlbinary.prediction.queue"));
    }

    /// <summary>It is the server that lacks something, not the image.</summary>
    [TestMethod]
    public async Task AMissingNativeLibrary_IsNotBlamedOnTheImage()
    {
        using SegmentationPredictor predictor = new(PipelineNetworks.Segmentation());
        byte[] gif = EncodedImages.Gif(20, 10, [0, 0, 0, 250, 120, 30], [.. Enumerable.Range(0, 200).Select(i => (byte)(i / 7 % 2))]);
        await predictor.PredictAsync(new MemoryStream(gif), cancellationToken: TestContext.CancellationToken);
        ImageReader.AddDecoder(new DecoderWithoutLibrary());
        DecoderWithoutLibrary.IsMissing.Value = true;
        InvalidDataException e = await Assert.ThrowsExactlyAsync<InvalidDataException>(() => predictor.PredictAsync(new MemoryStream(gif), cancellationToken: TestContext.CancellationToken));
        StringAssert.Contains(e.Message, "libSkiaSharp");
        DecoderWithoutLibrary.IsMissing.Value = false;
        await predictor.PredictAsync(new MemoryStream(gif), cancellationToken: TestContext.CancellationToken);
    }

    /// <summary>All logits of an image may be many times what a run may take (<see cref="PredictorOptions.MaxRunBytes"/>).</summary>
    [TestMethod]
    public void WarmUp_AsksForNoMoreThanAMask()
    {
        using TemporaryFolder folder = new();
        PipelineNetworks.Segmentation(classes: 200).WithWorkingSize(WorkingSize.Of(256)).Save(folder.File("model"));
        using ServiceProvider services = PredictorServices.Of(folder.File("model"), options => options.Threads = 1, "warm");
        Assert.IsLessThan(256L * 192 * 200 * sizeof(float), Allocation.Of(() => services.GetRequiredKeyedService<SegmentationPredictor>("warm")));
    }

    /// <summary>Decodes as usual but where a test says that there is no library.</summary>
    private sealed class DecoderWithoutLibrary : IImageDecoder
    {
        public static readonly AsyncLocal<bool> IsMissing = new();

        private readonly SkiaImageDecoder _usual = new();

        public bool CanDecode(ImageFormat format) => format == ImageFormat.Gif;

        public void Decode(EncodedImage file, ImageRows rows)
        {
            if (IsMissing.Value)
            {
                throw new InvalidDataException("Unable to load shared library 'libSkiaSharp'.", new DllNotFoundException());
            }

            _usual.Decode(file, rows);
        }
    }
}
