using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Training.Operations;

[TestClass]
public sealed class ConvolutionGradientTests
{
    // The tiles hold 6 outputs forward, 4 outputs by 3 terms backward; sizes beside their multiples meet their borders.
    [TestMethod]
    [DataRow(3, 1, 1, 3, 5, 2, 7, 9)]
    [DataRow(3, 1, 1, 1, 1, 1, 1, 1)]
    [DataRow(3, 1, 1, 8, 12, 1, 5, 16)]
    [DataRow(3, 1, 1, 7, 13, 3, 3, 5)]
    [DataRow(3, 1, 2, 4, 6, 2, 9, 7)]
    [DataRow(3, 1, 4, 5, 9, 2, 3, 6)]
    [DataRow(3, 2, 1, 3, 8, 2, 6, 10)]
    [DataRow(3, 2, 1, 5, 7, 1, 14, 2)]
    [DataRow(1, 1, 1, 10, 11, 3, 4, 3)]
    [DataRow(1, 1, 1, 13, 1, 1, 1, 17)]
    [DataRow(1, 2, 1, 4, 7, 2, 8, 6)]
    [DataRow(3, 1, 1, 2, 3, 2, 30, 37)]
    public void RealConvolution(int kernel, int stride, int dilation, int inputs, int outputs, int images, int height, int width) =>
        new GradientCheck(
            new Convolution(
                "conv", [0], new(kernel, stride, dilation), 1, RandomParameter.Weight(2, outputs, inputs, kernel, kernel),
                RandomParameter.PerChannel("bias", 3, outputs)),
            [new FeatureType(inputs, 1)], images, height, width).Run();

    [TestMethod]
    [DataRow(3, 1, 1, 5, 1, 2, 7, 9)]
    [DataRow(3, 1, 1, 3, 4, 3, 6, 5)]
    [DataRow(3, 1, 2, 4, 2, 2, 5, 8)]
    [DataRow(3, 1, 4, 3, 1, 1, 3, 3)]
    [DataRow(3, 2, 1, 6, 2, 2, 8, 6)]
    [DataRow(1, 1, 1, 4, 3, 2, 5, 3)]
    [DataRow(1, 2, 1, 3, 1, 1, 4, 10)]
    public void DepthwiseConvolution(int kernel, int stride, int dilation, int inputs, int multiplier, int images, int height, int width) =>
        new GradientCheck(
            new Convolution(
                "conv", [0], new(kernel, stride, dilation), inputs, RandomParameter.Weight(2, inputs * multiplier, 1, kernel, kernel),
                RandomParameter.PerChannel("bias", 3, inputs * multiplier)),
            [new FeatureType(inputs, 1)], images, height, width).Run();

    [TestMethod]
    [DataRow(3, 1, 1, 3, 5, 2, 7, 9)]
    [DataRow(3, 1, 2, 8, 12, 2, 5, 6)]
    [DataRow(3, 1, 4, 5, 13, 1, 3, 7)]
    [DataRow(3, 2, 1, 4, 9, 3, 6, 8)]
    [DataRow(1, 1, 1, 9, 7, 2, 3, 5)]
    [DataRow(3, 1, 1, 2, 3, 1, 30, 37)]
    public void BinaryConvolution(int kernel, int stride, int dilation, int inputs, int outputs, int images, int height, int width)
    {
        ConvolutionGeometry geometry = new(kernel, stride, dilation);
        Parameter latent = RandomParameter.Latent(2, outputs, inputs, kernel, kernel);
        (latent.Values[0], latent.Values[^1]) = (1, -1);
        GradientCheck check = new(
            new BinaryConvolution("conv", [0], geometry, latent), [new FeatureType(inputs, 1, Bits: 1)], images, height, width);
        check.RunFlips();
        CheckStraightThrough(check, latent, geometry);
    }

    /// <summary>The gradient of a real convolution at the signs (so, of its padded input), and none beyond [-1, 1].</summary>
    private static void CheckStraightThrough(GradientCheck check, Parameter latent, ConvolutionGeometry geometry)
    {
        float[] actual = check.ParameterGradient(latent);
        int kernel = geometry.Kernel, inputs = check.Inputs[0].Channels;
        double[] expected = [.. Enumerable.Range(0, actual.Length).Select(i =>
            Correlation(check, geometry, i / (kernel * kernel * inputs), i / (kernel * kernel) % inputs, i / kernel % kernel, i % kernel))];
        double scale = expected.Max(Math.Abs);
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.AreEqual(Math.Abs(latent.Values[i]) <= 1 ? expected[i] : 0, actual[i], 1e-5 * scale, $"weight {i}, latent {latent.Values[i]}");
        }
    }

    private static double Correlation(GradientCheck check, ConvolutionGeometry geometry, int output, int input, int tapRow, int tapColumn)
    {
        var (x, y) = (check.Inputs[0], check.Output);
        double sum = 0;
        for (int image = 0; image < y.Images; image++)
        {
            for (int i = 0; i < y.Pixels; i++)
            {
                int row = i / y.Width * geometry.Stride + tapRow * geometry.Dilation - geometry.Padding;
                int column = i % y.Width * geometry.Stride + tapColumn * geometry.Dilation - geometry.Padding;
                bool inside = (uint)row < (uint)x.Height && (uint)column < (uint)x.Width;
                sum += (double)check.R[y.PlaneStart(image, output) + i] * (inside ? x.Plane(image, input)[row * x.Width + column] : 1);
            }
        }

        return sum;
    }
}
