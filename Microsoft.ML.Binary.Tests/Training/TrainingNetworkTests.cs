using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Graph;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class TrainingNetworkTests
{
    private const int Height = 64, Width = 64, Images = 2;

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void FloatNetworkComputesWhatTheInterpreterDoes(bool hasAllParts)
    {
        DenseGraph graph = TestNetworks.Randomize(Graph(Precision.Float, hasAllParts), seed: 4);
        TrainingNetwork network = Forward(graph);
        for (int image = 0; image < Images; image++)
        {
            FeatureMap[] expected = ReferenceInterpreter.Run(graph, Image(image));
            for (int i = 0; i < expected.Length; i++)
            {
                AssertClose(graph.Nodes[i].Name, expected[i].Values, Part(network.Value(i), image), 1e-4);
            }

            AssertClose(
                "the frozen graph's logits", Logits(Freezing.Freeze(graph), image).Values, Part(network.Logits, image), 1e-4);
        }
    }

    /// <summary>
    /// A sign turns a rounding difference into 2, so node outputs of a binary network cannot be compared from the image on. Each node is,
    /// instead, given what the trainer computed in front of it.
    /// </summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void EveryNodeOfABinaryNetworkComputesWhatTheInterpreterDoes(bool hasAllParts)
    {
        DenseGraph graph = TestNetworks.Randomize(Graph(Precision.Binary, hasAllParts), seed: 4);
        TrainingNetwork network = Forward(graph);
        foreach ((Node node, int i) in graph.Nodes.Select((node, i) => (node, i)).Where(p => p.node is not ImageInput))
        {
            for (int image = 0; image < Images; image++)
            {
                FeatureMap[] inputs = [.. node.Inputs.Select(input => Map(network.Value(input), image))];
                FeatureMap expected = ReferenceInterpreter.Evaluate(node, inputs, Empty(network.Value(i)));
                AssertClose(node.Name, expected.Values, Part(network.Value(i), image), node is Sign or BinaryConvolution ? 0 : 1e-5);
            }
        }
    }

    [TestMethod]
    public void AnAttentionOfTooManyTokensIsRefusedBeforeItsWeightsAreAllocated()
    {
        Parameter One(string name) => new(name, ParameterRole.Modulation, [1], [1]);
        DenseGraph graph = new([new ImageInput("image"), new ReducedAttention("attention", [0, 0, 0], One("temperature"), One("slope"))], [new(DenseGraph.LogitsOutput, 1)]);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new TrainingNetwork(graph, images: 1, height: 256, width: 256, threads: 1)).Message,
            "A batch of 1 crops of 256x256 gives 'attention' 4294967296 values");
        Assert.AreEqual(3 * 64 * 64, new TrainingNetwork(graph, images: 1, height: 64, width: 64, threads: 1).Logits.Length);
    }

    [TestMethod]
    [DataRow(Precision.Float, false)]
    [DataRow(Precision.Binary, false)]
    [DataRow(Precision.Binary, true)]
    public void TheMemoryOfTheMapsIsKnownBefore(Precision precision, bool hasAllParts)
    {
        DenseGraph graph = Graph(precision, hasAllParts);
        TrainingNetwork network = new(graph, Images, Height, Width, threads: 1);
        Assert.AreEqual(graph.Nodes.Select((_, i) => sizeof(float) * (long)network.Value(i).Data.Length).Sum(), TrainingNetwork.MapBytes(graph, Images, Height, Width));
    }

    private static DenseGraph Graph(Precision precision, bool hasAllParts) =>
        hasAllParts ? TestNetworks.MiniatureOfAllParts(precision, 4).Graph : TinyTask.Graph(precision);

    [TestMethod]
    public void SignsThatOnlyConvolutionsReadAreNotStored()
    {
        DenseGraph graph = TinyTask.Graph();
        TrainingNetwork network = Forward(graph);
        (string Name, bool IsStored)[] signs =
            [.. graph.Nodes.Select((node, i) => (node, i)).Where(p => p.node is Sign).Select(p => (p.node.Name, network.Value(p.i).Data.Length > 0))];
        string[] stored = [.. signs.Where(sign => sign.IsStored).Select(sign => sign.Name)];
        CollectionAssert.AreEquivalent(
            new[] { "attention/sign", "attention/query.sign", "attention/key.sign", "up8/nearest.sign", "up4/nearest.sign" }, stored);
        Assert.IsGreaterThan(stored.Length, signs.Length - stored.Length);
    }

    [TestMethod]
    public void ATrainedBinaryNetworkGivesTheSameMasksOnceFrozen()
    {
        DenseGraph graph = DenseTrainer.Train(
            TinyTask.Graph(), DenseTask.Segmentation, () => TinyTask.Scenes(6), TinyTask.Options(40) with { BatchSize = 4 }).Graph;
        DenseGraph frozen = Freezing.Freeze(graph);
        TrainingNetwork network = Forward(graph);
        int same = 0;
        for (int image = 0; image < Images; image++)
        {
            byte[] trained = Mask(Map(network.Logits, image)), inferred = Mask(Logits(frozen, image));
            Assert.IsGreaterThan(1, inferred.Distinct().Count(), "A mask of one class would show nothing.");
            same += trained.Zip(inferred).Count(pair => pair.First == pair.Second);
        }

        Assert.IsGreaterThanOrEqualTo(0.99 * Images * Height * Width, same);
    }

    /// <summary>
    /// The loss of a whole network in the direction of each parameter's gradient: its slope there is the gradient's length. The network is
    /// the float twin, since a sign's gradient is none of the loss.
    /// </summary>
    [TestMethod]
    public void TheGradientOfAWholeNetworkIsTheSlopeOfItsLoss()
    {
        DenseGraph graph = TestNetworks.Randomize(TinyTask.Graph(Precision.Float), seed: 4);

        // The classifier starts near zero, which would leave little gradient for what is in front of it.
        Parameter classifier = graph.Parameters.Single(p => p.Name == "classifier.weight");
        TensorPrimitives.Multiply(classifier.Values, 0.5f / TensorPrimitives.MaxMagnitude<float>(classifier.Values), classifier.Values);
        RandomStream random = new(8);
        foreach (RPReLU activation in graph.Nodes.OfType<RPReLU>())
        {
            // Slopes near one: the loss bends little where an activation changes sides, so a difference of it is a slope.
            for (int c = 0; c < activation.Slope.Values.Length; c++)
            {
                activation.Slope.Values[c] = random.NextSingle(0.9f, 1.1f);
            }
        }

        TrainingNetwork network = new(graph, Images, Height, Width, threads: 2);
        FillImages(network);
        byte[] labels = [.. Enumerable.Range(0, Images * Height * Width).Select(_ => (byte)random.NextInt(TinyTask.Classes))];
        CrossEntropy loss = new([1, 2, 3], 255);
        Loss();
        network.Backward();
        Dictionary<Parameter, float[]> gradients = network.Trained.ToDictionary(p => p, p => (float[])network.Gradients[p].Clone());

        // What a batch norm takes away again (an offset in front of it) has no slope but rounding errors.
        Parameter[] steep = [.. network.Trained.Where(p => Length(gradients[p]) > 0.01)];
        Assert.IsGreaterThan(network.Trained.Length * 3 / 4, steep.Length);
        foreach (Parameter parameter in steep)
        {
            CheckSlope(parameter.Name, [parameter]);
        }

        CheckSlope("all parameters", [.. network.Trained]);

        void CheckSlope(string what, Parameter[] parameters)
        {
            double length = Math.Sqrt(parameters.Sum(p => Math.Pow(Length(gradients[p]), 2)));
            float step = (float)(0.001 / length);
            float[][] before = [.. parameters.Select(p => (float[])p.Values.Clone())];
            Move(step);
            double above = Loss();
            Move(-step);
            double slope = (above - Loss()) / (2 * step * length);
            Move(0);
            Assert.AreEqual(length, slope, 0.02 * length, what);

            void Move(float by)
            {
                for (int i = 0; i < parameters.Length; i++)
                {
                    for (int j = 0; j < before[i].Length; j++)
                    {
                        parameters[i].Values[j] = before[i][j] + by * gradients[parameters[i]][j];
                    }
                }
            }
        }

        double Loss()
        {
            network.Forward(usesBatchStatistics: true);
            return loss.Run(network.Pass, network.Logits, labels);
        }

        static double Length(float[] v) => Math.Sqrt(v.Sum(x => (double)x * x));
    }

    [TestMethod]
    public void GradientsStartFromZeroEachTime()
    {
        TrainingNetwork network = Forward(TestNetworks.Randomize(TinyTask.Graph(), seed: 4));
        byte[] labels = new byte[Images * Height * Width];
        float[][] first = Gradients();
        float[][] second = Gradients();
        for (int i = 0; i < first.Length; i++)
        {
            CollectionAssert.AreEqual(first[i], second[i], network.Trained[i].Name);
        }

        float[][] Gradients()
        {
            new CrossEntropy([1, 1, 1], 255).Run(network.Pass, network.Logits, labels);
            network.Backward();
            return [.. network.Trained.Select(p => (float[])network.Gradients[p].Clone())];
        }
    }

    private static TrainingNetwork Forward(DenseGraph graph)
    {
        TrainingNetwork network = new(graph, Images, Height, Width, threads: 2);
        FillImages(network);
        network.Forward(usesBatchStatistics: false);
        return network;
    }

    private static void FillImages(TrainingNetwork network)
    {
        for (int image = 0; image < Images; image++)
        {
            Image(image).Values.CopyTo(network.Image.Data, network.Image.PlaneStart(image, 0));
        }
    }

    /// <summary>Colours of the training scenes, so that a trained network sees more than one class.</summary>
    private static FeatureMap Image(int seed)
    {
        TrainingSample scene = TinyTask.Scene(100 + seed);
        FeatureMap image = new(3, Height, Width);
        for (int i = 0; i < image.Values.Length; i++)
        {
            int row = Math.Min(i / Width % Height, TinyTask.Height - 1), column = Math.Min(i % Width, TinyTask.Width - 1);
            image.Values[i] = scene.Image.Pixels[(row * TinyTask.Width + column) * 3 + i / image.Pixels];
        }

        return image;
    }

    private static FeatureMap Logits(DenseGraph graph, int image) => ReferenceInterpreter.Run(graph, Image(image))[graph.Logits];

    private static FeatureMap Map(TrainingValue value, int image) => new(value.Channels, value.Height, value.Width, Part(value, image));

    private static FeatureMap Empty(TrainingValue value) => new(value.Channels, value.Height, value.Width);

    /// <summary>An image's values; signs that are not stored as who reads them would take them.</summary>
    private static float[] Part(TrainingValue value, int image)
    {
        float[] part = value.Signed.Data.AsSpan(value.PlaneStart(image, 0), value.Channels * value.Pixels).ToArray();
        for (int i = 0; i < part.Length && !value.Shift.IsEmpty; i++)
        {
            part[i] = part[i] + value.Shift[i / value.Pixels] >= 0 ? 1 : -1;
        }

        return part;
    }

    private static byte[] Mask(FeatureMap logits) => [.. Enumerable.Range(0, logits.Pixels).Select(i =>
        (byte)Enumerable.Range(0, logits.Channels).MaxBy(c => logits.Plane(c)[i]))];

    private static void AssertClose(string what, float[] expected, float[] actual, double tolerance)
    {
        double scale = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], tolerance * scale, $"{what}, element {i}");
        }
    }
}
