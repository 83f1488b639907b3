using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class NetworkFileTests
{
    [TestMethod]
    [DynamicData(nameof(AllNetworks))]
    public void EveryPresetSurvivesBitForBit(NetworkPreset preset, Precision precision, bool frozen)
    {
        DenseNetwork network = TestNetworks.Segmentation(preset, precision);
        network = frozen ? network.Freeze() : network;
        DenseNetwork read = DenseNetwork.FromBytes(network.ToBytes());

        Assert.AreEqual(frozen, read.Graph.IsFrozen);
        AssertEqual(network, read);
    }

    [TestMethod]
    public void EveryKindOfNodeSurvives() => AssertEqual(EveryNodeNetwork.Create(), DenseNetwork.FromBytes(EveryNodeNetwork.Create().ToBytes()));

    [TestMethod]
    public void EveryKindOfNodeIsInTheTest()
    {
        Type[] all = [.. typeof(Node).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Node)) && !t.IsAbstract)];
        CollectionAssert.AreEquivalent(all, EveryNodeNetwork.Create().Graph.Nodes.Select(n => n.GetType()).Distinct().ToArray());
    }

    [TestMethod]
    public void ASaliencyNetworkSurvives()
    {
        DenseNetwork network = new(
            DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 1)), DenseTask.Saliency);
        AssertEqual(network, DenseNetwork.FromBytes(network.ToBytes()));
    }

    [TestMethod]
    public void AReadNetworkComputesTheSameBits()
    {
        DenseNetwork network = TestNetworks.Miniature(Precision.Binary, classes: 3);
        TestNetworks.Randomize(network.Graph, seed: 1);
        DenseNetwork read = DenseNetwork.FromBytes(network.Freeze().ToBytes());
        FeatureMap image = TestNetworks.Image(32, 48, seed: 2);
        DenseGraph frozen = network.Freeze().Graph;
        CollectionAssert.AreEqual(
            ReferenceInterpreter.Run(frozen, image)[frozen.Logits].Values, ReferenceInterpreter.Run(read.Graph, image)[read.Graph.Logits].Values);
    }

    [TestMethod]
    public void AWorkingSizeSurvivesInVersionTwo()
    {
        DenseNetwork network = TestNetworks.Segmentation(NetworkPreset.Tiny, Precision.Binary).WithWorkingSize(WorkingSize.Of(640));
        byte[] file = network.ToBytes();
        Assert.AreEqual(2, file[8]);
        AssertEqual(network, DenseNetwork.FromBytes(file));
        network = EveryNodeNetwork.Create(version: 3).WithWorkingSize(WorkingSize.Of(16384));
        file = network.ToBytes();
        Assert.AreEqual(3, file[8]);
        AssertEqual(network, DenseNetwork.FromBytes(file));
    }

    [TestMethod]
    public void AnExposureSurvivesInVersionSeven()
    {
        DenseNetwork network = TestNetworks.Segmentation(NetworkPreset.Tiny, Precision.Binary).WithExposure(ImageExposure.Of(102));
        byte[] file = network.ToBytes();
        Assert.AreEqual(7, file[8]);
        AssertEqual(network, DenseNetwork.FromBytes(file));
        Assert.AreEqual(ImageExposure.Of(102), network.WithWorkingSize(WorkingSize.Of(64)).WithGraph(network.Graph).Freeze().Alone(network.Heads[0]).Exposure);
        Assert.AreEqual(1, network.WithExposure(ImageExposure.AsIs).ToBytes()[8]);
        DenseNetwork named = new(network.Graph, [new TaskHead("road", network.Task, network.ClassNames)], workingSize: WorkingSize.Of(64), exposure: ImageExposure.Of(254));
        AssertEqual(named, DenseNetwork.FromBytes(named.ToBytes()));
    }

    [TestMethod]
    public void ANetworkWithoutAWorkingSizeStaysReadableForOlderReleases()
    {
        byte[] file = TestNetworks.Segmentation(NetworkPreset.Tiny, Precision.Binary).ToBytes();
        Assert.AreEqual(1, file[8]);
        Assert.AreEqual(WorkingSize.Own, DenseNetwork.FromBytes(file).WorkingSize);
    }

    [TestMethod]
    public void TheSameNetworkGivesTheSameBytes() =>
        CollectionAssert.AreEqual(EveryNodeNetwork.Create().ToBytes(), EveryNodeNetwork.Create().ToBytes());

    [TestMethod]
    public void AFrozenSmallNetworkIsSmall()
    {
        byte[] bytes = TestNetworks.Segmentation(NetworkPreset.Small, Precision.Binary).Freeze().ToBytes();
        Assert.IsLessThan(650_000, bytes.Length);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(100_000)]
    public void AStreamMayHandOutItsBytesInPieces(int piece)
    {
        byte[] bytes = EveryNodeNetwork.Create().ToBytes();
        using PiecewiseStream stream = new(bytes, piece);
        AssertEqual(EveryNodeNetwork.Create(), DenseNetwork.Load(stream, "entry"));
        Assert.IsTrue(stream.CanRead, "the stream is the caller's");
    }

    [TestMethod]
    public void ANodeThatTheFileHasNoCaseForIsNamed()
    {
        DenseGraph graph = new([new ImageInput("image"), new NodeOfTheFuture("n", [0])], [new(DenseGraph.LogitsOutput, 1)]);
        GraphException e = Assert.ThrowsExactly<GraphException>(
            () => new DenseNetwork(graph, DenseTask.Segmentation, TestNetworks.ClassNames(3)).ToBytes());
        StringAssert.Contains(e.Message, "Node 'n': the network file has no case for NodeOfTheFuture");
    }

    [TestMethod]
    public void AValueThatIsNotFiniteIsNotWritten()
    {
        DenseNetwork network = EveryNodeNetwork.Create();
        network.Graph.Parameters.Single(p => p.Name == "stem.bias").Values[2] = float.NaN;
        GraphException e = Assert.ThrowsExactly<GraphException>(() => network.ToBytes());
        StringAssert.Contains(e.Message, "'stem.bias': value 2 is NaN");
    }

    public static IEnumerable<(NetworkPreset Preset, Precision Precision, bool Frozen)> AllNetworks =>
        from preset in Enum.GetValues<NetworkPreset>()
        from precision in Enum.GetValues<Precision>()
        from frozen in new[] { false, true }
        select (preset, precision, frozen);

    private static void AssertEqual(DenseNetwork expected, DenseNetwork actual)
    {
        Assert.AreEqual(expected.Task, actual.Task);
        Assert.AreEqual(expected.WorkingSize, actual.WorkingSize);
        Assert.AreEqual(expected.Exposure, actual.Exposure);
        CollectionAssert.AreEqual(expected.ClassNames.ToArray(), actual.ClassNames.ToArray());
        CollectionAssert.AreEqual(expected.Palette.ToArray(), actual.Palette.ToArray());
        CollectionAssert.AreEqual(expected.Provenance.ToArray(), actual.Provenance.ToArray());
        CollectionAssert.AreEqual(expected.Graph.Outputs.ToArray(), actual.Graph.Outputs.ToArray());
        CollectionAssert.AreEqual(expected.Graph.Types.ToArray(), actual.Graph.Types.ToArray());
        CollectionAssert.AreEqual(expected.Graph.Nodes.Select(Describe).ToArray(), actual.Graph.Nodes.Select(Describe).ToArray());
        foreach ((Parameter a, Parameter b) in expected.Graph.Parameters.Zip(actual.Graph.Parameters))
        {
            Assert.AreEqual((a.Name, a.Role), (b.Name, b.Role));
            CollectionAssert.AreEqual(a.Shape.ToArray(), b.Shape.ToArray());
            Assert.IsTrue(Bits(a).SequenceEqual(Bits(b)), a.Name);
        }

        foreach ((Node a, Node b) in expected.Graph.Nodes.Zip(actual.Graph.Nodes))
        {
            if (a is PackedMixedConvolution mixed)
            {
                Assert.IsTrue(mixed.Weight.Levels.SequenceEqual(((PackedMixedConvolution)b).Weight.Levels), a.Name);
            }

            if (a is PackedBinaryConvolution packed)
            {
                Assert.IsTrue(packed.Weight.Bits.SequenceEqual(((PackedBinaryConvolution)b).Weight.Bits), a.Name);
            }
        }
    }

    // The attributes that types alone do not show.
    private static string Describe(Node node) => $"{node.GetType().Name} {node.Name} [{string.Join(", ", node.Inputs)}] " + node switch
    {
        Convolution n => $"{n.Geometry} {n.Groups} {n.Bias is null}",
        SearchConvolution n => $"{n.Geometry} {n.ActivationBits} {string.Join(" ", n.Precisions)} {n.TiedTo}",
        LowBitConvolution n => $"{n.Geometry} {n.ActivationBits} {string.Join(" ", n.Widths)}",
        Upsample n => $"{n.Factor} {n.Mode}",
        _ => "",
    };

    private static ReadOnlySpan<byte> Bits(Parameter parameter) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(parameter.Values.AsSpan());

    private sealed class PiecewiseStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, piece)]);
    }
}
