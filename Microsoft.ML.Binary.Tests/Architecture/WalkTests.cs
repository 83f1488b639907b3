using System.Text.RegularExpressions;

namespace Microsoft.ML.Binary.Tests.Architecture;

/// <summary>docs/walk.md leads through the code as it is.</summary>
[TestClass]
public partial class WalkTests
{
    [TestMethod]
    public void EveryFileThatTheWalksNameExists()
    {
        string root = Sources.Folder;
        string[] sources =
        [
            .. new[] { "Microsoft.ML.Binary.Engine", "Microsoft.ML.Binary" }.SelectMany(
                folder => Directory.GetFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories)).Select(path => path.Replace('\\', '/')),
        ];
        string[] named = [.. SourceFile().Matches(File.ReadAllText(Path.Combine(root, "docs", "walk.md"))).Select(match => match.Groups[1].Value).Distinct()];
        Assert.IsGreaterThan(20, named.Length);
        CollectionAssert.AreEqual(Array.Empty<string>(), named.Where(name => !sources.Any(path => path.EndsWith("/" + name, StringComparison.Ordinal))).ToArray());
    }

    [GeneratedRegex(@"`([\w./]+\.cs)`")]
    private static partial Regex SourceFile();
}
