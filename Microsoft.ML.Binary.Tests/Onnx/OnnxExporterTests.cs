using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Onnx;
using Microsoft.ML.Binary.Tests.Graph;

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
        AssertComputes(network, width is { } w ? (w, height!.Value) : null, imageHeight, imageWidth);
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
    [DataRow(NetworkPreset.Tiny, Precision.Binary)]
    [DataRow(NetworkPreset.Small, Precision.Binary)]
    [DataRow(NetworkPreset.Base, Precision.Binary)]
    [DataRow(NetworkPreset.Tiny, Precision.Float)]
    [DataRow(NetworkPreset.Small, Precision.Float)]
    [DataRow(NetworkPreset.Base, Precision.Float)]
    public void FilesOfPresetsAreWellFormed(NetworkPreset preset, Precision precision)
    {
        OnnxFile file = OnnxFile.Parse(OnnxExporter.ToBytes(TestNetworks.Segmentation(preset, precision), new() { Size = (480, 360) }));
        AssertWellFormed(file);
        Assert.AreEqual("image 1 3 360 480", Describe(file.Inputs.Single()));
        Assert.AreEqual("logits 1 11 360 480", Describe(file.Outputs.Single()));
        CollectionAssert.AreEqual(Array.Empty<string>(), file.Operators.Select(o => o.Type).Intersect(s_shapeOperators).ToArray());
        Assert.AreEqual(precision == Precision.Binary, file.Operators.Any(o => o.Type == "Where"));
    }

    [TestMethod]
    public void AFileForEverySizeHasSymbolicSides()
    {
        OnnxFile file = OnnxFile.Parse(OnnxExporter.ToBytes(TestNetworks.Miniature(Precision.Binary, classes: 3)));
        AssertWellFormed(file);
        Assert.AreEqual("image 1 3 height width", Describe(file.Inputs.Single()));
        Assert.AreEqual("logits 1 3 height width", Describe(file.Outputs.Single()));
    }

    [TestMethod]
    public void AnAlignedFixedSizeIsNeitherPaddedNorCropped()
    {
        OnnxFile file = OnnxFile.Parse(OnnxExporter.ToBytes(TestNetworks.Miniature(Precision.Float, classes: 3), new() { Size = (64, 48) }));
        Assert.IsFalse(file.Operators.Any(o => o.Type is "Pad" or "Slice"));
    }

    [TestMethod]
    public void BinaryConvolutionsHaveOneBitWeightsAndArePaddedWithOnes()
    {
        DenseNetwork network = TestNetworks.Miniature(Precision.Binary, classes: 3).Freeze();
        OnnxFile file = OnnxFile.Parse(OnnxExporter.ToBytes(network));
        PackedBinaryConvolution[] nodes = [.. network.Graph.Nodes.OfType<PackedBinaryConvolution>()];
        Assert.IsNotEmpty(nodes);
        foreach (PackedBinaryConvolution node in nodes)
        {
            OnnxOperator convolution = file.Maker(node.Name);
            Assert.AreEqual("Conv", convolution.Type);
            CollectionAssert.AreEqual(new[] { 0, 0, 0, 0 }, convolution.Numbers("pads"));
            OnnxArray weight = file.Constants[convolution.Inputs[1]];
            CollectionAssert.AreEqual(new[] { node.Weight.Outputs, node.Weight.Inputs, node.Weight.Kernel, node.Weight.Kernel }, weight.Sides);
            Assert.AreEqual(node.Weight.IsNegative(1, 2, 0, 0) ? -1.0 : 1.0, weight.Values[(node.Weight.Inputs + 2) * node.Weight.Kernel * node.Weight.Kernel]);
            Assert.IsTrue(weight.Values.All(v => v is 1 or -1));

            int padding = node.Geometry.Padding;
            if (padding > 0)
            {
                OnnxOperator pad = file.Maker(convolution.Inputs[0]);
                Assert.AreEqual("Pad", pad.Type);
                CollectionAssert.AreEqual(new double[] { 0, 0, padding, padding, 0, 0, padding, padding }, file.Constants[pad.Inputs[1]].Values);
                CollectionAssert.AreEqual(new double[] { 1 }, file.Constants[pad.Inputs[2]].Values);
            }
        }
    }

    [TestMethod]
    public void IntermediateOutputsComeBesideTheLogits()
    {
        DenseNetwork network = TestNetworks.Miniature(Precision.Binary, classes: 3).Freeze();
        string[] names = [.. network.Graph.Nodes.Where(node => node is Sign or PackedBinaryConvolution).Select(node => node.Name)];
        OnnxFile file = OnnxFile.Parse(OnnxExporter.ToBytes(network, new() { Size = (32, 16), IntermediateOutputs = [.. names, names[0]] }));
        CollectionAssert.AreEqual(new[] { "logits" }.Concat(names).ToArray(), file.Outputs.Select(output => output.Name).ToArray());
        Assert.AreEqual("stride8.0/convolution 1 16 2 4", Describe(file.Outputs.Single(output => output.Name == "stride8.0/convolution")));
    }

    [TestMethod]
    public void MetadataTellsTaskClassesAndPalette()
    {
        OnnxFile file = OnnxFile.Parse(OnnxExporter.ToBytes(EveryNodeNetwork.Create()));
        Assert.AreEqual("segmentation", file.Metadata["task"]);
        Assert.AreEqual("Straße\n\"sky\" 天", file.Metadata["classes"]);
        Assert.AreEqual("#804080\n#00ff0A", file.Metadata["palette"]);
        Assert.AreEqual("Microsoft.ML.Binary", file.Producer);
    }

    [TestMethod]
    public void ASavedFileHoldsTheSameBytes()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            OnnxExporter.Save(EveryNodeNetwork.Create(), path, new() { Size = (9, 9) });
            CollectionAssert.AreEqual(OnnxExporter.ToBytes(EveryNodeNetwork.Create(), new() { Size = (9, 9) }), File.ReadAllBytes(path));
        }
        finally
        {
            File.Delete(path);
        }
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
    /// Evaluates the file operator by operator and compares the result of each node of the network with the reference interpreter's. Later
    /// operators read the interpreter's values, so that no rounding difference grows into a flipped sign.
    /// </summary>
    private static void AssertComputes(DenseNetwork network, (int Width, int Height)? size, int height, int width)
    {
        DenseGraph graph = Freezing.Freeze(network.Graph);
        OnnxFile file = OnnxFile.Parse(OnnxExporter.ToBytes(network, new() { Size = size }));
        AssertWellFormed(file);
        FeatureMap image = TestNetworks.Image(height, width, seed: 3);
        (int paddedHeight, int paddedWidth) = graph.PaddedSize(height, width);
        FeatureMap padded = new(3, paddedHeight, paddedWidth);
        for (int i = 0; i < padded.Values.Length; i++)
        {
            int row = i / paddedWidth % paddedHeight, column = i % paddedWidth;
            padded.Values[i] = image[i / padded.Pixels, Math.Min(row, height - 1), Math.Min(column, width - 1)];
        }

        FeatureMap[] maps = ReferenceInterpreter.Run(graph, padded);
        Dictionary<string, FeatureMap> expected = graph.Nodes.Zip(maps).Where(p => p.First is not ImageInput).ToDictionary(p => p.First.Name, p => p.Second);
        HashSet<string> compared = [];
        Dictionary<string, OnnxArray> values = OnnxEvaluator.Run(file, Values(image), (name, made) =>
        {
            if (!expected.TryGetValue(name, out FeatureMap? map))
            {
                return made;
            }

            compared.Add(name);
            OnnxArray reference = Values(map);
            CollectionAssert.AreEqual(reference.Sides, made.Sides, name);
            double scale = reference.Values.Max(Math.Abs);
            for (int i = 0; i < made.Values.Length; i++)
            {
                Assert.AreEqual(reference.Values[i], made.Values[i], 1e-5 * scale, $"{name}, value {i}");
            }

            return reference;
        });

        CollectionAssert.AreEquivalent(expected.Keys.ToArray(), compared.ToArray());
        FeatureMap logits = maps[graph.Logits];
        OnnxArray output = values[DenseGraph.LogitsOutput];
        CollectionAssert.AreEqual(new[] { 1, logits.Channels, height, width }, output.Sides);
        for (int i = 0; i < output.Values.Length; i++)
        {
            Assert.AreEqual(logits[i / (height * width), i / width % height, i % width], output.Values[i], $"logit {i}");
        }
    }

    private static OnnxArray Values(FeatureMap map) => new(true, [1, map.Channels, map.Height, map.Width], [.. map.Values.Select(v => (double)v)]);

    private static void AssertWellFormed(OnnxFile file)
    {
        Assert.AreEqual(7, file.FormatVersion);
        Assert.AreEqual(("", 13L), file.OperatorSets.Single());
        HashSet<string> known = [.. file.Constants.Keys, .. file.Inputs.Select(input => input.Name)];
        Assert.AreEqual(file.Constants.Count + file.Inputs.Length, known.Count);
        foreach (OnnxOperator node in file.Operators)
        {
            foreach (string input in node.Inputs.Where(name => name.Length > 0))
            {
                Assert.Contains(input, known, $"{node.Outputs[0]} comes before its input");
            }

            foreach (string output in node.Outputs)
            {
                Assert.IsTrue(known.Add(output), $"'{output}' is made twice");
            }
        }

        foreach (OnnxEnd output in file.Outputs)
        {
            Assert.Contains(output.Name, known);
        }
    }

    private static string Describe(OnnxEnd end) => $"{end.Name} {string.Join(' ', end.Sides)}";
}
