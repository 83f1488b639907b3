using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.Tests.Mapping;

[TestClass]
public sealed class AcceleratorTests
{
    [TestMethod]
    public void Presets_AreThereUnderTheirNames()
    {
        Assert.HasCount(8, Accelerator.Presets);
        foreach (string name in Accelerator.Presets)
        {
            Accelerator accelerator = Accelerator.Preset(name.ToUpperInvariant());
            Assert.AreEqual(name, accelerator.Name);
            Assert.AreEqual(name.StartsWith("eyeriss", StringComparison.Ordinal) ? 168 : 256, accelerator.Multipliers);
        }

        Assert.AreEqual("eyeriss-16bit", Accelerator.Load("Eyeriss").Name);
        Assert.AreEqual("simba-16bit", Accelerator.Load("simba").Name);
    }

    [TestMethod]
    public void File_GivesTheSameMappings()
    {
        using TemporaryFolder folder = new();
        Workload layer = new() { Name = "layer", C = 8, M = 8, R = 3, S = 3, P = 4, Q = 4, Bits = new BitWidths(4, 2, 4) };
        foreach (string name in Accelerator.Presets)
        {
            Accelerator preset = Accelerator.Preset(name);
            preset.Save(folder.File("own.json"));
            Accelerator own = Accelerator.Load(folder.File("own.json"));
            Assert.AreEqual(preset.ToJson(), own.ToJson());
            File.WriteAllText(folder.File("own.json"), "\uFEFF" + preset.ToJson());
            Assert.AreEqual(preset.ToJson(), Accelerator.Load(folder.File("own.json")).ToJson(), "with a byte order mark");
            Workload fitting = name.EndsWith("float32", StringComparison.Ordinal) ? layer with { Bits = null } : layer;
            Mapper ours = new(preset, new() { Restarts = 1 }), theirs = new(own, new() { Restarts = 1 });
            Assert.AreEqual(ours.Best(fitting).Edp, theirs.Best(fitting).Edp);
        }
    }

    [TestMethod]
    public void Sizes_AreReadHoweverLargeTheyAreWritten()
    {
        Accelerator preset = Accelerator.Preset("eyeriss");
        Accelerator large = preset with
        {
            Levels =
            [
                .. preset.Levels.Select(level => level with
                {
                    Words = level.Words is null ? null : long.MaxValue,
                    WordBits = int.MaxValue,
                    Block = int.MaxValue,
                    Bandwidth = int.MaxValue,
                    Clusters = int.MaxValue,
                    FanOut = level.FanOut == 1 ? 1 : int.MaxValue,
                }),
            ],
        };
        Assert.AreEqual(large.ToJson(), Read(large.ToJson()).ToJson());
    }

    [TestMethod]
    public void EnergiesThatFollowFromSizes_AreThoseOfThePresets()
    {
        // The scratchpads and data paths of the presets, to the digits that they have.
        Assert.AreEqual(0.30161, AccessEnergy.RegisterFile(24, 16), 1.2e-5);
        Assert.AreEqual(0.23632, AccessEnergy.RegisterFile(12, 16), 1.2e-5);
        Assert.AreEqual(0.44561, AccessEnergy.RegisterFile(24, 32), 1.2e-5);
        Assert.AreEqual(0.38032, AccessEnergy.RegisterFile(12, 32), 1.2e-5);
        Assert.AreEqual(1.00522, AccessEnergy.RegisterFile(128, 16), 1.2e-5);
        Assert.AreEqual(2.20035, AccessEnergy.Mac(16), 1e-6);
        Assert.AreEqual(0.5608, AccessEnergy.Mac(8), 1e-4);
        Assert.AreEqual(AccessEnergy.Mac(16), AccessEnergy.Mac(new BitWidths(16, 16, 16)), 1e-12);
    }

    [TestMethod]
    public void RegisterFilesAndDataPaths_NeedNoEnergies()
    {
        Accelerator accelerator = Read(Json(
            """{ "name": "regs", "keeps": ["Outputs"], "words": 24, "registerFile": true, "temporal": ["M"] }""", mac: "\"macBits\": 16"));
        Assert.AreEqual(0.30161, accelerator.Levels[0].ReadEnergy, 1.2e-5);
        Assert.AreEqual(2.20035, accelerator.MacEnergy, 1e-6);
    }

    [TestMethod]
    [DataRow("""{ "name": "regs", "keeps": ["Sums"], "words": 1, "readEnergy": 1, "writeEnergy": 1 }""", "'keeps' of level 'regs'", "Weights, Inputs, Outputs")]
    [DataRow("""{ "name": "regs", "keeps": ["Weights"], "words": 1, "readEnergy": 1, "writeEnergy": 1, "temporal": ["X"] }""", "'temporal' of level 'regs'", "\"X\"")]
    [DataRow("""{ "name": "regs", "keeps": ["Weights"], "words": 1, "readEnergy": 1 }""", "level 'regs'", "no 'writeEnergy'")]
    [DataRow("""{ "name": "regs", "keeps": ["Weights"], "words": 0, "readEnergy": 1, "writeEnergy": 1 }""", "'words' of level 'regs' is 0")]
    [DataRow("""{ "name": "regs", "keeps": ["Weights"], "readEnergy": 1, "writeEnergy": 1 }""", "level 'regs' has no 'words'")]
    [DataRow("""{ "name": "regs", "fanOut": 4 }""", "level 'regs'", "'spatial'")]
    [DataRow("""{ "name": "regs", "fanOut": 4, "spatial": ["C", "M"], "fillsFanOut": true }""", "'fillsFanOut'", "exactly one")]
    [DataRow("""{ "name": "regs", "speed": 4 }""", "'regs'", "'speed'")]
    [DataRow("""{ "name": "DRAM" }""", "two levels are called 'DRAM'")]
    [DataRow("""{ "name": "a b" }""", "'a b'")]
    [DataRow("""{ "name": "regs", "temporal": ["C", ["M", "C"]] }""", "'regs' names a dimension twice")]
    [DataRow("""[]""", "level 1")]
    [DataRow("""{""", "own.json")]
    [DataRow("""{ "name": "\ud800" }""", "own.json")]
    public void WrongFile_IsRefusedWithItsNameAndPlace(string level, params string[] parts)
    {
        InvalidDataException e = Assert.ThrowsExactly<InvalidDataException>(() => Read(Json(level)));
        foreach (string part in parts.Append("own.json"))
        {
            StringAssert.Contains(e.Message, part);
        }
    }

    [TestMethod]
    public void LastLevel_HoldsEverything()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Read("""{ "name": "own", "macEnergy": 1, "levels": [] }""")).Message, "no levels");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Read(
                """{ "name": "own", "macEnergy": 1, "levels": [{ "name": "DRAM", "keeps": ["Weights", "Inputs"], "readEnergy": 1, "writeEnergy": 1 }] }""")).Message,
            "must keep Weights, Inputs and Outputs");
    }

    [TestMethod]
    public void UnknownAccelerator_IsRefusedWithThoseThatThereAre()
    {
        FileNotFoundException e = Assert.ThrowsExactly<FileNotFoundException>(() => Accelerator.Load("tpu"));
        StringAssert.Contains(e.Message, "tpu");
        StringAssert.Contains(e.Message, "simba-8bit-same");
    }

    [TestMethod]
    public void Nest_IsReadAsItIsWritten()
    {
        Accelerator accelerator = Accelerator.Preset("simba");
        const string text = "PEWeightRegs.t:P28 Q2; PEAccuBuffer.s:C3; PEWeightBuffer.t:S3 R3; GlobalBuffer.s:M8";
        LoopNest nest = LoopNest.Parse(text, accelerator);
        Assert.AreEqual(text, nest.ToString(accelerator));
        Assert.AreEqual(nest, LoopNest.Parse("GlobalBuffer.s:M8 C1;PEWeightBuffer.t:S3 R3;PEAccuBuffer.s:C3;PEWeightRegs.t:P28 Q2;", accelerator));
        string[] lines = nest.ToText(accelerator).TrimEnd('\n').Split('\n');
        Assert.AreEqual("DRAM (weights, inputs, outputs)", lines[0]);
        StringAssert.StartsWith(lines[2].Trim(), "parallel-for m in 0..7");
        StringAssert.StartsWith(lines[^1].Trim(), "outputs[n, m, q, p] +=");
    }

    private static string Json(string level, string mac = "\"macEnergy\": 1") =>
        $$"""
        { "name": "own", {{mac}}, "levels": [
          {{level}},
          { "name": "DRAM", "keeps": ["Weights", "Inputs", "Outputs"], "readEnergy": 512, "writeEnergy": 512, "temporal": ["C", "M", "R", "S", "N", "P", "Q"] } ] }
        """;

    private static Accelerator Read(string json)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("own.json"), json);
        return Accelerator.Load(folder.File("own.json"));
    }
}
