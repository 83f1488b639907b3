using System.Diagnostics;
using Microsoft.ML.Binary.Kernels;
using Microsoft.ML.Binary.Tests.Imaging;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public class FreshProcessTests
{
    [TestMethod]
    [DataRow(null, null, nameof(KernelPath.Avx512Vbmi))]
    [DataRow(FreshProcess.OtherImageType, null, nameof(KernelPath.Avx512Vbmi))]
    [DataRow(null, "DOTNET_EnableAVX512v2", nameof(KernelPath.Avx512))]
    [DataRow(null, "DOTNET_EnableAVX512", nameof(KernelPath.Avx2))]
    [DataRow(null, "DOTNET_EnableAVX2", nameof(KernelPath.Portable))]
    public void SavedModelGivesTheSameBitsInAProcessThatKnowsNothingOfTheLibrary(string? argument, string? switchedOff, string highest)
    {
        MLContext ml = new(1);
        AssertSameBits(ml, ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation()), argument, switchedOff, Enum.Parse<KernelPath>(highest));
    }

    /// <summary>A limit that getting-started names: what is saved is of ML.NET's own transformers, none of which takes both.</summary>
    [TestMethod]
    [DataRow(false, true, "NotImplementedException")]
    [DataRow(true, true, "768")]
    [DataRow(true, false, "ArgumentOutOfRangeException")]
    public void ALoadedModel_TakesImagesAsThoseThatItWasFittedTo_AndARestoredOneAll(bool isFittedToResized, bool isOfResized, string expected)
    {
        using TestImages images = new((21, 17));
        MLContext ml = new(1);
        IDataView photos = ml.Data.LoadImages(images.Images);
        IDataView data = isFittedToResized ? ml.Transforms.ResizeImages("Image", 32, 24).Fit(photos).Transform(photos) : photos;
        ml.Model.Save(ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()).Fit(data), null, images.File("model.zip"));
        string[] more = isOfResized ? [FreshProcess.Resized] : [];

        Assert.AreEqual((isOfResized ? "768" : "357", 0, ""), Run(null, [images.File("model.zip"), images.ImagePath(0), FreshProcess.Restored, .. more]));
        if (isOfResized)
        {
            Assert.AreEqual((expected, 0, ""), Run(null, [images.File("model.zip"), images.ImagePath(0), .. more]));
        }
        else
        {
            (_, int exitCode, string error) = Run(null, [images.File("model.zip"), images.ImagePath(0), images.File("labels")]);
            Assert.AreNotEqual(0, exitCode);
            StringAssert.Contains(error, expected);
        }
    }

    [TestMethod]
    public void SoDoesAPretrainedOne()
    {
        MLContext ml = new(1);
        IDataView nothing = ml.Data.LoadFromEnumerable<ImageRow>([]);
        AssertSameBits(ml, ml.Segmentation.Pretrained(PretrainedModel.RoadScene).Fit(nothing));
    }

    [TestMethod]
    public void FirstCallOfTheEngineFindsTheDecodersOfThePackage()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.File("a.jpg"), EncodedImages.Jpeg(EncodedImages.Picture(30, 20)));

        Assert.AreEqual(("30x20", 0, ""), Run(null, [FreshProcess.ReadsImage, folder.File("a.jpg")]));
    }

    [TestMethod]
    [DataRow(FreshProcess.FirstStatement)]
    [DataRow(FreshProcess.OwnRowFirst)]
    public void RowClassesWorkInTheFirstStatement(string argument) => Assert.AreEqual(("", 0, ""), Run(null, [argument]));

    private static void AssertSameBits(MLContext ml, SegmentationTransformer transformer, string? argument = null, string? switchedOff = null, KernelPath highest = KernelPath.Avx512Vbmi)
    {
        using TestImages images = new((21, 17));
        ml.Model.Save(transformer, null, images.File("model.zip"));
        (string path, int exitCode, string error) = Run(
            switchedOff, [images.File("model.zip"), images.ImagePath(0), images.File("labels"), .. argument is null ? [] : new[] { argument }]);

        Assert.AreEqual(0, exitCode, error);
        Assert.AreEqual(KernelPaths.Supported.Where(p => p <= highest).Max().ToString(), path);
        CollectionAssert.AreEqual(
            transformer.Transform(ml.Data.LoadImages(images.Images)).Vectors<byte>("PredictedLabel")[0], File.ReadAllBytes(images.File("labels")));
    }

    private static (string Output, int ExitCode, string Error) Run(string? switchedOff, string[] arguments)
    {
        ProcessStartInfo start = new(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", typeof(FreshProcess).Assembly.Location, .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        if (switchedOff is not null)
        {
            start.Environment[switchedOff] = "0";
        }

        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd(), output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return (output, process.ExitCode, error);
    }
}
