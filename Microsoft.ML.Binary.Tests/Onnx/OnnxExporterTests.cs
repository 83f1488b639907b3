using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Onnx;
using Microsoft.ML.Binary.Tests.Graph;
using Microsoft.ML.Binary.Tests.Networks;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Binary.Tests.Onnx;

[TestClass]
public class OnnxExporterTests
{
    // Operators that compute with shapes; a file for one size has none of them.
    private static readonly string[] s_shapeOperators = ["Shape", "Range", "Unsqueeze", "Cast", "Abs", "Max", "Div", "Sub"];

    [TestMethod]
    [DataRow(Precision.Binary, null, null, 32, 48)]
    [DataRow(Precision.Binary, null, null, 37, 21)]
    [DataRow(Precision.Binary, 21, 37, 37, 21)]
    [DataRow(Precision.Binary, 48, 32, 32, 48)]
    [DataRow(Precision.Float, null, null, 37, 50)]
    [DataRow(Precision.Float, 50, 37, 37, 50)]
    public void EveryNodeOfAPresetComputesWhatItsDefinitionSays(Precision precision, int? width, int? height, int imageHeight, int imageWidth)
    {
        DenseNetwork network = TestNetworks.Miniature(precision, classes: 3);
        TestNetworks.Randomize(network.Graph, seed: 7);
        AssertComputes(network, Size(width, height), imageHeight, imageWidth);
    }

    [TestMethod]
    [DataRow(Precision.Binary)]
    [DataRow(Precision.Float)]
    public void SoDoesEveryPartThatAConfigurationCanHave(Precision precision)
    {
        DenseNetwork network = TestNetworks.MiniatureOfAllParts(precision, classes: 3);
        TestNetworks.Randomize(network.Graph, seed: 7);
        AssertComputes(network, null, 37, 50);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void EveryKindOfNodeComputesWhatItsDefinitionSays(bool isFixed) =>
        AssertComputes(EveryNodeNetwork.Create(), isFixed ? (22, 13) : null, 13, 22);

    [TestMethod]
    [DataRow(null, null)]
    [DataRow(50, 37)]
    public void AFloatNetworkGivesTheSameLogitsAfterAllOptimizations(int? width, int? height)
    {
        DenseNetwork network = TestNetworks.Miniature(Precision.Float, classes: 3);
        TestNetworks.Randomize(network.Graph, seed: 7);
        using OnnxModel model = new(OnnxExporter.ToBytes(network, new() { Size = Size(width, height) }), GraphOptimizationLevel.ORT_ENABLE_ALL);
        DenseGraph graph = Freezing.Freeze(network.Graph);
        FeatureMap image = TestNetworks.Image(37, 50, seed: 3), logits = ReferenceInterpreter.Run(graph, Padded(graph, image))[graph.Logits];
        AssertClose(Cropped(logits, image), model.Run(image)[DenseGraph.LogitsOutput], 1e-5, "logits");
    }

    [TestMethod]
    public void EveryHeadIsAnOutput()
    {
        DenseNetwork network = MultiTaskNetwork.Build(
            MultiTaskNetworkTests.Configuration with { Precision = Precision.Float }, [MultiTaskNetworkTests.Classes, MultiTaskNetworkTests.Edges], bottleneck: TaskBottleneck.Diagonal);
        TestNetworks.Randomize(network.Graph, seed: 7);
        using OnnxModel model = new(OnnxExporter.ToBytes(network), GraphOptimizationLevel.ORT_ENABLE_ALL);
        Assert.AreEqual("logits\tclasses\tsegmentation\ta\tb\tc\nlogits:edges\tedges\tedges", model.Metadata.CustomMetadataMap["heads"]);
        DenseGraph graph = Freezing.Freeze(network.Graph);
        FeatureMap image = TestNetworks.Image(37, 50, seed: 3);
        FeatureMap[] expected = ReferenceInterpreter.Run(graph, Padded(graph, image));
        Dictionary<string, FeatureMap> computed = model.Run(image);
        foreach (GraphOutput output in graph.Outputs)
        {
            AssertClose(Cropped(expected[output.Node], image), computed[output.Name], 1e-5, output.Name);
        }
    }

    [TestMethod]
    [DataRow(NetworkPreset.Tiny, Precision.Binary)]
    [DataRow(NetworkPreset.Small, Precision.Binary)]
    [DataRow(NetworkPreset.Base, Precision.Binary)]
    [DataRow(NetworkPreset.Tiny, Precision.Float)]
    [DataRow(NetworkPreset.Small, Precision.Float)]
    [DataRow(NetworkPreset.Base, Precision.Float)]
    public void FilesOfPresetsAreWellFormed(NetworkPreset preset, Precision precision)
    {
        byte[] bytes = OnnxExporter.ToBytes(TestNetworks.Segmentation(preset, precision), new() { Size = (480, 360) });
        OnnxFile file = OnnxFile.Parse(bytes);
        AssertWellFormed(file);
        CollectionAssert.AreEqual(Array.Empty<string>(), file.Operators.Select(o => o.Type).Intersect(s_shapeOperators).ToArray());
        Assert.AreEqual(precision == Precision.Binary, file.Operators.Any(o => o.Type == "Where"));
        using OnnxModel model = new(bytes);
        Assert.AreEqual("image Single 1 3 360 480", model.Input);
        CollectionAssert.AreEqual(new[] { "logits Single 1 11 360 480" }, model.Outputs);
    }

    [TestMethod]
    public void AFileForEverySizeHasSymbolicSides()
    {
        using OnnxModel model = new(OnnxExporter.ToBytes(TestNetworks.Miniature(Precision.Binary, classes: 3)));
        Assert.AreEqual("image Single 1 3 height width", model.Input);
        CollectionAssert.AreEqual(new[] { "logits Single 1 3 height width" }, model.Outputs);
    }

    [TestMethod]
    public void AnAlignedFixedSizeIsNeitherPaddedNorCropped()
    {
        OnnxFile file = OnnxFile.Parse(OnnxExporter.ToBytes(TestNetworks.Miniature(Precision.Float, classes: 3), new() { Size = (64, 48) }));
        Assert.IsFalse(file.Operators.Any(o => o.Type is "Pad" or "Slice"));
    }

    [TestMethod]
    public void IntermediateOutputsComeBesideTheLogits()
    {
        DenseNetwork network = TestNetworks.Miniature(Precision.Binary, classes: 3).Freeze();
        string[] names = [.. network.Graph.Nodes.Where(node => node is Sign or PackedBinaryConvolution).Select(node => node.Name)];
        using OnnxModel model = new(OnnxExporter.ToBytes(network, new() { Size = (32, 16), IntermediateOutputs = [.. names, names[0]] }));
        CollectionAssert.AreEqual(new[] { "logits" }.Concat(names).ToArray(), model.Outputs.Select(output => output.Split(' ')[0]).ToArray());
        Assert.Contains("stride8.0/convolution Single 1 16 2 4", model.Outputs);
    }

    [TestMethod]
    public void MetadataTellsTaskClassesAndPalette()
    {
        using OnnxModel model = new(OnnxExporter.ToBytes(EveryNodeNetwork.Create()));
        Assert.AreEqual("segmentation", model.Metadata.CustomMetadataMap["task"]);
        Assert.AreEqual("Straße\n\"sky\" 天", model.Metadata.CustomMetadataMap["classes"]);
        Assert.AreEqual("#804080\n#00ff0A", model.Metadata.CustomMetadataMap["palette"]);
        Assert.AreEqual("Microsoft.ML.Binary", model.Metadata.ProducerName);
    }

    [TestMethod]
    public void BytesDoNotDependOnTheCulture()
    {
        DenseNetwork[] networks = [EveryNodeNetwork.Create(), TestNetworks.MiniatureOfAllParts(Precision.Binary, classes: 3)];
        foreach (DenseNetwork network in networks)
        {
            OddCulture.AssertSame(() => Convert.ToHexString(OnnxExporter.ToBytes(network)), "of any size");
            OddCulture.AssertSame(() => Convert.ToHexString(OnnxExporter.ToBytes(network, new() { Size = (13, 22) })), "of one size");
        }
    }

    [TestMethod]
    public void ASavedFileHoldsTheSameBytes()
    {
        using TemporaryFolder folder = new();
        OnnxExporter.Save(EveryNodeNetwork.Create(), folder.File("network.onnx"), new() { Size = (9, 9) });
        CollectionAssert.AreEqual(OnnxExporter.ToBytes(EveryNodeNetwork.Create(), new() { Size = (9, 9) }), File.ReadAllBytes(folder.File("network.onnx")));
    }

    [TestMethod]
    [DataRow(0, 5)]
    [DataRow(5, -1)]
    [DataRow(OnnxExportOptions.MaxSide + 1, 5)]
    public void ASizeOutOfRangeIsRefused(int width, int height)
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => OnnxExporter.ToBytes(EveryNodeNetwork.Create(), new() { Size = (width, height) }));
        StringAssert.Contains(e.Message, $"{width}x{height}");
    }

    [TestMethod]
    public void AnUnknownIntermediateOutputIsRefused()
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(
            () => OnnxExporter.ToBytes(EveryNodeNetwork.Create(), new() { IntermediateOutputs = ["no such node"] }));
        StringAssert.Contains(e.Message, "'no such node'");
    }

    [TestMethod]
    public void ANodeWithoutAnOnnxFormIsNamed()
    {
        DenseGraph graph = new([new ImageInput("image"), new NodeOfTheFuture("novelty", [0])], [new(DenseGraph.LogitsOutput, 1)]);
        GraphException e = Assert.ThrowsExactly<GraphException>(() => new GraphExport(graph, new OnnxExportOptions()).Run());
        StringAssert.Contains(e.Message, "novelty");
    }

    /// <summary>
    /// Runs the file with every node as an output. Each is compared with what the reference interpreter makes of the inputs that this node had
    /// in ONNX Runtime, so that no rounding difference grows into a flipped sign on the way: exactly, unless the node rounds.
    /// </summary>
    private static void AssertComputes(DenseNetwork network, (int Width, int Height)? size, int height, int width)
    {
        DenseGraph graph = Freezing.Freeze(network.Graph);
        FeatureMap image = TestNetworks.Image(height, width, seed: 3), padded = Padded(graph, image);
        byte[] every = OnnxExporter.ToBytes(network, new()
        {
            Size = size,
            IntermediateOutputs = [.. graph.Nodes.Where(node => node is not ImageInput).Select(node => node.Name)],
        });
        AssertWellFormed(OnnxFile.Parse(every));
        AssertNodes(GraphOptimizationLevel.ORT_ENABLE_ALL);
        FeatureMap logits = AssertNodes(GraphOptimizationLevel.ORT_DISABLE_ALL);

        // Not optimized, a file computes the same bits whatever its outputs are.
        using OnnxModel plain = new(OnnxExporter.ToBytes(network, new() { Size = size }));
        AssertClose(logits, plain.Run(image)[DenseGraph.LogitsOutput], 0, "logits");

        FeatureMap AssertNodes(GraphOptimizationLevel optimizations)
        {
            using OnnxModel model = new(every, optimizations);
            Dictionary<string, FeatureMap> results = model.Run(image);
            FeatureMap[] maps = [.. graph.Nodes.Select(node => node is ImageInput ? padded : results[node.Name])];
            for (int i = 0; i < maps.Length; i++)
            {
                Node node = graph.Nodes[i];
                if (node is not ImageInput)
                {
                    (int rows, int columns) = graph.Types[i].SizeAt(padded.Height, padded.Width);
                    FeatureMap expected = ReferenceInterpreter.Evaluate(
                        node, [.. node.Inputs.Select(input => maps[input])], new FeatureMap(graph.Types[i].Channels, rows, columns));
                    AssertClose(expected, maps[i], Rounds(node) ? 1e-5 : 0, node.Name);
                }
            }

            AssertClose(Cropped(maps[graph.Logits], image), results[DenseGraph.LogitsOutput], 0, "logits");
            return results[DenseGraph.LogitsOutput];
        }
    }

    // Binary convolutions are sums of +1 and -1, exact in single precision.
    private static bool Rounds(Node node) =>
        node is not (PackedBinaryConvolution or PackedMixedConvolution or Sign or ActivationLevels or Concat or PixelShuffle or TokenSample or Upsample { Mode: UpsampleMode.Nearest });

    /// <param name="expected">What is right.</param>
    /// <param name="actual">What is compared.</param>
    /// <param name="tolerance">Allowed difference, as a share of the largest right value.</param>
    /// <param name="name">What failures are about.</param>
    private static void AssertClose(FeatureMap expected, FeatureMap actual, double tolerance, string name)
    {
        Assert.AreEqual((expected.Channels, expected.Height, expected.Width), (actual.Channels, actual.Height, actual.Width), name);
        double allowed = tolerance * expected.Values.Max(Math.Abs);
        for (int i = 0; i < expected.Values.Length; i++)
        {
            Assert.AreEqual(expected.Values[i], actual.Values[i], allowed, $"{name}, value {i}");
        }
    }

    private static FeatureMap Padded(DenseGraph graph, FeatureMap image)
    {
        (int height, int width) = graph.PaddedSize(image.Height, image.Width);
        return Made(image.Channels, height, width, (c, row, column) => image[c, Math.Min(row, image.Height - 1), Math.Min(column, image.Width - 1)]);
    }

    private static FeatureMap Cropped(FeatureMap map, FeatureMap image) =>
        Made(map.Channels, image.Height, image.Width, (c, row, column) => map[c, row, column]);

    private static FeatureMap Made(int channels, int height, int width, Func<int, int, int, float> value)
    {
        FeatureMap map = new(channels, height, width);
        for (int i = 0; i < map.Values.Length; i++)
        {
            map.Values[i] = value(i / map.Pixels, i / width % height, i % width);
        }

        return map;
    }

    private static (int Width, int Height)? Size(int? width, int? height) => width is { } w && height is { } h ? (w, h) : null;

    // ONNX Runtime also takes files whose operators come in another order.
    private static void AssertWellFormed(OnnxFile file)
    {
        Assert.AreEqual(7, file.FormatVersion);
        Assert.AreEqual(("", 13L), file.OperatorSets.Single());
        HashSet<string> known = [.. file.Constants, .. file.Inputs];
        Assert.AreEqual(file.Constants.Length + file.Inputs.Length, known.Count);
        foreach (OnnxOperator node in file.Operators)
        {
            Assert.AreEqual(node.Outputs[0], node.Name, "a node is named like its first output");
            foreach (string input in node.Inputs.Where(name => name.Length > 0))
            {
                Assert.Contains(input, known, $"{node.Name} comes before its input");
            }

            foreach (string output in node.Outputs)
            {
                Assert.IsTrue(known.Add(output), $"'{output}' is made twice");
            }
        }

        foreach (string output in file.Outputs)
        {
            Assert.Contains(output, known);
        }
    }
}
