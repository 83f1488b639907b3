using System.Globalization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.Tests.Mapping;

[TestClass]
public sealed class CountingTests
{
    /// <summary>
    /// Mappings of MobileNetV1 and AlexNet with what the extended Timeloop counted for them, so that its rules are tested where its tables are not
    /// at hand. Shape: C M R S P Q stride. The float32 row is one whose cycles are limited by bandwidth.
    /// </summary>
    [TestMethod]
    [DataRow(
        "eyeriss-16bit", "3 32 3 3 112 112 2", "8/8/8",
        "psum_spad.t:M8; weights_spad.t:C3 R3; DummyBuffer.s:S3 M4; shared_glb.s:Q14; shared_glb.t:P112; DRAM.t:Q8",
        "psum_spad.O=4/28672/32256/3584/168; weights_spad.W=36/32256/0/36/168; ifmap_spad.I=5/32256/0/2700/168; shared_glb.I=9788/113400/0/75938/1; shared_glb.O=25088/0/200704/200704/1; DRAM.W=432/432/0/0/1; DRAM.I=75938/75938/0/0/1; DRAM.O=200704/0/200704/0/1",
        64512, 78.2201, 277074)]
    [DataRow(
        "eyeriss-16bit", "64 64 3 3 55 55 2", "8/2/8",
        "psum_spad.t:M32; weights_spad.t:C8 R3; DummyBuffer.s:S3 C2 M2; shared_glb.s:Q11; shared_glb.t:P55; DRAM.t:C4 Q5",
        "psum_spad.O=16/418000/422400/17600/132; weights_spad.W=96/105600/0/1920/132; ifmap_spad.I=12/422400/0/8880/132; shared_glb.I=20424/586080/0/408480/1; shared_glb.O=19360/290400/387200/96800/1; DRAM.W=4608/23040/0/0/1; DRAM.I=394272/408480/0/0/1; DRAM.O=96800/0/96800/0/1",
        844800, 401.71, 528320)]
    [DataRow(
        "eyeriss-8bit-same", "128 128 1 1 55 55 1", "8/3/8",
        "psum_spad.t:M32; weights_spad.t:C16; DummyBuffer.s:C8; shared_glb.s:Q5 M2; shared_glb.t:P55; DRAM.t:M2 Q11",
        "psum_spad.O=32/580800/619520/38720/80; weights_spad.W=256/309760/0/5632/80; ifmap_spad.I=16/619520/0/19360/80; shared_glb.I=35200/774400/0/387200/1; shared_glb.O=17600/0/387200/387200/1; DRAM.W=8192/90112/0/0/1; DRAM.I=387200/387200/0/0/1; DRAM.O=387200/0/387200/0/1",
        619520, 130.338, 864512)]
    [DataRow(
        "eyeriss-8bit-changed", "256 256 3 3 13 13 2", "8/5/8",
        "psum_spad.t:M8; weights_spad.t:C8 R3; DummyBuffer.s:S3 M4; shared_glb.s:Q13; shared_glb.t:P13 M8; DRAM.t:C32",
        "psum_spad.O=8/638144/638976/26624/156; weights_spad.W=192/638976/0/49152/156; ifmap_spad.I=24/638976/0/55296/156; shared_glb.I=5832/2156544/0/186624/1; shared_glb.O=43264/1341184/1384448/43264/1; DRAM.W=589824/589824/0/0/1; DRAM.I=186624/186624/0/0/1; DRAM.O=43264/0/43264/0/1",
        638976, 234.369, 819712)]
    [DataRow(
        "eyeriss-float32", "32 64 1 1 112 112 1", "",
        "psum_spad.t:M4; weights_spad.t:C4; DummyBuffer.s:C4 M2; shared_glb.s:Q7 M2; shared_glb.t:P112; DRAM.t:C2 M4 Q16",
        "psum_spad.O=4/200704/229376/57344/112; weights_spad.W=16/229376/0/2048/112; ifmap_spad.I=4/229376/0/57344/112; shared_glb.I=12544/1605632/0/1605632/1; shared_glb.O=12544/802816/1605632/802816/1; DRAM.W=2048/32768/0/0/1; DRAM.I=401408/1605632/0/0/1; DRAM.O=802816/0/802816/0/1",
        250880, 1762.64, 2441216)]
    [DataRow(
        "eyeriss-16bit", "1024 1024 3 3 6 6 1", "8/4/8",
        "psum_spad.t:M32; weights_spad.t:C8 R3; DummyBuffer.s:S3 C4; shared_glb.s:Q6 M2; shared_glb.t:P6 M16; DRAM.t:C32",
        "psum_spad.O=16/1178112/1179648/49152/144; weights_spad.W=192/589824/0/98304/144; ifmap_spad.I=12/1179648/0/16384/144; shared_glb.I=1024/1179648/0/32768/1; shared_glb.O=18432/571392/589824/18432/1; DRAM.W=2359296/2359296/0/0/1; DRAM.I=32768/32768/0/0/1; DRAM.O=18432/0/18432/0/1",
        2359296, 1323.24, 2410496)]
    [DataRow(
        "simba-16bit", "3 32 3 3 112 112 2", "8/8/8",
        "PEWeightRegs.t:P28 Q2; PEAccuBuffer.s:C3; PEWeightBuffer.t:S3 R3; PEInputBuffer.s:M4; GlobalBuffer.s:M8; GlobalBuffer.t:Q2; DRAM.t:Q28 P4",
        "PEWeightRegs.W=1/56448/0/1008/96; PEAccuBuffer.O=28/50176/56448/6272/32; PEWeightBuffer.W=14/3024/0/14/32; PEInputBuffer.I=428/169344/0/76950/8; GlobalBuffer.I=770/76950/0/76950/1; GlobalBuffer.O=1792/0/200704/200704/1; DRAM.W=432/432/0/0/1; DRAM.I=75938/76950/0/0/1; DRAM.O=200704/0/200704/0/1",
        112896, 118.53, 278086)]
    [DataRow(
        "simba-16bit", "256 256 3 3 27 27 1", "8/3/8",
        "PEWeightRegs.t:Q27; PEAccuBuffer.s:C4; PEAccuBuffer.t:M4; PEWeightBuffer.t:C64 R3 S3; PEInputBuffer.s:M4; GlobalBuffer.s:M16; GlobalBuffer.t:P3; DRAM.t:P9",
        "PEWeightRegs.W=1/335924/0/12442/256; PEAccuBuffer.O=54/838350/839808/1458/64; PEWeightBuffer.W=1844/49767/0/1844/64; PEInputBuffer.I=11136/3359232/0/167040/16; GlobalBuffer.I=18560/167040/0/107648/1; GlobalBuffer.O=10368/0/93312/93312/1; DRAM.W=117965/117965/0/0/1; DRAM.I=107648/107648/0/0/1; DRAM.O=93312/0/93312/0/1",
        1679616, 2509.25, 318925)]
    [DataRow(
        "simba-8bit-same", "128 128 3 3 55 55 1", "8/4/8",
        "PEWeightRegs.t:P5 Q11; PEAccuBuffer.s:C4; PEAccuBuffer.t:M4; PEWeightBuffer.t:C2 R3 S3; PEInputBuffer.s:M4; GlobalBuffer.s:C16; GlobalBuffer.t:Q5; DRAM.t:M8 P11",
        "PEWeightRegs.W=1/871200/0/15840/256; PEAccuBuffer.O=74/548534/580800/32267/64; PEWeightBuffer.W=144/63360/0/12672/64; PEInputBuffer.I=728/6969600/0/280896/16; GlobalBuffer.I=51072/4494336/0/561792/1; GlobalBuffer.O=4400/0/387200/387200/1; DRAM.W=73728/811008/0/0/1; DRAM.I=415872/561792/0/0/1; DRAM.O=387200/0/387200/0/1",
        1742400, 1906.88, 1760000)]
    [DataRow(
        "simba-8bit-changed", "512 512 3 3 6 6 2", "8/8/8",
        "PEWeightRegs.t:Q6; PEAccuBuffer.s:C4; PEAccuBuffer.t:M16; PEWeightBuffer.t:R3 C4 S3; PEInputBuffer.s:M4; GlobalBuffer.s:M2 C8; GlobalBuffer.t:P6; DRAM.t:C4 M4",
        "PEWeightRegs.W=1/331776/0/55296/256; PEAccuBuffer.O=32/109824/110592/3072/64; PEWeightBuffer.W=2304/221184/0/36864/64; PEInputBuffer.I=624/1327104/0/43264/16; GlobalBuffer.I=21632/346112/0/346112/1; GlobalBuffer.O=4608/55296/73728/18432/1; DRAM.W=2359296/2359296/0/0/1; DRAM.I=86528/346112/0/0/1; DRAM.O=18432/0/18432/0/1",
        331776, 577.455, 2723840)]
    [DataRow(
        "simba-float32", "256 512 1 1 13 13 1", "",
        "PEWeightRegs.t:P13; PEAccuBuffer.s:C4; PEAccuBuffer.t:M4; PEWeightBuffer.t:C2; PEInputBuffer.s:M4; GlobalBuffer.s:M4 C4; GlobalBuffer.t:Q13; DRAM.t:C8 M8",
        "PEWeightRegs.W=1/86528/0/6656/256; PEAccuBuffer.O=52/81120/86528/43264/64; PEWeightBuffer.W=32/26624/0/2048/64; PEInputBuffer.I=104/346112/0/86528/16; GlobalBuffer.I=5408/346112/0/346112/1; GlobalBuffer.O=10816/605696/692224/86528/1; DRAM.W=131072/131072/0/0/1; DRAM.I=43264/346112/0/0/1; DRAM.O=86528/0/86528/0/1",
        86528, 1297.74, 563712)]
    [DataRow(
        "eyeriss-16bit", "3 96 11 11 55 55 4", "4/4/4",
        "psum_spad.t:M8; weights_spad.t:C3 R11; DummyBuffer.s:S11; shared_glb.s:M12; shared_glb.t:P55; DRAM.t:Q55",
        "psum_spad.O=2/193600/199650/6050/132; weights_spad.W=66/199650/0/66/132; ifmap_spad.I=9/199650/0/9364/132; shared_glb.I=1873/103002/0/38647/1; shared_glb.O=1320/0/72600/72600/1; DRAM.W=8712/8712/0/0/1; DRAM.I=38647/38647/0/0/1; DRAM.O=72600/0/72600/0/1",
        798600, 294.642, 119959)]
    [DataRow(
        "eyeriss-16bit", "96 256 5 5 27 27 1", "16/3/16",
        "psum_spad.t:M16; weights_spad.t:C2 R5; DummyBuffer.s:S5 C2; shared_glb.s:Q9; shared_glb.t:P27 M8; DRAM.t:C24 M2 Q3",
        "psum_spad.O=16/4955904/4976640/497664/90; weights_spad.W=32/995328/0/36864/90; ifmap_spad.I=10/4976640/0/71424/90; shared_glb.I=1612/6428160/0/232128/1; shared_glb.O=31104/4292352/4478976/186624/1; DRAM.W=122880/368640/0/0/1; DRAM.I=92256/232128/0/0/1; DRAM.O=186624/0/186624/0/1",
        4976640, 1814.97, 787392)]
    public void PublishedMapping_IsCountedAsTimeloopDoes(
        string preset, string shape, string bits, string mapping, string accesses, long cycles, double energy, long lastLevelAccesses)
    {
        Accelerator accelerator = Accelerator.Preset(preset);
        int[] sides = [.. shape.Split(' ').Select(side => int.Parse(side, CultureInfo.InvariantCulture))];
        int[] widths = [.. bits.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(width => int.Parse(width, CultureInfo.InvariantCulture))];
        Workload workload = new()
        {
            Name = "layer",
            C = sides[0],
            M = sides[1],
            R = sides[2],
            S = sides[3],
            P = sides[4],
            Q = sides[5],
            StrideX = sides[6],
            StrideY = sides[6],
            Bits = widths.Length == 0 ? null : new BitWidths(widths[0], widths[1], widths[2], widths[2]),
        };
        LoopNest nest = LoopNest.Parse(mapping, accelerator);
        MappingCost cost = MappingEvaluator.Evaluate(workload, accelerator, nest);
        Assert.AreEqual(mapping, nest.ToString(accelerator));
        Assert.AreEqual(accesses, TimeloopRow.Describe(cost, accelerator));
        Assert.AreEqual(cycles, cost.Cycles);
        Assert.AreEqual(lastLevelAccesses, cost.LastLevelAccesses);
        Assert.AreEqual(energy, cost.Energy * 1e-6, 1e-5 * energy);
    }

    [TestMethod]
    public void TilesThatDoNotOverlap_AreWalkedAsTheProductOfLoopsSays()
    {
        // Inputs of a 1x1 kernel at stride 1 are read as outputs are, and those have a formula.
        RandomStream random = new(7);
        Workload workload = new() { Name = "layer", C = 1, M = 1, P = 1 };
        Dimension[] moving = [Dimension.C, Dimension.P, Dimension.Q, Dimension.N];
        WindowWalk walk = new();
        for (int trial = 0; trial < 500; trial++)
        {
            Dictionary<Dimension, long> sides = moving.ToDictionary(dimension => dimension, _ => 1L + random.NextInt(4));
            WindowWalk.Step tile = new(sides[Dimension.N], sides[Dimension.C], sides[Dimension.P], sides[Dimension.Q]);
            NestTiles.TimeLoop[] loops = new NestTiles.TimeLoop[random.NextInt(7)];
            for (int i = 0; i < loops.Length; i++)
            {
                Dimension dimension = random.NextInt(3) == 0 ? Dimension.M : moving[random.NextInt(moving.Length)];
                int bound = 2 + random.NextInt(4);
                loops[i] = new(dimension, bound, sides.GetValueOrDefault(dimension, 1));
                if (dimension != Dimension.M)
                {
                    sides[dimension] *= bound;
                }
            }

            long expected = loops.SkipWhile(loop => loop.Dimension == Dimension.M).Aggregate(tile.N * tile.C * tile.X * tile.Y, (product, loop) => product * loop.Bound);
            Assert.AreEqual(expected, walk.NewValues(workload, tile, loops), string.Join(' ', loops));
        }
    }

    [TestMethod]
    public void OverlappingWindows_LoadOnlyWhatIsNew()
    {
        Workload workload = new() { Name = "layer", C = 1, M = 1, R = 3, S = 3, P = 10, Q = 10, StrideY = 2, DilationX = 2 };
        WindowWalk walk = new();

        // A window of 5 columns (taps two apart) and 3 rows, moved along a row of outputs, then down by two.
        WindowWalk.Step window = new(1, 1, 5, 3);
        NestTiles.TimeLoop right = new(Dimension.P, 10, 1), down = new(Dimension.Q, 10, 1), channel = new(Dimension.M, 4, 1);
        Assert.AreEqual(15 + 9 * 3, walk.NewValues(workload, window, [right]));
        Assert.AreEqual(15 + 9 * 10, walk.NewValues(workload, window, [down]));

        // Back at the left, the whole window is new.
        Assert.AreEqual((15 + 9 * 3) * 10, walk.NewValues(workload, window, [right, down]));

        // While a loop inside keeps the window where it is, the next move counts as a new place; a loop outside begins anew.
        Assert.AreEqual(15 + 9 * 15, walk.NewValues(workload, window, [channel, right]));
        Assert.AreEqual((15 + 9 * 3) * 4, walk.NewValues(workload, window, [right, channel]));
    }

    [TestMethod]
    public void WindowsSideBySide_AreSentOnceWhereTheyCoincide()
    {
        // Three taps for four outputs: six different pixels, not twelve.
        FlatNest nest = new([([Dimension.R, Dimension.P], [])]);
        (nest.Bounds[0], nest.Bounds[1]) = (3, 4);
        Workload workload = new() { Name = "layer", C = 1, M = 1, R = 3, P = 4 };
        Assert.AreEqual(6, SpatialSharing.DifferentTiles(nest, workload, Operand.Inputs, 0));
        Assert.AreEqual(9, SpatialSharing.DifferentTiles(nest, workload with { StrideX = 2 }, Operand.Inputs, 0));
        Assert.AreEqual(3, SpatialSharing.DifferentTiles(nest, workload, Operand.Weights, 0));
        Assert.AreEqual(4, SpatialSharing.DifferentTiles(nest, workload, Operand.Outputs, 0));
    }

    [TestMethod]
    [DataRow(10, 1, 16, 1)]
    [DataRow(10, 3, 16, 2)]
    [DataRow(10, 8, 16, 5)]
    [DataRow(10, 9, 16, 10)]
    [DataRow(10, 16, 8, 20)]
    public void Words_HoldWholeValues(long values, int bits, int wordBits, long words) => Assert.AreEqual(words, Packing.Of(bits, wordBits).Words(values));

    [TestMethod]
    public void WidePartialSums_TakeTheirWidthUntilTheyAreFinished()
    {
        // Four channels pass one after the other: DRAM sees each output four times, three of them unfinished.
        Accelerator accelerator = Accelerator.Preset("eyeriss");
        Workload workload = new() { Name = "layer", C = 4, M = 1, P = 2, Q = 8, Bits = new BitWidths(8, 8, 8, 16) };
        LoopNest nest = LoopNest.Parse("shared_glb.s:Q8; shared_glb.t:P2; DRAM.t:C4", accelerator);
        LoopNest spilling = LoopNest.Parse("shared_glb.t:P2; DRAM.t:Q8 C4", accelerator);
        AccessCount dram = MappingEvaluator.Evaluate(workload, accelerator, spilling).Accesses[^1];
        Assert.AreEqual((48L, 48L + 8), (dram.Reads, dram.Updates));
        dram = MappingEvaluator.Evaluate(workload, accelerator, nest).Accesses[^1];
        Assert.AreEqual((0L, 8L), (dram.Reads, dram.Updates));
        dram = MappingEvaluator.Evaluate(workload.AsPublished(), accelerator, spilling).Accesses[^1];
        Assert.AreEqual((24L, 32L), (dram.Reads, dram.Updates));
    }

    [TestMethod]
    public void Options_ChangeWhatTheySay()
    {
        Accelerator accelerator = Accelerator.Preset("eyeriss");
        Workload workload = new() { Name = "layer", C = 1, M = 4, P = 2, Bits = new BitWidths(1, 1, 8) };
        LoopNest nest = LoopNest.Parse("psum_spad.t:M4; shared_glb.t:P2", accelerator);
        MappingCost usual = MappingEvaluator.Evaluate(workload, accelerator, nest);
        MappingCost scaled = MappingEvaluator.Evaluate(workload, accelerator, nest, new() { ScalesMacEnergy = true });
        Assert.AreEqual(8 * 2.20035, usual.MacEnergy, 1e-9);
        Assert.AreEqual(8 * (8.63 / 1024 + 0.0857 * 16 / 32), scaled.MacEnergy, 1e-9);
        MappingCost skipping = MappingEvaluator.Evaluate(workload, accelerator, nest, new() { SkipsFirstFill = true });
        Assert.AreEqual(8, usual.Accesses.First(access => access.Operand == Operand.Outputs).Fills);
        Assert.AreEqual(0, skipping.Accesses.First(access => access.Operand == Operand.Outputs).Fills);
    }
}
