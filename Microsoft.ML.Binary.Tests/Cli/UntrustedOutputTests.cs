using System.Collections.Immutable;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>What files say of themselves, and how they are called, never commands a terminal.</summary>
[TestClass]
public sealed class UntrustedOutputTests
{
    private const string Escapes = "\u001B]0;owned\a\u009B31m\u202Etxt.exe";

    [TestMethod]
    public void Provenance_IsShownOnly()
    {
        using Workplace place = new();
        DenseNetwork network = DenseNetwork.Load(place.SegmentationModel());
        new DenseNetwork(
            network.Graph, network.Task, ["sky", "road\u202Egpj", "car"], [],
            new Dictionary<string, string> { ["writer"] = Escapes + "\nforged line" }.ToImmutableSortedDictionary()).Save(place["a.network"]);
        CommandRun run = CommandRun.Of("inspect", "--model", place["a.network"]);
        IsClean(run);
        StringAssert.Contains(run.Output, "\\u001B]0;owned\\u0007");
        Assert.DoesNotContain("\nforged line", run.Output);
        run = CommandRun.Of("evaluate", "--model", place["a.network"], "--images", place.Images, "--masks", place.Masks);
        Assert.AreEqual(0, run.ExitCode, run.Error);
        IsClean(run);
        StringAssert.Contains(run.Output, "road\\u202Egpj");
    }

    [TestMethod]
    public void FileNames_AreShownOnly()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("Windows has no such names.");
        }

        using Workplace place = new();
        File.WriteAllText(place[$"images/{Escapes}\nmlbinary: all is well.png"], "no image");
        File.WriteAllText(place[$"images/{Escapes}.heic"], "");
        CommandRun run = CommandRun.Of("score", "--model", place.SegmentationModel(), "--images", place.Images, "--out", place["out"]);
        Assert.AreEqual(CommandLineTool.Failure, run.ExitCode);
        IsClean(run);
        Assert.DoesNotContain("\nmlbinary: all is well", run.Error);
        IsClean(CommandRun.Of("inspect", "--model", Escapes));
        IsClean(CommandRun.Of("inspect", Escapes));
        IsClean(CommandRun.Of("train", "--task", Escapes));
    }

    [TestMethod]
    public void EveryWayOfWriting_IsGuarded()
    {
        using StringWriter inner = new();
        using SafeWriter writer = new(inner);
        writer.Write('\u001B');
        writer.Write("\u001B".ToCharArray());
        writer.Write("\u001B".AsSpan());
        writer.Write("\u001B");
        writer.Write("{0}", "\u001B");
        writer.WriteLine("\u001B");
        writer.WriteLine("{0}", "\u001B");
        writer.WriteLine(new System.Text.StringBuilder("\u001B"));
        writer.WriteLine((object)"\u001B");
        writer.WriteLine('\u001B');
        Assert.DoesNotContain("\u001B", inner.ToString());
        Assert.AreEqual(10, inner.ToString().Split("\\u001B").Length - 1);
    }

    private static void IsClean(CommandRun run)
    {
        foreach (char c in run.Output + run.Error)
        {
            Assert.IsTrue(Binary.Messages.SafeText.IsShown(c) || c is '\n' or '\r', $"U+{(int)c:X4} in {run.Output}{run.Error}");
        }
    }
}
