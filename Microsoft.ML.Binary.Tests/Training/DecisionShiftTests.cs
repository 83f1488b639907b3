using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Pipeline;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class DecisionShiftTests
{
    /// <summary>Logits in the middle of bins are not rounded, so that the slow form must give the same.</summary>
    [TestMethod]
    public void ErrorIsThatOfTheShiftedMaps_AndTheShiftThatOfTheLeast()
    {
        Random random = new(1);
        List<(float[] Logits, byte[] Mask)> images = [];
        DecisionShift shift = new();
        foreach (int pixels in new[] { 12, 40, 7 })
        {
            byte[] mask = [.. Enumerable.Range(0, pixels).Select(_ => (byte)random.Next(256))];
            float[] logits = [.. mask.Select(gray => 1.5f + (gray > 128 ? 1 : -1) + random.Next(-48, 48) / 16f + 1 / 32f)];
            images.Add((logits, mask));
            shift.Add(logits, new SaliencyMask(pixels, 1, mask));
        }

        double Slow(double s) => images.Average(image => image.Logits.Zip(image.Mask, (z, gray) => Math.Abs(1 / (1 + Math.Exp(s - z)) - (gray > 128 ? 1 : 0))).Average());
        foreach (float s in new[] { -3, 0, 0.7f, 8 })
        {
            Assert.AreEqual(Slow(s), shift.ErrorAt(s), 1e-9);
        }

        double[] steps = [.. Enumerable.Range(-128, 257).Select(step => step / 8.0)];
        Assert.AreEqual(steps.MinBy(Slow), shift.Least);
        Assert.IsGreaterThan(0, shift.Least, "the maps are too large");
        Assert.AreEqual(3, shift.ImageCount);
    }

    [TestMethod]
    public void ImagesCountAlike_AndFarLogitsAtTheEnd()
    {
        DecisionShift shift = new();
        shift.Add([1000, float.NegativeInfinity], new SaliencyMask(2, 1, [255, 255]));
        shift.Add([-1000, -1000, -1000, -1000], new SaliencyMask(4, 1, [0, 0, 0, 0]));
        Assert.AreEqual(0.25, shift.ErrorAt(0), 1e-9);
        Assert.AreEqual(0, shift.Least, "of many shifts alike, the nearest to 0");
    }

    [TestMethod]
    public void LogitsBecomeSmaller_AndTheNetworkStaysAsItIs()
    {
        DenseNetwork network = PipelineNetworks.Saliency();
        byte[] before = network.ToBytes();
        DenseNetwork once = DecisionShift.Apply(network, 2.5f), twice = DecisionShift.Apply(once, -1);
        CollectionAssert.AreEqual(before, network.ToBytes());
        Assert.AreEqual("1.5", twice.Provenance["decisionShift"]);
        RgbImage image = PipelineNetworks.Image(40, 32, 0);
        float[] whole = Logits(network, image), shifted = Logits(twice, image);
        for (int i = 0; i < whole.Length; i++)
        {
            Assert.AreEqual(whole[i] - 1.5f, shifted[i], 1e-4f);
        }
    }

    [TestMethod]
    public void WhatCannotBeShifted_IsRefused()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => DecisionShift.Apply(PipelineNetworks.Segmentation(), 1)).Message, "saliency alone");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => DecisionShift.Apply(PipelineNetworks.Saliency(), float.NaN)).Message, "finite");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => DecisionShift.Apply(EndingIn(withoutBias: true), 1)).Message, "convolution with a bias");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => DecisionShift.Apply(EndingIn(withoutBias: false), 1)).Message, "convolution with a bias");
        DecisionShift shift = new();
        Assert.ThrowsExactly<InvalidOperationException>(() => shift.Least);
        SaliencyMask mask = new(3, 1, [0, 0, 0]);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => shift.Add([1], mask)).Message, "1 logits for the 3x1 pixels");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => shift.Add([1, 1, float.NaN], mask)).Message, "not a number");
        Assert.AreEqual(0, shift.ImageCount);
    }

    // A convolution without a bias, or one with a bias and pixels moved after it.
    private static DenseNetwork EndingIn(bool withoutBias)
    {
        GraphBuilder builder = new(Precision.Binary, seed: 1);
        int image = builder.NormalizedImage(mean: [124, 116, 104], deviation: [58, 57, 57]);
        int logits = withoutBias
            ? builder.Convolution(image, "only", outputs: 1, new(Kernel: 1))
            : builder.PixelShuffle(builder.Convolution(image, "halved", outputs: 4, new(Kernel: 3, Stride: 2), bias: true), "shuffled", 2);
        return new DenseNetwork(builder.Build(new GraphOutput(DenseGraph.LogitsOutput, logits)), DenseTask.Saliency);
    }

    private static float[] Logits(DenseNetwork network, RgbImage image)
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(network);
        float[] logits = new float[image.Width * image.Height];
        compiled.PredictLogits(image, logits);
        return logits;
    }
}
