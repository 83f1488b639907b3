using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Onnx;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class ExportCommandTests
{
    [TestMethod]
    public void Export_WritesWhatTheLibraryWrites()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        CommandRun.Lines("export", "--model", model, "--onnx", place["any.onnx"]);
        CommandRun.Lines("export", "--model", model, "--onnx", place["fixed.onnx"], "--size", "50x36");
        DenseNetwork network = DenseNetwork.Load(model);
        CollectionAssert.AreEqual(OnnxExporter.ToBytes(network), File.ReadAllBytes(place["any.onnx"]));
        CollectionAssert.AreEqual(OnnxExporter.ToBytes(network, new() { Size = (50, 36) }), File.ReadAllBytes(place["fixed.onnx"]));
    }

    [TestMethod]
    public void AReductionOfAttention_IsThatOfTheFile()
    {
        using Workplace place = new();
        DenseNetwork network = DenseNetwork.Load(place.SegmentationModel());
        CommandRun.Lines("export", "--model", place.SegmentationModel(), "--onnx", place["a.onnx"], "--attention-reduction", "1");
        CollectionAssert.AreEqual(OnnxExporter.ToBytes(network.WithGraph(network.Graph.WithAttentionReduction(1))), File.ReadAllBytes(place["a.onnx"]));
        CollectionAssert.AreNotEqual(OnnxExporter.ToBytes(network), File.ReadAllBytes(place["a.onnx"]));
        CommandRun.Fails(
            CommandLineTool.Failure, ["export", "--model", place.SegmentationModel(), "--onnx", place["b.onnx"], "--attention-reduction", "65"], "is 65; it must be from 1 to 64");
        Assert.IsFalse(File.Exists(place["b.onnx"]));
    }

    [TestMethod]
    public void WhatWasSavedWithTheModel_IsThatOfTheFile()
    {
        using Workplace place = new();
        MLContext ml = new(1);
        DenseNetwork network = DenseNetwork.Load(place.SegmentationModel());
        ViewOptions full = ViewOptions.At(20) with { AttentionReduction = AttentionReduction.Fixed(1) };
        ml.Model.Save(ml.Segmentation.FromNetwork(network, new() { Views = full }), null, place["full.zip"]);
        string[] lines = CommandRun.Lines("export", "--model", place["full.zip"], "--onnx", place["a.onnx"]);
        Assert.IsTrue(lines.Any(line => line.Contains("a longest side of 20 pixels", StringComparison.Ordinal)), string.Join('\n', lines));
        CollectionAssert.AreEqual(
            OnnxExporter.ToBytes(network.WithWorkingSize(WorkingSize.Of(20)).WithGraph(network.Graph.WithAttentionReduction(1))), File.ReadAllBytes(place["a.onnx"]));

        ml.Model.Save(ml.Segmentation.FromNetwork(network, new() { Views = new() { AttentionReduction = AttentionReduction.BySize(1), Mirrored = true } }), null, place["auto.zip"]);
        CommandRun run = CommandRun.Of("export", "--model", place["auto.zip"], "--onnx", place["b.onnx"]);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        StringAssert.Contains(run.Error, "reduce attention by the size of the image");
        StringAssert.Contains(run.Error, "mirrored too");
        CollectionAssert.AreEqual(OnnxExporter.ToBytes(network), File.ReadAllBytes(place["b.onnx"]));
    }

    [TestMethod]
    public void Preset_IsExportedInBothPrecisions()
    {
        using Workplace place = new();
        CommandRun.Lines("export", "--model", "tiny", "--onnx", place["binary.onnx"]);
        CommandRun.Lines("export", "--model", "tiny", "--precision", "float", "--onnx", place["float.onnx"]);
        Assert.IsTrue(File.Exists(place["binary.onnx"]) && File.Exists(place["float.onnx"]));
        CollectionAssert.AreNotEqual(File.ReadAllBytes(place["binary.onnx"]), File.ReadAllBytes(place["float.onnx"]));
    }

    [TestMethod]
    public void OutputThatCannotBeWritten_IsNamed()
    {
        using Workplace place = new();
        CommandRun.Fails(
            CommandLineTool.Failure, ["export", "--model", place.SegmentationModel(), "--onnx", place["missing/a.onnx"]], place["missing"], "does not exist");
    }
}
