using System.Buffers.Binary;
using Microsoft.ML.Binary.Cli;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>Every command that takes a model refuses a bad one with a message that names it.</summary>
[TestClass]
public sealed class ModelErrorTests
{
    [TestMethod]
    public void Missing() => ForEveryCommand(path => { }, "");

    [TestMethod]
    public void Empty() => ForEveryCommand(path => File.WriteAllBytes(path, []), "empty");

    [TestMethod]
    public void NotOurs() => ForEveryCommand(path => File.WriteAllText(path, "some other file"), "not a network file");

    [TestMethod]
    public void Truncated() => ForEveryCommand(path => File.WriteAllBytes(path, File.ReadAllBytes(path)[..^100]), "truncated");

    [TestMethod]
    public void Corrupt() => ForEveryCommand(path => Change(path, bytes => bytes[bytes.Length / 2] ^= 1), "corrupt");

    [TestMethod]
    public void OfANewerVersion() => ForEveryCommand(
        path => Change(path, bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), 99)), "newer");

    [TestMethod]
    public void ZipThatIsNoModel() => ForEveryCommand(path => File.WriteAllText(path, "PK, and no zip after it"), "the zip is damaged");

    private static void ForEveryCommand(Action<string> damage, string message)
    {
        using Workplace place = new();
        string model = place["bad.network"];
        if (message.Length > 0)
        {
            File.Copy(place.SegmentationModel(), model);
        }

        damage(model);
        foreach (string[] command in new string[][]
        {
            ["evaluate", "--images", place.Images, "--masks", place.Masks, "--json", place["a.json"]],
            ["compare", "--images", place.Images, "--masks", place.Masks, "--json", place["a.json"], "--model", place.SegmentationModel()],
            ["score", "--images", place.Images, "--out", place["masks-out"]],
            ["inspect", "--json", place["a.json"]],
            ["bench", "--size", "32x32", "--json", place["a.json"]],
            ["extract", "--out", place["a.network"]],
            ["export", "--onnx", place["a.onnx"]],
        })
        {
            string[] before = place.Everything();
            CommandRun.Fails(CommandLineTool.Failure, [.. command, "--model", model], model, message);
            CollectionAssert.AreEqual(before, place.Everything());
        }
    }

    private static void Change(string path, Action<byte[]> change)
    {
        byte[] bytes = File.ReadAllBytes(path);
        change(bytes);
        File.WriteAllBytes(path, bytes);
    }
}
