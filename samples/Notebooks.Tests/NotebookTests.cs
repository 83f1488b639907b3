using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Notebooks.Tests;

/// <summary>Every cell of every notebook runs in the kernel, with the library as a package; and what is shown are pictures and tables.</summary>
[TestClass]
[DoNotParallelize]
public sealed class NotebookTests
{
    // Where a value has no formatter, the kernel unfolds its properties.
    private const string PropertyTree = "dni-treeview\"><summary><span class=\"dni-code-hint\"><code>Microsoft.ML";

    private static NotebookKernel? _shared;

    /// <summary>A folder of packages that are not published yet: eng/notebooks.sh makes it.</summary>
    private static string Feed => Environment.GetEnvironmentVariable("MLBINARY_FEED")
        ?? throw new AssertInconclusiveException("MLBINARY_FEED names no folder of packages: run eng/notebooks.sh.");

    private static string Version => Path.GetFileNameWithoutExtension(Directory.GetFiles(Feed, "MlBinary.Engine.*.nupkg").Single())["MlBinary.Engine.".Length..];

    public static IEnumerable<object[]> Notebooks =>
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "notebooks"), "*.ipynb").Order().Select(path => new object[] { Path.GetFileName(path) });

    [ClassCleanup]
    public static void Close() => _shared?.Dispose();

    [TestMethod]
    [DynamicData(nameof(Notebooks))]
    public async Task EveryCell_Runs(string name)
    {
        // Editors run a notebook in its folder.
        Directory.SetCurrentDirectory(Path.Combine(Here(), "..", "Notebooks"));
        using NotebookKernel kernel = new();
        await kernel.Run($"#i \"nuget:{Feed}\"");
        List<string> shown = [];
        foreach (string cell in Cells(name))
        {
            shown.AddRange(await kernel.Run(cell));
        }

        Assert.IsTrue(shown.Any(html => html.Contains("<img", StringComparison.Ordinal)), "no picture was shown");
        Assert.IsTrue(shown.Any(html => html.Contains("class=\"cards\"", StringComparison.Ordinal)), "no figures were shown");
        Assert.IsFalse(shown.Any(html => html.Contains(PropertyTree, StringComparison.Ordinal)), "a value was shown as its properties");
    }

    [TestMethod]
    [DataRow("PretrainedNetworks.Load(PretrainedModel.Nuclei)", "class=\"cards\"")]
    [DataRow("new RgbImage(3, 4)", "<img")]
    [DataRow("new RgbImage(3, 4).ToMLImage()", "<img")]
    [DataRow("new SegmentationMask(2, 1, [0, 1])", "<img")]
    [DataRow("ml.Data.LoadImages(folder)", "<td style=\"vertical-align:top;text-align:left\"><img")]
    [DataRow("ml.Segmentation.Pretrained(PretrainedModel.Nuclei).Fit(ml.Data.LoadImages(folder)).Transform(ml.Data.LoadImages(folder))", "<th style=\"text-align:left\">PredictedLabel</th>")]
    [DataRow("ml.Data.LoadFromEnumerable(new[] { new { A = 1, B = \"<b>\" } })", "<td style=\"vertical-align:top;text-align:left\">&lt;b&gt;</td>")]
    public async Task Value_IsShownAsPictureOrTable(string expression, string expected)
    {
        NotebookKernel kernel = await Shared();
        string html = string.Concat(await kernel.Run(expression));
        StringAssert.Contains(html, expected);
        Assert.IsFalse(html.Contains(PropertyTree, StringComparison.Ordinal), html[..Math.Min(html.Length, 400)]);
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    /// <summary>Installing the package takes longer than what is shown.</summary>
    private static async Task<NotebookKernel> Shared()
    {
        if (_shared is null)
        {
            _shared = new();
            await _shared.Run($"#i \"nuget:{Feed}\"\n#r \"nuget: MlBinary, {Version}\"");
            await _shared.Run(
                """
                using System.IO;
                using Microsoft.ML;
                using Microsoft.ML.Binary;
                using Microsoft.ML.Binary.Imaging;
                MLContext ml = new(seed: 1);
                string folder = Directory.CreateTempSubdirectory("pictures").FullName;
                new RgbImage(64, 48).SavePng(Path.Combine(folder, "a.png"));
                """);
        }

        return _shared;
    }

    private static IEnumerable<string> Cells(string name)
    {
        using JsonDocument notebook = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "notebooks", name)));
        return
        [
            .. notebook.RootElement.GetProperty("cells").EnumerateArray()
                .Where(cell => cell.GetProperty("cell_type").GetString() == "code")
                .Select(cell => string.Concat(cell.GetProperty("source").EnumerateArray().Select(line => line.GetString()))),
        ];
    }
}
