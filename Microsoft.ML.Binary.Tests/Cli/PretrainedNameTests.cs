using System.Runtime.Versioning;
using System.Text.Json;
using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>Names of pretrained networks stand wherever a model does.</summary>
[TestClass]
public sealed class PretrainedNameTests
{
    [TestMethod]
    public void Score_WritesTheMasksOfTheNetwork()
    {
        using Workplace place = new();
        PretrainedNetworks.Load(PretrainedModel.RoadScene).Save(place["a.network"]);
        CommandRun.Lines("score", "--model", "roadscene", "--images", place.Images, "--out", place["name"]);
        CommandRun.Lines("score", "--model", place["a.network"], "--images", place.Images, "--out", place["file"]);
        string[] masks = [.. Directory.GetFiles(place["file"]).Select(path => Path.GetFileName(path)!)];
        Assert.HasCount(3, masks);
        foreach (string mask in masks)
        {
            CollectionAssert.AreEqual(File.ReadAllBytes(Path.Combine(place["file"], mask)), File.ReadAllBytes(Path.Combine(place["name"], mask)));
        }
    }

    [TestMethod]
    public void EveryOtherCommand_TakesNamesInAnyCase()
    {
        using Workplace place = new();
        StringAssert.Contains(CommandRun.Lines("evaluate", "--model", "SALIENCY", "--images", place.Images, "--masks", place.Objects)[^1], "3 images");
        StringAssert.Contains(
            string.Join('\n', CommandRun.Lines("compare", "--model", "Saliency", "--model", place.SaliencyModel(), "--images", place.Images, "--masks", place.Objects)),
            "Saliency");
        string[] bench = CommandRun.Lines("bench", "--model", "road", "--size", "32x32", "--runs", "1");
        StringAssert.StartsWith(bench[0], "Road, 32x32");
        StringAssert.StartsWith(bench[1], "seen at 624x624");
        StringAssert.StartsWith(bench[4], "load and compile ");
        CommandRun.Lines("export", "--model", "Road", "--onnx", place["a.onnx"]);
        CommandRun.Lines("extract", "--model", "roadScene", "--out", place["a.network"]);
        CollectionAssert.AreEqual(PretrainedNetworks.Load(PretrainedModel.RoadScene).ToBytes(), DenseNetwork.Load(place["a.network"]).ToBytes());
    }

    [TestMethod]
    public void Inspect_ShowsTheCardFirst()
    {
        using Workplace place = new();
        string[] lines = CommandRun.Lines("inspect", "--model", "Road", "--json", place["a.json"]);
        string card = PretrainedNetworks.Card(PretrainedModel.Road).Text;
        StringAssert.StartsWith(string.Join('\n', lines), card);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        StringAssert.Contains(json.RootElement.GetProperty("card").GetProperty("terms").GetString(), "CC BY-NC-SA 3.0");
        Assert.AreEqual("max F", json.RootElement.GetProperty("card").GetProperty("figures")[0].GetProperty("measure").GetString());
    }

    [TestMethod]
    public void AFileOfThatName_IsMeantByItsPath()
    {
        using Workplace place = new();
        File.Copy(place.SaliencyModel(), place["Road"]);
        using JsonDocument file = Inspect(place["Road"]), name = Inspect("Road");
        Assert.AreEqual("saliency", file.RootElement.GetProperty("task").GetString());
        Assert.AreEqual("segmentation", name.RootElement.GetProperty("task").GetString());

        JsonDocument Inspect(string model)
        {
            CommandRun.Lines("inspect", "--model", model, "--json", place["a.json"]);
            return JsonDocument.Parse(File.ReadAllText(place["a.json"]));
        }
    }

    [TestMethod]
    public void AnUnknownName_IsRefusedWithThoseThatThereAre()
    {
        using Workplace place = new();
        CommandRun.Fails(
            CommandLineTool.Failure, ["score", "--model", "RoadScenes", "--images", place.Images, "--out", place["masks"]], "RoadScenes", "RoadScene, Road, Saliency, Nuclei, Words");
        CommandRun.Fails(CommandLineTool.Failure, ["inspect", "--model", "Road", "--classes", "4"], "Road", "--classes");
    }

    [TestMethod]
    public void Models_ListsThemWithTheirTerms()
    {
        string[] lines = CommandRun.Lines("models");
        foreach (PretrainedModel model in Enum.GetValues<PretrainedModel>())
        {
            string terms = PretrainedNetworks.IsFree(model) ? "for any use" : "for research and non-commercial use only";
            Assert.IsTrue(lines.Any(line => line.StartsWith($"{model}: {terms}. ", StringComparison.Ordinal)), string.Join('\n', lines));
        }

        Assert.AreEqual(PretrainedNetworks.Card(PretrainedModel.Road).Text, string.Join('\n', CommandRun.Lines("models", "road")));
        CommandRun.Fails(CommandLineTool.Failure, ["models", "Rod"], "Rod", "RoadScene, Road, Saliency, Nuclei, Words");
    }

    [TestMethod]
    public void ModelsThatWereDownloaded_AreThoseOfTheNewestPackage()
    {
        using Workplace place = new();
        ModelFolders folders = new(place["home"]);
        CollectionAssert.AreEqual(new[] { folders.Root }, folders.All.ToArray());
        foreach (string version in new[] { "0.9.0", "0.10.0-rc.1", "0.2.0" })
        {
            Directory.CreateDirectory(Path.Combine(folders.Root, "mlbinary.research", version, "models"));
        }

        CollectionAssert.AreEqual(new[] { folders.Root, Path.Combine(folders.Root, "mlbinary.research", "0.10.0-rc.1", "models") }, folders.All.ToArray());
        // A release is newer than its previews, in whatever order they are listed.
        foreach (string version in new[] { "0.10.0-rc.2", "0.10.0-rc.10", "0.10.0-beta", "0.10.0", "0.10.0-rc.9" })
        {
            Directory.CreateDirectory(Path.Combine(folders.Root, "mlbinary.research", version, "models"));
        }

        Assert.AreEqual(Path.Combine(folders.Root, "mlbinary.research", "0.10.0", "models"), folders.All.Last());
        Directory.Delete(Path.Combine(folders.Root, "mlbinary.research", "0.10.0"), recursive: true);
        Assert.AreEqual(Path.Combine(folders.Root, "mlbinary.research", "0.10.0-rc.10", "models"), folders.All.Last());
        string message = folders.Missing(PretrainedModel.Road).Message;
        StringAssert.Contains(message, "research and non-commercial use only");
        StringAssert.EndsWith(message, $"dotnet package download MlBinary.Research --output \"{folders.Root}\"");
    }

    [TestMethod]
    [DataRow("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1")]
    [DataRow("nonsense", "0.9.0-x", "0.9.0", "0.10.0-1", "0.10.0-a", "0.10.0+build", "10.0.0")]
    public void VersionsOfPackages_AreInTheOrderOfSemVer(params string[] versions)
    {
        PackageVersion[] order = [.. versions.Select(PackageVersion.Parse)];
        for (int i = 0; i < order.Length; i++)
        {
            for (int j = 0; j < order.Length; j++)
            {
                Assert.AreEqual(i.CompareTo(j), Math.Sign(order[i].CompareTo(order[j])), $"{versions[i]} and {versions[j]}");
            }
        }
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [UnsupportedOSPlatform("windows")]
    public void AFolderOfModelsThatCannotBeRead_IsNamedWhereANetworkIsMissing()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Inconclusive("Folder permissions do not bind this user.");
        }

        using Workplace place = new();
        ModelFolders folders = new(place["home"]);
        string closed = Path.Combine(folders.Root, "mlbinary.research");
        Directory.CreateDirectory(closed);
        File.SetUnixFileMode(closed, UnixFileMode.None);
        try
        {
            CollectionAssert.AreEqual(new[] { folders.Root }, folders.All.ToArray());
            StringAssert.Contains(folders.Missing(PretrainedModel.Road).Message, closed);
        }
        finally
        {
            File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [TestMethod]
    [DataRow("score")]
    [DataRow("evaluate")]
    [DataRow("compare")]
    [DataRow("inspect")]
    [DataRow("bench")]
    [DataRow("export")]
    [DataRow("extract")]
    [DataRow("train")]
    public void Help_ListsThem(string command)
    {
        string help = string.Join(' ', CommandRun.Lines(command, "--help").Select(line => line.Trim()));
        StringAssert.Contains(help, "RoadScene, Road, Saliency, Nuclei, Words");
    }
}
