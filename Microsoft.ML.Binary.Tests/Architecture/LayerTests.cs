using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Microsoft.ML.Binary.Tests.Architecture;

/// <summary>Reads the library's sources: which folder names types of which other, and who knows ML.NET.</summary>
[TestClass]
public sealed partial class LayerTests
{
    /// <summary>For each folder those that it may use.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Files"] = [],
        ["Kernels"] = [],
        ["Graph"] = ["Files"],
        ["Notebooks"] = [],
        ["Imaging"] = ["Files", "Notebooks"],
        ["Evaluation"] = ["Files", "Imaging", "Notebooks"],
        ["Networks"] = ["Graph"],
        ["Onnx"] = ["Files", "Graph"],
        ["Inference"] = ["Graph", "Kernels", "Imaging"],
        ["Training"] = ["Files", "Graph", "Kernels", "Imaging", "Inference"],
        ["Reporting"] = ["Files", "Imaging", "Evaluation"],
        ["Pretrained"] = ["Graph"],
        ["Pipeline"] = ["Files", "Graph", "Imaging", "Evaluation", "Networks", "Inference", "Training", "Pretrained"],
        ["Hosting"] = ["Graph", "Imaging", "Inference", "Pretrained", "Pipeline"],
    };

    /// <summary>Folders (or parts of them) whose types are in the namespace that every file sees.</summary>
    private const string RootNamespace = "namespace Microsoft.ML.Binary;";

    /// <summary>Measures that have the name of a type they have nothing to do with.</summary>
    private static readonly string[] NamesOfMeasures = ["Precision"];

    private static readonly string[] AboveMlNet = ["Pipeline", "Hosting"];

    [TestMethod]
    public void EveryFolderUsesOnlyThoseBelowIt()
    {
        List<SourceFile> sources = ReadSources();
        ILookup<string, SourceFile> declaring = sources
            .SelectMany(source => Declaration().Matches(source.Code).Select(match => (Type: match.Groups[1].Value, Source: source)))
            .ToLookup(pair => pair.Type, pair => pair.Source);
        List<string> wrong = [];
        foreach (SourceFile source in sources)
        {
            foreach (string word in Identifier().Matches(source.Code).Select(match => match.Value).Distinct().Except(NamesOfMeasures))
            {
                SourceFile[] candidates = [.. declaring[word].Where(declared => CanSee(source, declared))];
                if (candidates.Length > 0 && candidates.All(c => c.Folder != source.Folder && !Allowed[source.Folder].Contains(c.Folder)))
                {
                    wrong.Add($"{source.Path} uses {word} of {candidates[0].Path}");
                }
            }
        }

        Assert.IsEmpty(wrong, string.Join("\n", wrong));
    }

    [TestMethod]
    public void NothingBelowThePipelineKnowsMlNet()
    {
        string[] wrong = [.. ReadSources()
            .Where(source => !AboveMlNet.Contains(source.Folder) && MlNetNamespace().IsMatch(source.Code))
            .Select(source => source.Path)];
        Assert.IsEmpty(wrong, string.Join("\n", wrong));
    }

    [TestMethod]
    public void EveryFolderHasItsPlaceInTheLayers() =>
        CollectionAssert.AreEquivalent(Allowed.Keys, ReadSources().Select(source => source.Folder).Distinct().ToArray());

    private sealed record SourceFile(string Path, string Folder, string Code);

    /// <summary>A word can only mean a type where the type's namespace is imported or around the file.</summary>
    private static bool CanSee(SourceFile source, SourceFile declaring) =>
        source.Folder == declaring.Folder
        || declaring.Code.Contains(RootNamespace, StringComparison.Ordinal)
        || source.Code.Contains($"using Microsoft.ML.Binary.{declaring.Folder}", StringComparison.Ordinal)
        || source.Code.Contains($"{declaring.Folder}.", StringComparison.Ordinal);

    private static List<SourceFile> ReadSources([CallerFilePath] string here = "")
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "Microsoft.ML.Binary"));
        if (!Directory.Exists(root))
        {
            Assert.Inconclusive("The library's sources are not beside the tests, so their layers cannot be read.");
        }

        return [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path: path, Parts: Path.GetRelativePath(root, path).Split(Path.DirectorySeparatorChar)))
            .Where(file => file.Parts.Length > 1 && file.Parts[0] is not ("bin" or "obj"))
            .Select(file => new SourceFile(string.Join('/', file.Parts), file.Parts[0], Comment().Replace(File.ReadAllText(file.Path), "")))];
    }

    [GeneratedRegex(@"^(?:public|internal)[ \w]*?\b(?:class|struct|record|interface|enum)\s+(?:struct\s+|class\s+)?([A-Z]\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b[A-Z]\w+")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"//[^\n]*|""(?:[^""\\\n]|\\.)*""")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(?:using|global::)\s*Microsoft\.ML(?!\.Binary)\b")]
    private static partial Regex MlNetNamespace();
}
