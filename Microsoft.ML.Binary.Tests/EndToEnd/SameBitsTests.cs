using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;
using Microsoft.ML.Binary.Tests.Pipeline;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.EndToEnd;

/// <summary>
/// One image through everything that can run a network. All agree to the last bit, and with a committed digest, so that another machine,
/// operating system or instruction set (<c>DOTNET_EnableAVX2=0 dotnet test --filter TestCategory=SameBits</c>) cannot give other results unnoticed.
/// </summary>
[TestClass]
[TestCategory("SameBits")]
public sealed class SameBitsTests
{
    private const int Width = 75, Height = 53;

    /// <summary>SHA-256 of the logits of <c>golden.network</c> for the image, little-endian, as the reference interpreter gives them.</summary>
    private const string LogitsDigest = "FA5D948A31021B9210908BC42B1A13CF063F9B1766C730BD0FF9A37E078CEEC5";

    private static readonly DenseNetwork Network = DenseNetwork.Load(Path.Combine(AppContext.BaseDirectory, "EndToEnd", "golden.network"));

    private static readonly RgbImage Image = PipelineNetworks.Image(Width, Height, seed: 7);

    [TestMethod]
    public void TheInterpreterGivesTheCommittedLogits() => Assert.AreEqual(LogitsDigest, Digest(InterpretedLogits()));

    [TestMethod]
    public void EveryPlanGivesTheInterpretersLogits()
    {
        float[] expected = InterpretedLogits(), logits = new float[expected.Length];
        foreach (KernelPath path in KernelPaths.Supported)
        {
            foreach (int threads in new[] { 1, 2, 3 })
            {
                using CompiledNetwork compiled = CompiledNetwork.Compile(Network.Graph, new InferenceOptions { Kernels = KernelSet.For(path), Threads = threads });
                compiled.PredictLogits(Image, logits);
                Assert.AreEqual(Digest(expected), Digest(logits), $"{path}, {threads} threads");
            }
        }
    }

    [TestMethod]
    public void EveryWayThroughMlNetGivesTheInterpretersLabels()
    {
        using TestImages files = new();
        Image.SavePng(files.ImagePath(0));
        byte[] expected = LabelsOf(InterpretedLogits());
        Assert.IsGreaterThan(1, expected.Distinct().Count(), "an image of one class would show nothing");
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImages(files.Images);

        SegmentationTransformer transformer = ml.Segmentation.FromNetwork(Network, new() { Threads = 1 });
        AssertLabels(expected, transformer.Transform(data), "transformer");
        AssertLabels(expected, ml.Segmentation.FromNetwork(Network, new() { Threads = 2 }).Transform(data), "two threads");

        string zip = files.File("golden.zip");
        ml.Model.Save(transformer, null, zip);
        MLContext other = new(2);
        ITransformer loaded = other.Model.Load(zip, out _);
        AssertLabels(expected, loaded.Transform(other.Data.LoadImages(files.Images)), "reloaded");
        AssertLabels(expected, other.Segmentation.FromTransformer(loaded).Transform(data), "FromTransformer");

        using MLImage image = MLImage.CreateFromFile(files.ImagePath(0));
        foreach (ITransformer model in new[] { transformer, loaded })
        {
            using PredictionEngine<ImageRow, LabelsRow> engine =
                ml.Model.CreatePredictionEngine<ImageRow, LabelsRow>(model, new PredictionEngineOptions { OwnsTransformer = false });
            CollectionAssert.AreEqual(expected, engine.Predict(new ImageRow { Image = image }).PredictedLabel, $"engine of {model.GetType().Name}");
        }

        CollectionAssert.AreEqual(expected, new SegmentationPredictor(Network).Predict(image).Labels.ToArray(), "predictor");
    }

    private sealed class LabelsRow
    {
        public byte[] PredictedLabel { get; set; } = [];
    }

    private static void AssertLabels(byte[] expected, IDataView scored, string what) =>
        CollectionAssert.AreEqual(expected, scored.Vectors<byte>("PredictedLabel").Single(), what);

    private static string Digest(float[] values) => Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan())));

    private static float[] InterpretedLogits() => ReferenceViews.Logits(Freezing.Freeze(Network.Graph), Image).Values;

    private static byte[] LabelsOf(float[] logits)
    {
        int pixels = Width * Height;
        return [.. Enumerable.Range(0, pixels).Select(i =>
            (byte)Enumerable.Range(0, logits.Length / pixels).MaxBy(c => (logits[c * pixels + i], -c)))];
    }
}
