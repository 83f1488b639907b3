using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Tests.Training.Operations;

[TestClass]
public sealed class MixedGradientTests
{
    private static readonly ImmutableArray<byte> s_precisions = [0, 1, 2, 4, 8];

    [TestMethod]
    [DataRow(3, 1, 1, 3, 5, 2, 7, 9)]
    [DataRow(3, 1, 2, 4, 6, 2, 9, 7)]
    [DataRow(3, 2, 1, 5, 7, 1, 14, 2)]
    [DataRow(1, 2, 1, 4, 7, 2, 8, 6)]
    public void RealWeightsOnSigns(int kernel, int stride, int dilation, int inputs, int outputs, int images, int height, int width)
    {
        SearchConvolution node = Search(new(kernel, stride, dilation), inputs, outputs);
        GradientCheck check = Check(node, inputs, images, height, width, SearchPhase.WarmUp);
        check.RunFlips();
        check.RunFor(node.Weight, step: 1, tolerance: 1e-4);
    }

    [TestMethod]
    [DataRow(GateSampling.Soft)]
    [DataRow(GateSampling.Hard)]
    [DataRow(GateSampling.Gumbel)]
    public void WeightsGetTheGradientOfTheirMixture(GateSampling sampling)
    {
        SearchConvolution node = Search(new(3), 4, 6);
        GradientCheck real = Check(node, 4, 2, 6, 5, SearchPhase.WarmUp), mixed = Check(node, 4, 2, 6, 5, SearchPhase.Search, sampling);
        foreach (GradientCheck check in (GradientCheck[])[real, mixed])
        {
            GradientCheck.TakeSigns(check.Inputs[0]);
        }

        CollectionAssert.AreEqual(real.ParameterGradient(node.Weight), mixed.ParameterGradient(node.Weight));
        mixed.RunFlips();
    }

    [TestMethod]
    public void GatesGetTheGradientOfTheirShares()
    {
        SearchConvolution node = Search(new(3), 4, 6);
        Check(node, 4, 2, 6, 5, SearchPhase.Search).RunFor(node.GateLogits, step: 1e-2f, tolerance: 2e-3);
    }

    [TestMethod]
    public void WithWidthsSettledPrunedChannelsStayAsTheyAre()
    {
        SearchConvolution node = Search(new(1), 3, 5);
        GradientCheck check = Check(node, 3, 1, 4, 4, SearchPhase.FineTuning);
        float[] gradient = check.ParameterGradient(node.Weight);
        for (int c = 0; c < 5; c++)
        {
            Assert.AreEqual(node.Bits[c] == 0, gradient.AsSpan(3 * c, 3).IndexOfAnyExcept(0f) < 0, $"channel {c} of {node.Bits[c]} bits");
        }

        Assert.IsTrue(node.Bits.Contains((byte)0));
        CollectionAssert.AreEqual(new float[25], check.ParameterGradient(node.GateLogits));
    }

    [TestMethod]
    [DataRow(3, 1, 1)]
    [DataRow(3, 1, 4)]
    [DataRow(3, 2, 1)]
    [DataRow(1, 1, 1)]
    public void OneBitTrainsAsABinaryConvolution(int kernel, int stride, int dilation)
    {
        Parameter latent = RandomParameter.Latent(2, 7, 5, kernel, kernel);
        (latent.Values[0], latent.Values[^1]) = (1.5f, -1.5f);
        ConvolutionGeometry geometry = new(kernel, stride, dilation);
        GradientCheck binary = new(new BinaryConvolution("conv", [0], geometry, latent), [new FeatureType(5, 1, Bits: 1)], 2, 8, 6);
        GradientCheck mixed = new(new MixedConvolution("conv", [0], geometry, latent, [1, 1, 1, 1, 1, 1, 1]), [new FeatureType(5, 1, Bits: 1)], 2, 8, 6);
        foreach (GradientCheck check in (GradientCheck[])[binary, mixed])
        {
            GradientCheck.TakeSigns(check.Inputs[0]);
        }

        AssertClose(binary.ParameterGradient(latent), mixed.ParameterGradient(latent));
        AssertClose(binary.InputGradient(0), mixed.InputGradient(0));
        CollectionAssert.AreEqual(binary.Output.Data, mixed.Output.Data);
    }

    [TestMethod]
    public void MixedWidthsComputeWhatTheInterpreterDoes()
    {
        Parameter latent = RandomParameter.Latent(2, 6, 5, 3, 3);
        MixedConvolution node = new("conv", [0], new(3, Dilation: 2), latent, [8, 0, 1, 4, 2, 8]);
        GradientCheck check = new(node, [new FeatureType(5, 1, Bits: 1)], 1, 8, 6);
        check.RunFlips();
        FeatureMap input = new(5, 8, 6);
        check.Inputs[0].Data.CopyTo(input.Values, 0);
        CollectionAssert.AreEqual(ReferenceInterpreter.Evaluate(node, [input], new FeatureMap(6, 8, 6)).Values, Forward(check));
    }

    private static float[] Forward(GradientCheck check)
    {
        check.InputGradient(0);
        return check.Output.Data;
    }

    private static SearchConvolution Search(ConvolutionGeometry geometry, int inputs, int outputs)
    {
        RandomStream random = new(5);
        float[] gates = [.. Enumerable.Range(0, 5 * outputs).Select(_ => random.NextSingle(0, 1))];
        return new(
            "conv", [0], geometry, RandomParameter.Weight(2, outputs, inputs, geometry.Kernel, geometry.Kernel),
            new("conv.gates", ParameterRole.Architecture, [5, outputs], gates), s_precisions);
    }

    private static GradientCheck Check(
        SearchConvolution node, int inputs, int images, int height, int width, SearchPhase phase, GateSampling sampling = GateSampling.Soft)
    {
        GradientCheck check = new(node, [new FeatureType(inputs, 1, Bits: 1)], images, height, width);
        check.Pass.Widths = new(phase, 0.7, sampling, false, 3, 4);
        return check;
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        double scale = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-5 * scale, $"element {i}");
        }
    }
}
