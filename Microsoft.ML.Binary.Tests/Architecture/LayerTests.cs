using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Architecture;

/// <summary>Which folder of the two assemblies refers to which other: the table of docs/architecture.md.</summary>
[TestClass]
public sealed class LayerTests
{
    /// <summary>For each folder those that it may use.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Files"] = [],
        ["Messages"] = [],
        ["Kernels"] = [],
        ["Graph"] = ["Files", "Notebooks"],
        ["Notebooks"] = [],
        ["Imaging"] = ["Files", "Messages", "Notebooks"],
        ["Evaluation"] = ["Files", "Imaging", "Messages", "Notebooks"],
        ["Mapping"] = ["Files", "Graph", "Messages"],
        ["Networks"] = ["Graph"],
        ["Onnx"] = ["Files", "Graph"],
        ["Inference"] = ["Graph", "Kernels", "Imaging"],
        ["Training"] = ["Files", "Graph", "Kernels", "Imaging", "Inference", "Evaluation"],
        ["Quantization"] = ["Graph", "Imaging", "Inference", "Mapping", "Training"],
        ["Reporting"] = ["Files", "Graph", "Imaging", "Evaluation", "Mapping", "Messages"],
        ["Pretrained"] = ["Files", "Graph"],
        ["Batch"] = ["Files", "Graph", "Imaging", "Inference", "Messages"],
        ["Diagnostics"] = ["Graph", "Kernels", "Imaging", "Inference", "Pretrained"],
        ["Pipeline"] = ["Batch", "Files", "Graph", "Imaging", "Evaluation", "Networks", "Inference", "Training", "Pretrained", "Messages"],
        ["Hosting"] = ["Files", "Graph", "Imaging", "Inference", "Messages", "Pretrained", "Pipeline"],
    };

    private static readonly TypeReferences Engine = TypeReferences.Of(typeof(DenseGraph).Assembly), Face = TypeReferences.Of(typeof(SegmentationCatalog).Assembly);

    private static readonly Layers Library = new([Engine, Face], document => FolderBelow(document, "/Microsoft.ML.Binary.Engine/", "/Microsoft.ML.Binary/"));

    [TestMethod]
    public void EveryFolderUsesOnlyThoseBelowIt() => Assert.AreEqual("", string.Join('\n', Library.Violations(Allowed)));

    [TestMethod]
    public void EveryFolderHasItsPlaceInTheLayers() => CollectionAssert.AreEquivalent(Allowed.Keys, Library.Folders.ToArray());

    [TestMethod]
    public void TheEngineRefersToNothingButTheRuntime() =>
        CollectionAssert.AreEqual(Array.Empty<string>(), Engine.Assemblies.Where(name => !name.StartsWith("System.", StringComparison.Ordinal)).ToArray());

    [TestMethod]
    [DataRow("Training", "Kernels")]
    [DataRow("Graph", "Files")]
    [DataRow("Pipeline", "Graph")]
    public void AnArrowThatIsNotAllowedIsFound(string from, string to)
    {
        Dictionary<string, string[]> fewer = new(Allowed) { [from] = [.. Allowed[from].Except([to])] };
        string[] violations = [.. Library.Violations(fewer)];
        Assert.AreNotEqual(0, violations.Length);
        foreach (string violation in violations)
        {
            StringAssert.EndsWith(violation, $" of {to}");
            StringAssert.Contains(violation, $"/{from}/");
        }
    }

    [TestMethod]
    [DataRow(nameof(Lower.ByBase))]
    [DataRow(nameof(Lower.ByField))]
    [DataRow(nameof(Lower.BySignature))]
    [DataRow(nameof(Lower.ByCall))]
    [DataRow(nameof(Lower.ByLambda))]
    [DataRow(nameof(Lower.ByTypeArgument))]
    [DataRow(nameof(Lower.ByMethodArgument))]
    [DataRow(nameof(Lower.ByConstraint))]
    [DataRow(nameof(Lower.ByCatch))]
    [DataRow(nameof(Lower.ByPattern))]
    [DataRow(nameof(Lower.ByAttribute))]
    [DataRow("IByNothingButAnInterface")]
    public void EveryWayToReferIsSeen(string type)
    {
        Layers samples = new([TypeReferences.Of(typeof(LayerTests).Assembly)], document => FolderBelow(document, "/Architecture/Samples/"));
        string[] violations = [.. samples.Violations(new Dictionary<string, string[]> { ["Lower"] = [], ["Upper"] = [] })];
        Assert.IsTrue(violations.Any(violation => violation.Contains($".{type} refers to ", StringComparison.Ordinal)), string.Join('\n', violations));
        Assert.IsFalse(violations.Any(violation => violation.Contains($".{nameof(Lower.ByNothing)} refers to ", StringComparison.Ordinal)));
        Assert.IsEmpty(samples.Violations(new Dictionary<string, string[]> { ["Lower"] = ["Upper"], ["Upper"] = [] }));
    }

    /// <summary>The first folder below one of the given places; none for sources that the compiler was given from elsewhere.</summary>
    private static string? FolderBelow(string document, params string[] places)
    {
        foreach (string place in places)
        {
            int at = document.LastIndexOf(place, StringComparison.Ordinal);
            if (at >= 0 && document[(at + place.Length)..].Split('/') is [var folder and not "obj", _, ..])
            {
                return folder;
            }
        }

        return null;
    }
}
