using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Quantization;
using Microsoft.ML.Binary.Tests.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Quantization;

[TestClass]
public sealed class PostTrainingQuantizationTests
{
    private const int Width = 45, Height = 34, Classes = 3;

    [TestMethod]
    [DataRow(null)]
    [DataRow(8)]
    [DataRow(2)]
    public void Logits_AreThoseOfTheInterpreter(int? bits)
    {
        DenseGraph graph = Freezing.Freeze(Network().Graph);
        QuantizedRun run = new(graph, Width, Height);
        RgbImage image = Image(1);
        run.Run(image);
        (int rows, int columns) = graph.PaddedSize(Height, Width);
        FeatureMap[] maps = new FeatureMap[graph.Nodes.Length];
        int layer = 0;
        for (int i = 0; i < maps.Length; i++)
        {
            (int nodeRows, int nodeColumns) = graph.Types[i].SizeAt(rows, columns);
            FeatureMap output = new(graph.Types[i].Channels, nodeRows, nodeColumns);
            FeatureMap[] inputs = [.. graph.Nodes[i].Inputs.Select(input => maps[input])];
            Node node = graph.Nodes[i];
            if (node is ImageInput)
            {
                maps[i] = ReferenceViews.Padded(graph, image);
                continue;
            }

            if (node is Convolution convolution)
            {
                if (bits is { } width)
                {
                    UniformGrid grid = UniformGrid.Fit(inputs[0].Values, width), weightGrid = UniformGrid.Fit(convolution.Weight.Values, width);
                    inputs = [inputs[0] with { Values = [.. inputs[0].Values] }];
                    grid.Apply(inputs[0].Values);
                    float[] weights = [.. convolution.Weight.Values];
                    weightGrid.Apply(weights);
                    node = convolution with { Weight = new Parameter(convolution.Weight.Name, ParameterRole.Weight, convolution.Weight.Shape, weights) };
                    run.Layers[layer].Map = grid;
                    run.Layers[layer].Weights = weights;
                }

                layer++;
            }

            maps[i] = ReferenceInterpreter.Evaluate(node, inputs, output);
        }

        run.Run(image);
        double difference = 0, largest = 0;
        for (int c = 0; c < Classes; c++)
        {
            for (int y = 0; y < Height; y++)
            {
                for (int x = 0; x < Width; x++)
                {
                    float expected = maps[graph.Logits][c, y, x];
                    largest = Math.Max(largest, Math.Abs(expected));
                    difference = Math.Max(difference, Math.Abs(expected - run.Logits(c, y)[x]));
                }
            }
        }

        // A value near the middle of two places of a grid may go to either, as sums are taken in another order.
        Assert.IsLessThan((bits is null ? 1e-4 : 0.05) * largest, difference);
    }

    [TestMethod]
    public void Loss_OfTheNetworkAsItIs_IsThatOfTheCompiledNetwork()
    {
        TrainingSample[] samples = Samples(2);
        using CompiledNetwork compiled = CompiledNetwork.Compile(Network().Graph);
        double sum = 0;
        int pixels = 0;
        foreach (TrainingSample sample in samples)
        {
            float[] scores = new float[Classes * Width * Height];
            compiled.PredictScores(sample.Image, scores);
            for (int i = 0; i < Width * Height; i++)
            {
                if (sample.Mask[i] != 255)
                {
                    sum -= Math.Log(scores[Classes * i + sample.Mask[i]]);
                    pixels++;
                }
            }
        }

        Assert.AreEqual(sum / pixels, Quantization().Loss(null, samples), 1e-4 * sum / pixels);
    }

    [TestMethod]
    public void FewerBits_AreFurtherFromTheNetwork()
    {
        PostTrainingQuantization quantization = Quantization();
        using CompiledNetwork compiled = CompiledNetwork.Compile(Network().Graph);
        RgbImage image = Image(1);
        byte[] whole = new byte[Width * Height];
        compiled.PredictLabels(image, whole);
        double[] agreement = [.. new[] { 8, 4, 1 }.Select(bits =>
            quantization.Predict(Uniform(quantization, bits), image).Zip(whole).Count(pair => pair.First == pair.Second) / (double)whole.Length)];
        Assert.IsGreaterThan(0.97, agreement[0]);
        Assert.IsGreaterThan(agreement[1], agreement[0]);
        Assert.IsGreaterThan(agreement[2], agreement[1]);
        CollectionAssert.AreEqual(whole, quantization.Predict(null, image));
    }

    /// <summary>Images are seen as inference sees them: at the working size and the exposure of the network.</summary>
    [TestMethod]
    public void WorkingSizeAndExposure_AreThoseOfTheNetwork()
    {
        DenseNetwork network = Network().WithWorkingSize(WorkingSize.Of(32)).WithExposure(ImageExposure.Of(90));
        RgbImage image = Image(1);
        PostTrainingQuantization quantization = new(network, [image]);
        using CompiledNetwork compiled = CompiledNetwork.Compile(network);
        byte[] expected = new byte[Width * Height], asItIs = new byte[Width * Height];
        compiled.PredictLabels(image, expected);
        CollectionAssert.AreEqual(expected, quantization.Predict(null, image));
        using CompiledNetwork own = CompiledNetwork.Compile(Network());
        own.PredictLabels(image, asItIs);
        CollectionAssert.AreNotEqual(expected, asItIs);

        // Resized, dark and bright pixels are gray: its curve is another one than that of the image itself, which inference takes.
        TrainingSample sample = Samples(1)[0] with { Image = new(Width, Height, [.. Enumerable.Range(0, 3 * Width * Height).Select(i => (byte)(i / 3 % 2 == 0 ? 20 : 220))]) };
        TrainingSample resized = sample.At(WorkingSize.Of(32), new SegmentationTask());
        TrainingSample seen = resized with { Image = new(resized.Image.Width, resized.Image.Height, [.. resized.Image.Pixels]) };
        ExposureCurve curve = ExposureCurve.For(sample.Image, 90)!;
        Assert.AreNotEqual(ExposureCurve.For(resized.Image, 90)!.Gain, curve.Gain);
        curve.Apply(seen.Image.Pixels);
        double expectedLoss = Quantization().Loss(null, [seen]);
        Assert.AreEqual(expectedLoss, quantization.Loss(null, [sample]), 1e-9);
        Assert.AreNotEqual(expectedLoss, Quantization().Loss(null, [resized with { Image = resized.Image.WithMean(90) }]), 1e-9);
        Assert.AreEqual(quantization.Loss(null, [sample]), quantization.MeasureSensitivity([8], [sample]).BaseLoss, 1e-9);
    }

    [TestMethod]
    public void Sensitivity_IsThatOfOneLayerAlone_OnAnyNumberOfThreads()
    {
        TrainingSample[] samples = Samples(3);
        SensitivityTable table = Quantization(threads: 1).MeasureSensitivity([1, 8], samples), again = Quantization(threads: 3).MeasureSensitivity([8, 1], samples);
        Assert.AreEqual(table.BaseLoss, again.BaseLoss);
        for (int layer = 0; layer < table.Layers.Length; layer++)
        {
            CollectionAssert.AreEqual(table.Maps[layer], again.Maps[layer]);
            CollectionAssert.AreEqual(table.Weights[layer], again.Weights[layer]);
        }

        CollectionAssert.AreEqual((int[])[1, 8], table.Widths.ToArray());
        double eight = table.Maps.Concat(table.Weights).Sum(growth => Math.Abs(growth[1])), one = table.Maps.Concat(table.Weights).Sum(growth => Math.Abs(growth[0]));
        Assert.IsLessThan(0.1 * one, eight);

        // The weights of the classifier alone at one bit, run as a whole.
        DenseGraph graph = Freezing.Freeze(Network().Graph);
        QuantizedRun run = new(graph, Width, Height);
        Convolution classifier = graph.Nodes.OfType<Convolution>().Last();
        float[] weights = [.. classifier.Weight.Values];
        for (int output = 0; output < Classes; output++)
        {
            Span<float> values = weights.AsSpan(output * weights.Length / Classes, weights.Length / Classes);
            UniformGrid.Fit(values, 1).Apply(values);
        }

        run.Layers[^1].Weights = weights;
        double sum = 0;
        long pixels = 0;
        foreach (TrainingSample sample in samples)
        {
            run.Run(sample.Image);
            (double loss, long count) = PixelLoss.Of(run, DenseTask.Segmentation, sample.Mask, Width, Height, Classes);
            (sum, pixels) = (sum + loss, pixels + count);
        }

        Assert.AreEqual(sum / pixels - table.BaseLoss, table.Weights[^1][0], 1e-9);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void Progress_ComesInOrder_AndWhatItThrowsComesOut(int threads)
    {
        List<int> counts = [];
        PostTrainingQuantization quantization = Quantization(threads: threads);
        quantization.MeasureSensitivity([8], Samples(6), counts.Add);
        CollectionAssert.AreEqual((int[])[1, 2, 3, 4, 5, 6], counts);
        Assert.ThrowsExactly<FormatException>(() => quantization.MeasureSensitivity([8], Samples(3), _ => throw new FormatException()));
    }

    [TestMethod]
    public void PredictedLoss_AddsUp()
    {
        SensitivityTable table = new(0.5, ["a", "b"], [1, 8], [[0.25, -0.01], [0.5, 0]], [[1, 0.125], [2, 0]]);
        Assert.AreEqual(0.5 + 0.25 + 0.125 + 0 + 2, table.Loss([new(1, 8), new(8, 1)]), 1e-12);
        Assert.AreEqual(Math.Exp(-0.625), table.Accuracy([new(8, 8), new(8, 8)]), 1e-12);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => table.Loss([new(4, 8), new(8, 8)])).Message, "4 bits were not measured");
        Assert.ThrowsExactly<ArgumentException>(() => table.Loss([new(8, 8)]));
    }

    [TestMethod]
    public void Saliency_IsQuantisedToo()
    {
        NetworkConfiguration configuration = new() { Outputs = 1, Width = 8, Stride4Depth = 1, Stride8Depth = 1, Stride16Depth = 1, Precision = Precision.Float };
        DenseNetwork network = new(TestNetworks.Randomize(DenseNetworkBuilder.Build(configuration), 4), DenseTask.Saliency);
        RgbImage image = Image(1);
        PostTrainingQuantization quantization = new(network, [image]);
        using CompiledNetwork compiled = CompiledNetwork.Compile(network.Graph);
        float[] saliency = new float[Width * Height];
        compiled.PredictSaliency(image, saliency);
        byte[] predicted = quantization.Predict(null, image);
        double entropy = 0;
        byte[] mask = [.. Enumerable.Range(0, saliency.Length).Select(i => (byte)(i % 256))];
        for (int i = 0; i < saliency.Length; i++)
        {
            Assert.AreEqual(255 * saliency[i], predicted[i], 0.6);
            entropy -= mask[i] / 255.0 * Math.Log(saliency[i]) + (1 - mask[i] / 255.0) * Math.Log(1 - saliency[i]);
        }

        Assert.AreEqual(entropy / mask.Length, quantization.Loss(null, [new TrainingSample("a", image, mask)]), 1e-3);
    }

    [TestMethod]
    public void BinaryNetwork_HasNothingToQuantise()
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => new PostTrainingQuantization(TestNetworks.Miniature(Precision.Binary, Classes), [Image(1)]));
        StringAssert.Contains(e.Message, "one bit");
        StringAssert.Contains(e.Message, "--precision float");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new PostTrainingQuantization(Network(), [])).Message, "no image");
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(25)]
    [DataRow(32)]
    public void WidthsOutOfRange_AreRefused(int bits)
    {
        PostTrainingQuantization quantization = Quantization();
        TrainingSample[] samples = Samples(2);
        LayerWidths[] maps = Uniform(quantization, 8), weights = Uniform(quantization, 8);
        maps[^1] = new(bits, 8);
        weights[^1] = new(8, bits);
        foreach (LayerWidths[] widths in new[] { maps, weights })
        {
            Refused<ArgumentException>($"{bits} bits", () => quantization.Loss(widths, samples));
            Refused<ArgumentException>($"{bits} bits", () => quantization.Predict(widths, samples[0].Image));
        }

        Refused<ArgumentException>($"{bits} bits", () => quantization.MeasureSensitivity([8, bits], samples));
    }

    [TestMethod]
    public void TheMostBits_LeaveTheNetworkAsItIs()
    {
        PostTrainingQuantization quantization = Quantization();
        TrainingSample[] samples = Samples(1);
        Assert.AreEqual(quantization.Loss(null, samples), quantization.Loss(Uniform(quantization, UniformGrid.MaxBits), samples), 1e-4);
    }

    [TestMethod]
    public void WhatCannotBeMeasured_IsSaidBeforeItIsTried()
    {
        PostTrainingQuantization quantization = Quantization(threads: 2);
        TrainingSample[] samples = Samples(3);
        LayerWidths[] tooFew = Uniform(quantization, 8)[1..];
        Refused<ArgumentException>($"widths for {tooFew.Length} layers", () => quantization.Loss(tooFew, samples));
        Refused<ArgumentException>($"widths for {tooFew.Length} layers", () => quantization.Predict(tooFew, samples[0].Image));
        Refused<ArgumentException>("no sample", () => quantization.Loss(null, []));
        Refused<ArgumentException>("no sample", () => quantization.MeasureSensitivity([8], []));

        TrainingSample[] ignored = [.. samples.Select(sample => sample with { Mask = [.. sample.Mask.Select(_ => (byte)255)] })];
        Refused<InvalidDataException>("ignored label 255", () => quantization.Loss(null, ignored));
        Refused<InvalidDataException>("ignored label 255", () => quantization.MeasureSensitivity([8], ignored));

        samples[1].Mask[Width + 2] = Classes;
        Refused<InvalidDataException>($"2: the mask's pixel (2, 1) is {Classes}; labels are class indices 0..{Classes - 1}", () => quantization.Loss(null, samples));
        Refused<InvalidDataException>($"2: the mask's pixel (2, 1) is {Classes}", () => quantization.MeasureSensitivity([8], samples));
    }

    private static void Refused<TException>(string part, Action action)
        where TException : Exception => StringAssert.Contains(Assert.ThrowsExactly<TException>(action).Message, part);

    private static LayerWidths[] Uniform(PostTrainingQuantization quantization, int bits) => [.. quantization.Layers.Select(_ => new LayerWidths(bits, bits))];

    private static DenseNetwork Network()
    {
        DenseNetwork network = TestNetworks.Miniature(Precision.Float, Classes);
        return new(TestNetworks.Randomize(network.Graph, 4), network.Task, network.ClassNames);
    }

    private static PostTrainingQuantization Quantization(int threads = 0) => new(Network(), [Image(1), Image(2)], threads);

    private static TrainingSample[] Samples(int count) =>
    [
        .. Enumerable.Range(1, count).Select(seed => new TrainingSample(
            $"{seed}", Image(seed), [.. Enumerable.Range(0, Width * Height).Select(i => i % 17 == 0 ? (byte)255 : (byte)(i / 7 % Classes))])),
    ];

    private static RgbImage Image(int seed)
    {
        FeatureMap map = TestNetworks.Image(Height, Width, seed);
        RgbImage image = new(Width, Height);
        for (int i = 0; i < Width * Height; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                image.Pixels[3 * i + c] = (byte)Math.Clamp(map.Plane(c)[i], 0, 255);
            }
        }

        return image;
    }
}
