using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Operations;

namespace Microsoft.ML.Binary.Tests.Training.Operations;

/// <summary>
/// The gradients of a binary convolution from tables, on every instruction set, against loops over pixels, channels and taps in double: on
/// random shapes, since images, cuts, phases, tiles and channels all have their remainders.
/// </summary>
[TestClass]
public sealed class BinaryGradientTests
{
    private const int Shapes = 200;

    [TestMethod]
    public void RandomShapesOnEveryInstructionSet()
    {
        for (int seed = 0; seed < Shapes; seed++)
        {
            Check(Case.Random(seed));
        }
    }

    // Sizes at which sixteen parts are one block and a tile of channels is whole, as in the presets.
    [TestMethod]
    [DataRow(3, 1, 1, 48, 48, 8, 8, 12)]
    [DataRow(3, 1, 4, 24, 96, 8, 12, 16)]
    [DataRow(3, 2, 1, 8, 50, 4, 12, 24)]
    [DataRow(1, 1, 1, 64, 49, 16, 3, 4)]
    public void WholeBlocksOnEveryInstructionSet(int kernel, int stride, int dilation, int inputs, int outputs, int images, int height, int width) =>
        Check(new Case(new(kernel, stride, dilation), inputs, outputs, images, height, width, Seed: 5));

    [TestMethod]
    [DataRow(float.NaN)]
    [DataRow(float.PositiveInfinity)]
    public void AValueThatIsNotFiniteShowsInBothGradients(float value)
    {
        Case shape = new(new(3), 5, 6, 2, 4, 6, Seed: 3);
        foreach (KernelPath path in KernelPaths.Supported)
        {
            (float[] inputs, float[] weights) = shape.Gradients(path, threads: 1, accumulate: false, dy => dy[^1] = value);
            Assert.IsFalse(inputs.All(float.IsFinite), $"{path}: input");
            Assert.IsFalse(weights.All(float.IsFinite), $"{path}: weights");
        }
    }

    [TestMethod]
    public void AGradientOfZerosGivesZeros()
    {
        Case shape = new(new(3, 1, 2), 5, 6, 2, 4, 6, Seed: 3);
        foreach (KernelPath path in KernelPaths.Supported)
        {
            (float[] inputs, float[] weights) = shape.Gradients(path, threads: 1, accumulate: false, Array.Clear);
            Assert.IsTrue(inputs.All(value => value == 0), $"{path}: input");
            Assert.IsTrue(weights.All(value => value == 0), $"{path}: weights");
        }
    }

    private static void Check(Case shape)
    {
        (double[] expectedInput, double[] expectedWeights) = shape.Reference();
        (float[] Input, float[] Weights)? first = null;
        foreach (KernelPath path in KernelPaths.Supported)
        {
            for (int threads = 1; threads <= 3; threads += 2)
            {
                (float[] input, float[] weights) = shape.Gradients(path, threads, accumulate: false);
                if (first is { } same)
                {
                    Assert.IsTrue(Bits(same.Input).SequenceEqual(Bits(input)), $"{shape}, {path}, {threads} threads: input");
                    Assert.IsTrue(Bits(same.Weights).SequenceEqual(Bits(weights)), $"{shape}, {path}, {threads} threads: weights");
                    continue;
                }

                first = (input, weights);
                AssertClose($"{shape}: input", expectedInput, input);
                AssertClose($"{shape}: weights", expectedWeights, weights);
            }
        }

        (float[] ofTaken, float[] weightsOfTaken) = shape.Gradients(KernelPaths.Best, threads: 1, accumulate: false, storesSigns: false);
        Assert.IsTrue(Bits(first!.Value.Input).SequenceEqual(Bits(ofTaken)), $"{shape}, signs that are not stored: input");
        Assert.IsTrue(Bits(first.Value.Weights).SequenceEqual(Bits(weightsOfTaken)), $"{shape}, signs that are not stored: weights");

        (float[] added, _) = shape.Gradients(KernelPaths.Best, threads: 2, accumulate: true);
        AssertClose($"{shape}: input with another reader", [.. expectedInput.Select(value => value + Case.Before)], added);
    }

    private static IEnumerable<int> Bits(float[] values) => values.Select(BitConverter.SingleToInt32Bits);

    private static void AssertClose(string what, double[] expected, float[] actual)
    {
        double scale = Math.Max(1, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-5 * scale, $"{what}, element {i}");
        }
    }

    private sealed record Case(ConvolutionGeometry Geometry, int Inputs, int Outputs, int Images, int Height, int Width, long Seed)
    {
        /// <summary>What an input's gradient holds where another reader came before.</summary>
        public const float Before = 3;

        public static Case Random(long seed)
        {
            RandomStream random = new(seed, 7);
            int kernel = random.NextInt(4) == 0 ? 1 : 3, stride = 1 + random.NextInt(4) / 3;
            int dilation = kernel == 1 || stride == 2 ? 1 : 1 << random.NextInt(3);
            return new(
                new(kernel, stride, dilation), 1 + random.NextInt(20), 1 + random.NextInt(20), 1 + random.NextInt(5),
                stride * (1 + random.NextInt(9)), stride * (1 + random.NextInt(9)), seed);
        }

        public (float[] Input, float[] Weights) Gradients(KernelPath path, int threads, bool accumulate, Action<float[]>? change = null, bool storesSigns = true)
        {
            (TrainingValue input, TrainingValue output, Parameter weight) = Values();
            input = storesSigns ? input : NotStored(input);
            change?.Invoke(output.Gradient!);
            Array.Fill(input.Gradient!, accumulate ? Before : float.NaN);
            float[] gradient = new float[weight.Values.Length];
            TrainingPass pass = new(threads, new Dictionary<Parameter, float[]> { [weight] = gradient });
            Array.Fill(pass.Scratch.Rent("output gradient", 1 << 16), float.NaN);
            new BinaryWeightGradient(Geometry, input, output, KernelSet.For(path)).Run(pass, weight);
            new BinaryInputGradient(Geometry, input, output, KernelSet.For(path)).Run(pass, weight.Values, accumulate);
            return (input.Gradient!, gradient);
        }

        /// <summary>The same signs, of random values and shifts.</summary>
        private TrainingValue NotStored(TrainingValue signs)
        {
            RandomStream random = new(Seed, 9);
            Parameter shift = Parameter.PerChannel("shift", Inputs, 0);
            for (int c = 0; c < Inputs; c++)
            {
                shift.Values[c] = random.NextNormal();
            }

            TrainingValue values = new(Images, Inputs, Height, Width, needsGradient: true);
            for (int i = 0; i < values.Length; i++)
            {
                // Now and then exactly at the threshold, which is +1.
                float distance = signs.Data[i] > 0 && random.NextInt(8) == 0 ? 0 : 0.01f + Math.Abs(random.NextNormal());
                values.Data[i] = signs.Data[i] * distance - shift.Values[i / signs.Pixels % Inputs];
            }

            TrainingValue taken = TrainingValue.SignsOf(values, shift, needsGradient: true);
            taken.Gradient = signs.Gradient;
            return taken;
        }

        public (double[] Input, double[] Weights) Reference()
        {
            (TrainingValue input, TrainingValue output, Parameter weight) = Values();
            double[] dx = new double[input.Length], dw = new double[weight.Values.Length];
            int kernel = Geometry.Kernel;
            for (int i = 0; i < output.Length; i++)
            {
                (int image, int o) = (i / output.Pixels / Outputs, i / output.Pixels % Outputs);
                for (int t = 0; t < Inputs * kernel * kernel; t++)
                {
                    int y = i % output.Pixels / output.Width * Geometry.Stride + t / kernel % kernel * Geometry.Dilation - Geometry.Padding;
                    int x = i % output.Width * Geometry.Stride + t % kernel * Geometry.Dilation - Geometry.Padding;
                    bool inside = (uint)y < (uint)Height && (uint)x < (uint)Width;
                    int at = input.PlaneStart(image, t / kernel / kernel) + y * Width + x, w = o * Inputs * kernel * kernel + t;
                    dw[w] += Math.Abs(weight.Values[w]) <= 1 ? (double)output.Gradient![i] * (inside ? input.Data[at] : 1) : 0;
                    if (inside)
                    {
                        dx[at] += output.Gradient![i] * (weight.Values[w] >= 0 ? 1.0 : -1.0);
                    }
                }
            }

            return (dx, dw);
        }

        private (TrainingValue Input, TrainingValue Output, Parameter Weight) Values()
        {
            RandomStream random = new(Seed, 8);
            TrainingValue input = new(Images, Inputs, Height, Width, needsGradient: true);
            TrainingValue output = new(Images, Outputs, Height / Geometry.Stride, Width / Geometry.Stride, needsGradient: true);
            (input.Gradient, output.Gradient) = (new float[input.Length], new float[output.Length]);
            for (int i = 0; i < input.Length; i++)
            {
                input.Data[i] = random.NextInt(2) == 0 ? 1 : -1;
            }

            for (int i = 0; i < output.Length; i++)
            {
                output.Gradient[i] = random.NextNormal();
            }

            float[] latent = new float[Outputs * Inputs * Geometry.Kernel * Geometry.Kernel];
            for (int i = 0; i < latent.Length; i++)
            {
                latent[i] = random.NextInt(10) switch { 0 => 1, 1 => -1, 2 => 0, _ => random.NextNormal() };
            }

            return (input, output, new Parameter("weight", ParameterRole.LatentSign, [Outputs, Inputs, Geometry.Kernel, Geometry.Kernel], latent));
        }
    }
}
