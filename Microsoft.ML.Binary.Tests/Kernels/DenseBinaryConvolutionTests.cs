using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

[TestClass]
public class DenseBinaryConvolutionTests
{
    [TestMethod]
    public void EveryPathGivesTheDotProductsOfTheDefinition()
    {
        Random random = new(11);
        for (int shape = 0; shape < 200; shape++)
        {
            int inputs = random.Next(1, 71), outputs = random.Next(1, 71), height = random.Next(1, 41), width = random.Next(1, 41);
            int kernel = random.Next(2) == 0 ? 1 : 3, stride = random.Next(1, 3), dilation = stride == 2 ? 1 : 1 << random.Next(3);
            float[] values = Values(random, inputs * height * width), shift = Values(random, inputs);
            float[] latent = Values(random, outputs * inputs * kernel * kernel);
            string what = $"{inputs}->{outputs}, {width}x{height}, kernel {kernel}, stride {stride}, dilation {dilation}";

            float[] expected = Expected(values, shift, latent, inputs, outputs, height, width, kernel, stride, dilation);
            foreach (KernelPath path in KernelPaths.Supported)
            {
                DenseBinaryConvolution convolution = new(inputs, outputs, height, width, kernel, stride, dilation, KernelSet.For(path));
                byte[] nibbles = Noise(random, convolution.NibbleBytes), weights = Noise(random, convolution.WeightBytes);
                SignPacking.PackDense(KernelSet.For(path), values, shift, inputs, convolution.Layout, nibbles);
                NibbleWeights.PackLatent(latent, outputs, inputs, kernel * kernel, weights);
                float[] dots = new float[expected.Length];
                convolution.Run(nibbles, weights, dots, Noise(random, convolution.ScratchBytes));
                CollectionAssert.AreEqual(expected, dots, $"{path}: {what}");
            }
        }
    }

    [TestMethod]
    public void CountsStayExactWhereEveryProductIsAMismatch()
    {
        // 4 x 1000 channels: far more than 63 steps, each of which adds the most that it can.
        const int Inputs = 4000, Pixels = 64;
        float[] values = new float[Inputs * Pixels], latent = new float[Inputs];
        values.AsSpan().Fill(-1);
        latent.AsSpan().Fill(1);
        foreach (KernelPath path in KernelPaths.Supported)
        {
            DenseBinaryConvolution convolution = new(Inputs, 1, 1, Pixels, kernel: 1, kernels: KernelSet.For(path));
            byte[] nibbles = new byte[convolution.NibbleBytes], weights = new byte[convolution.WeightBytes];
            SignPacking.PackDense(KernelSet.For(path), values, [], Inputs, convolution.Layout, nibbles);
            NibbleWeights.PackLatent(latent, 1, Inputs, 1, weights);
            float[] dots = new float[Pixels];
            convolution.Run(nibbles, weights, dots, new byte[convolution.ScratchBytes]);
            Assert.IsTrue(dots.All(dot => dot == -Inputs), $"{path}: {dots[0]}");
        }
    }

    [TestMethod]
    public void ZeroAndMinusZeroArePositiveAndTheShiftCounts()
    {
        float[] values = [0f, -0f, float.Epsilon, -float.Epsilon, 1f, -1f, 0.5f, -0.5f];
        DenseBinaryConvolution convolution = new(1, 1, 1, values.Length, kernel: 1);
        byte[] nibbles = new byte[convolution.NibbleBytes];

        SignPacking.PackDense(KernelSet.Best, values, [], 1, convolution.Layout, nibbles);
        CollectionAssert.AreEqual(new byte[] { 0, 0, 0, 1, 0, 1, 0, 1 }, nibbles[..values.Length]);

        SignPacking.PackDense(KernelSet.Best, values, [-0.5f], 1, convolution.Layout, nibbles);
        CollectionAssert.AreEqual(new byte[] { 1, 1, 1, 1, 0, 1, 0, 1 }, nibbles[..values.Length]);
    }

    [TestMethod]
    public void BitsAndLatentWeightsPackAlike()
    {
        Random random = new(3);
        const int Outputs = 7, Inputs = 13, Taps = 9;
        float[] latent = Values(random, Outputs * Inputs * Taps);
        byte[] bits = new byte[(latent.Length + 7) / 8];
        for (int i = 0; i < latent.Length; i++)
        {
            bits[i / 8] |= (byte)(latent[i] >= 0 ? 0 : 1 << (i % 8));
        }

        byte[] fromLatent = new byte[NibbleWeights.Length(Outputs, Inputs, Taps)], fromBits = new byte[fromLatent.Length];
        NibbleWeights.PackLatent(latent, Outputs, Inputs, Taps, fromLatent);
        NibbleWeights.PackBits(bits, Outputs, Inputs, Taps, fromBits);
        CollectionAssert.AreEqual(fromLatent, fromBits);
    }

    [TestMethod]
    public void MoreProductsThanACountHoldsAreRefused()
    {
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => new DenseBinaryConvolution(8000, 1, 4, 4, kernel: 3));
        StringAssert.Contains(error.Message, "65535");
    }

    private static float[] Values(Random random, int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = random.Next(-3, 4) * 0.5f;
        }

        return values;
    }

    private static byte[] Noise(Random random, int count)
    {
        byte[] noise = new byte[count];
        random.NextBytes(noise);
        return noise;
    }

    private static float[] Expected(
        float[] values, float[] shift, float[] latent, int inputs, int outputs, int height, int width, int kernel, int stride, int dilation)
    {
        int outputHeight = (height + stride - 1) / stride, outputWidth = (width + stride - 1) / stride, padding = dilation * (kernel - 1) / 2;
        float[] dots = new float[outputs * outputHeight * outputWidth];
        for (int i = 0; i < dots.Length; i++)
        {
            int o = i / (outputHeight * outputWidth), row = i / outputWidth % outputHeight * stride, column = i % outputWidth * stride;
            for (int tap = 0; tap < inputs * kernel * kernel; tap++)
            {
                int c = tap / (kernel * kernel);
                int y = row + tap / kernel % kernel * dilation - padding, x = column + tap % kernel * dilation - padding;
                bool inside = y >= 0 && y < height && x >= 0 && x < width;
                float activation = !inside || values[(c * height + y) * width + x] + shift[c] >= 0 ? 1 : -1;
                dots[i] += latent[o * inputs * kernel * kernel + tap] >= 0 ? activation : -activation;
            }
        }

        return dots;
    }
}
