using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.Tests.Mapping;

[TestClass]
public sealed class MappingErrorTests
{
    private static readonly Workload Layer = new() { Name = "conv1", C = 16, M = 16, R = 3, S = 3, P = 8, Q = 8, Bits = new BitWidths(8, 8, 8) };

    [TestMethod]
    public void WidthAboveTheWord_IsRefused()
    {
        Fails("eyeriss-8bit-same", Layer with { Bits = new BitWidths(8, 16, 8) }, "'conv1'", "weights of 16 bits", "8-bit words of weights_spad", "at most 8");
        Fails("simba", Layer with { Bits = new BitWidths(17, 8, 8) }, "inputs of 17 bits", "PEInputBuffer");
        Fails("simba", Layer with { Bits = new BitWidths(8, 8, 24, 16) }, "partial sums of 16 bits cannot hold outputs of 24");
        Fails("simba", Layer with { Bits = new BitWidths(0, 8, 8) }, "inputs of 0 bits");
    }

    [TestMethod]
    public void LayerThatFitsNowhere_SaysWhereAndByHowMuch()
    {
        // A row of 13 taps needs 13 words of inputs at 16 bits.
        Fails("eyeriss", Layer with { R = 13, Bits = new BitWidths(16, 16, 16) }, "'conv1' fits nowhere on eyeriss-16bit", "ifmap_spad holds 12 words", "inputs takes 13, 1 more");

        // 13 rows of taps do not fit beside each other.
        Fails("eyeriss", Layer with { S = 13 }, "'conv1' has no mapping on eyeriss-16bit", "DummyBuffer fans out to 12", "needs 13 there, 1 more");

        // A whole row of outputs lies in the buffer, with the inputs for it.
        Fails("eyeriss", Layer with { R = 1, S = 1, P = 200_000, Bits = new BitWidths(16, 16, 16) }, "shared_glb holds 51200 words", "400000, 348800 more");
    }

    [TestMethod]
    public void LayersOfOneShapeThatFitsNowhere_AreNamedEach()
    {
        Mapper mapper = new(Accelerator.Preset("eyeriss"));
        foreach (string name in new[] { "first", "second" })
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => mapper.Best(Layer with { Name = name, S = 13 })).Message, $"'{name}'");
        }
    }

    [TestMethod]
    public void LoopThatNoLevelTakes_IsNamed()
    {
        Accelerator eyeriss = Accelerator.Preset("eyeriss");
        Accelerator without = eyeriss with { Name = "own", Levels = eyeriss.Levels.SetItem(5, eyeriss.Levels[5] with { Temporal = [[Dimension.C], [Dimension.M], [Dimension.Q]] }) };
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => new Mapper(without).Best(Layer with { N = 2 }));
        StringAssert.Contains(e.Message, "N is 2, and no level takes a loop over N");
        Assert.AreEqual(2 * Layer.Macs, new Mapper(eyeriss).Best(Layer with { N = 2 }).Workload.Macs);
    }

    [TestMethod]
    public void MappingOfAnotherLayer_IsRefused()
    {
        Accelerator accelerator = Accelerator.Preset("eyeriss");
        const string rest = "weights_spad.t:R3; DummyBuffer.s:S3; shared_glb.t:P8; DRAM.t:M16 Q8";
        MappingEvaluator.Evaluate(Layer, accelerator, LoopNest.Parse(rest + " C16", accelerator));
        Refused(rest + " C8", "the loops over C multiply to 8, and it has 16");
        Refused("weights_spad.t:R3; DummyBuffer.s:S3 M16; shared_glb.t:P8; DRAM.t:C16 Q8", "DummyBuffer multiply to 48, and its fan-out is 12");
        Refused("psum_spad.t:M16 P8; weights_spad.t:R3; DummyBuffer.s:S3; DRAM.t:C16 Q8", "does not fit: psum_spad holds 24 words, and its part of the outputs takes 128, 104 more");

        void Refused(string mapping, string part) => StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => MappingEvaluator.Evaluate(Layer, accelerator, LoopNest.Parse(mapping, accelerator))).Message, part);
    }

    [TestMethod]
    [DataRow("DRAM.t:12", "'12' is not a loop")]
    [DataRow("DRAM.t:92", "'92' is not a loop")]
    [DataRow("DRAM.t:X2", "'X2' is not a loop", "C, M, R")]
    [DataRow("DRAM.t:C", "'C' is not a loop")]
    [DataRow("DRAM.t:C0", "'C0' is not a loop")]
    [DataRow("DRAM.t:C2; psum_spad.t:M2; DRAM.t:Q8", "'DRAM.t:Q8': the loops of 'DRAM.t' are there twice")]
    [DataRow("L2.t:C2", "'L2' is not a level", "weights_spad")]
    [DataRow("DRAM:C2", "'DRAM:C2' is not part of a mapping")]
    [DataRow("DRAM.x:C2", "'DRAM.x:C2' is not part of a mapping", "s for spatial")]
    [DataRow("C2", "'C2' is not part of a mapping")]
    public void TextThatIsNoMapping_IsRefused(string text, params string[] parts)
    {
        FormatException e = Assert.ThrowsExactly<FormatException>(() => LoopNest.Parse(text, Accelerator.Preset("eyeriss")));
        foreach (string part in parts)
        {
            StringAssert.Contains(e.Message, part);
        }
    }

    [TestMethod]
    public void LayerThatCannotBeCounted_IsRefused()
    {
        const int most = 1 << 20;
        Fails("simba", new() { Name = "large", C = most, M = most, P = 1 << 12, Q = 1 << 12 }, "'large'", "1.84E+19 multiply-accumulates", "at most 9.01E+15");
        Fails("simba", new() { Name = "large", C = 1, M = 1, P = 1 << 14, Groups = most, Heads = most }, "multiply-accumulates");
        Fails("simba", new() { Name = "large", C = most, M = 1, P = 2, Q = 2, StrideX = most, StrideY = most }, "1.15E+18 input values");
        Workload groups = Layer with { Groups = most, C = most, M = 1 };
        Fails("simba", groups.AsPublished(), "C is 2147483647");
        Assert.AreEqual(1L << 40, (groups with { Heads = most }).Repetitions);
        LayerMapping often = new Mapper(Accelerator.Preset("simba")).Best(new() { Name = "often", C = 1, M = 1, P = 1, Groups = 1 << 16, Heads = 1 << 15 });
        Assert.AreEqual(1L << 31, often.Workload.Macs);
        Assert.IsGreaterThanOrEqualTo(1L << 31, often.Cycles);
        Assert.IsGreaterThan(0, often.Edp);
    }

    [TestMethod]
    public void SearchThatWasCancelled_IsMadeAnew()
    {
        Mapper mapper = new(Accelerator.Preset("eyeriss"));
        Assert.Throws<OperationCanceledException>(() => mapper.Best(Layer, new CancellationToken(canceled: true)));
        Assert.AreEqual(new Mapper(Accelerator.Preset("eyeriss")).Best(Layer).Nest, mapper.Best(Layer).Nest);
    }

    [TestMethod]
    public void NoLayers_AreRefused() =>
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new Mapper(Accelerator.Preset("simba")).Map([])).Message, "no layer");

    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    public void OfSeveralBadLayers_TheFirstIsNamed(int threads)
    {
        Workload[] layers = [Layer, Layer with { Name = "bad1", S = 13 }, Layer with { Name = "bad2", S = 14 }, Layer with { Name = "bad3", S = 15 }];
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => new Mapper(Accelerator.Preset("eyeriss"), new() { Threads = threads }).Map(layers));
        StringAssert.Contains(e.Message, "'bad1'");
    }

    [TestMethod]
    public void Table_IsRead()
    {
        TableLayer[] layers =
        [
            .. WorkloadTable.Parse(
                [
                    "layer,C,M,R,S,P,Q,Wstride,Hstride,groups,bits_in,bits_w,bits_out,mapping",
                    "first,3,32,3,3,112,112,2,2,,8,4,8,",
                    "",
                    "\"second\",32,32,3,3,112,112,,,32,,,,DRAM.t:Q112",
                ],
                "net.csv"),
        ];
        Assert.AreEqual(
            new Workload { Name = "first", C = 3, M = 32, R = 3, S = 3, P = 112, Q = 112, StrideX = 2, StrideY = 2, Bits = new BitWidths(8, 4, 8, 16) }, layers[0].Workload);
        Assert.IsNull(layers[0].Mapping);
        Assert.AreEqual(new Workload { Name = "second", C = 1, M = 1, R = 3, S = 3, P = 112, Q = 112, Groups = 32, Bits = new BitWidths(16, 16, 16, 16) }, layers[1].Workload);
        Assert.AreEqual("DRAM.t:Q112", layers[1].Mapping);
    }

    [TestMethod]
    [DataRow("C,M,P", "net.csv", "no layers")]
    [DataRow("", "no column 'C'")]
    [DataRow("C,M,P,strid\n1,1,1,1", "'strid'", "Wstride")]
    [DataRow("C,M\n1,1", "no column 'P'")]
    [DataRow("C,M,P,P\n1,1,1,1", "twice")]
    [DataRow("C,M,P\n1,1", "line 2 has 2 fields, and the header 3")]
    [DataRow("C,M,P\n1,0,1", "line 2: M is '0'")]
    [DataRow("C,M,P\n1,,1", "line 2: M is ''")]
    [DataRow("C,M,P,groups\n8,6,1,4", "line 2", "do not divide into 4 groups")]
    [DataRow("C,M,P,bits_w\n8,6,1,65", "line 2", "weights of 65 bits")]
    public void WrongTable_IsRefusedWithItsLine(string text, params string[] parts)
    {
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => WorkloadTable.Parse(text.Split('\n'), "net.csv"));
        foreach (string part in parts.Append("net.csv"))
        {
            StringAssert.Contains(e.Message, part);
        }
    }

    private static void Fails(string preset, Workload layer, params string[] parts)
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => new Mapper(Accelerator.Preset(preset)).Best(layer));
        foreach (string part in parts)
        {
            StringAssert.Contains(e.Message, part);
        }
    }
}
