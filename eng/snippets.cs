#:property PublishAot=false
// Compiles every C# block of the documentation, and every example in the comments of the libraries: dotnet run --file eng/snippets.cs
//
// A block becomes a method of a class, with what blocks leave out (a context, data, an application) as fields, so that it may declare them anew. Blocks of
// docs/tutorial.md are one program, and become one method. Errors name the page, or the source, and its line.
using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

string root = Path.GetDirectoryName(Path.GetDirectoryName(Here())!)!, place = Path.Combine(root, "artifacts", "snippets");
string[] pages =
[
    Path.Combine(root, "README.md"),
    .. Directory.GetFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal),
    .. Directory.GetDirectories(root, "Microsoft.ML.Binary*").Select(project => Path.Combine(project, "PACKAGE.md")).Where(File.Exists),
];
if (Directory.Exists(place))
{
    Directory.Delete(place, recursive: true);
}

Directory.CreateDirectory(place);
int count = 0, examples = 0;
foreach (string page in pages)
{
    List<(int Line, List<string> Code)> blocks = Blocks(File.ReadAllLines(page));
    if (Path.GetFileName(page) == "tutorial.md")
    {
        Write(page, blocks);
    }
    else
    {
        foreach ((int Line, List<string> Code) block in blocks)
        {
            Write(page, [block]);
        }
    }

    count += blocks.Count;
}

string[] libraries = ["Microsoft.ML.Binary", "Microsoft.ML.Binary.Engine", "Microsoft.ML.Binary.Research"];
foreach (string source in libraries.SelectMany(library => Directory.GetFiles(Path.Combine(root, library), "*.cs", SearchOption.AllDirectories)).Order(StringComparer.Ordinal))
{
    foreach ((int Line, List<string> Code) example in Examples(File.ReadAllLines(source)))
    {
        Write(source, [example]);
        examples++;
    }
}

File.WriteAllText(Path.Combine(place, "Context.cs"), Context);
File.WriteAllText(Path.Combine(place, "snippets.csproj"), Project);
Console.WriteLine($"{count} blocks of {pages.Length} pages, {examples} examples of the libraries");
using Process build = Process.Start("dotnet", ["build", "-v", "quiet", "-nologo", "-clp:NoSummary", place]);
build.WaitForExit();
return build.ExitCode;

static string Here([CallerFilePath] string path = "") => path;

static List<(int Line, List<string> Code)> Blocks(string[] lines)
{
    List<(int Line, List<string> Code)> blocks = [];
    bool isCode = false;
    for (int i = 0; i < lines.Length; i++)
    {
        if (!isCode && lines[i].TrimEnd() == "```csharp")
        {
            blocks.Add((i + 2, []));
            isCode = true;
        }
        else if (isCode && lines[i].TrimEnd() == "```")
        {
            isCode = false;
        }
        else if (isCode)
        {
            blocks[^1].Code.Add(lines[i]);
        }
    }

    return blocks;
}

// What stands in <example><code> of comments of documentation.
static List<(int Line, List<string> Code)> Examples(string[] lines)
{
    List<(int Line, List<string> Code)> examples = [];
    bool isExample = false, isCode = false;
    for (int i = 0; i < lines.Length; i++)
    {
        if (Regex.Match(lines[i], "^ */// ?(.*)$") is not { Success: true, Groups: [_, { Value: var text }] })
        {
            continue;
        }

        isExample |= text.Contains("<example>", StringComparison.Ordinal);
        if (isExample && text.IndexOf("<code>", StringComparison.Ordinal) is >= 0 and int start)
        {
            examples.Add((i + 1, []));
            (isCode, text) = (true, text[(start + "<code>".Length)..]);
        }

        if (isCode)
        {
            int end = text.IndexOf("</code>", StringComparison.Ordinal);
            examples[^1].Code.Add(WebUtility.HtmlDecode(end < 0 ? text : text[..end]));
            isCode = end < 0;
        }

        isExample &= !lines[i].Contains("</example>", StringComparison.Ordinal);
    }

    return examples;
}

void Write(string page, List<(int Line, List<string> Code)> blocks)
{
    StringBuilder usings = new(), body = new(), types = new();
    string name = $"{Regex.Replace(Path.GetRelativePath(root, page), "[^A-Za-z0-9]", "_")}_{blocks[0].Line}";
    foreach ((int line, List<string> code) in blocks)
    {
        // As in a program, types stand after its statements.
        bool isType = false;
        for (int i = 0; i < code.Count; i++)
        {
            isType |= Regex.IsMatch(code[i], @"^((public|internal|sealed|static) )*(class|record|struct|enum|interface) \w");
            StringBuilder target = Regex.IsMatch(code[i], @"^using [\w.]+;") ? usings : isType ? types : body;
            target.AppendLine($"#line {line + i} \"{page}\"").AppendLine(code[i]);
        }
    }

    File.WriteAllText(Path.Combine(place, name + ".cs"), $$"""
        {{usings}}
        #line default
        namespace Snippets;
        internal sealed class {{name}} : Context
        {
            public async Task Run()
            {
                await Task.CompletedTask;
        {{body}}
        #line default
            }
        {{types}}
        #line default
        }
        """);
}

internal static partial class Program
{
    private const string Context = """
        using Microsoft.AspNetCore.Builder;
        using Microsoft.ML;
        using Microsoft.ML.Binary;
        namespace Snippets;
        internal abstract class Context
        {
            protected readonly string[] args = [];
            protected readonly MLContext ml = new();
            protected readonly IDataView data = null!, train = null!, test = null!, validation = null!, photos = null!, scored = null!;
            protected readonly SegmentationTrainer pipeline = null!, trainer = null!;
            protected readonly SegmentationTransformer model = null!;
            protected readonly SegmentationMetrics metrics = null!, before = null!, after = null!;
            protected readonly SegmentationPredictor predictor = null!;
            protected readonly DenseNetwork network = null!;
            protected readonly CompiledNetwork compiled = null!;
            protected readonly TrainingResult result = null!;
            protected readonly RgbImage image = null!;
            protected readonly MLImage photo = null!;
            protected readonly SegmentationMask mask = null!, truth = null!;
            protected readonly SaliencyMask saliency = null!;
            protected readonly byte[] labels = [], annotation = [];
            protected readonly float[] probabilities = [];
            protected readonly DenseTaskOptions[] tasks = [];
            protected readonly IReadOnlyList<TrainingSample> samples = [];
            protected readonly Func<IEnumerable<TrainingSample>> readData = null!;
            protected readonly PostTrainingQuantization quantization = null!;
            protected readonly NetworkMapping mapping = null!;
            protected readonly WebApplicationBuilder builder = null!;
            protected readonly WebApplication app = null!;
            protected readonly HttpRequest request = null!;
            protected readonly IServiceCollection services = null!;
            protected readonly Microsoft.Extensions.Logging.ILogger logger = null!;
        }
        """;

    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <IsPackable>false</IsPackable>
            <EnforceCodeStyleInBuild>false</EnforceCodeStyleInBuild>
            <RunAnalyzers>false</RunAnalyzers>
            <GenerateDocumentationFile>false</GenerateDocumentationFile>
            <!-- What a block declares and does not use, or asks for and does not wait for, is shown for its own sake. -->
            <TreatWarningsAsErrors>false</TreatWarningsAsErrors>
            <NoWarn>$(NoWarn);CS0168;CS0219;CS8321;CS1998;CS4014;CS0105;CS8019</NoWarn>
          </PropertyGroup>
          <ItemGroup>
            <FrameworkReference Include="Microsoft.AspNetCore.App" />
            <Using Include="Microsoft.AspNetCore.Builder" />
            <Using Include="Microsoft.AspNetCore.Http" />
            <Using Include="Microsoft.Extensions.DependencyInjection" />
            <Using Include="Microsoft.Extensions.Logging" />
            <Using Include="Microsoft.ML" />
            <Using Include="Microsoft.ML.Binary" />
            <Using Include="Microsoft.ML.Binary.Diagnostics" />
            <Using Include="Microsoft.ML.Binary.Files" />
            <Using Include="Microsoft.ML.Binary.Graph" />
            <Using Include="Microsoft.ML.Binary.Imaging" />
            <Using Include="Microsoft.ML.Binary.Imaging.Resampling" />
            <Using Include="Microsoft.ML.Binary.Inference" />
            <Using Include="Microsoft.ML.Binary.Mapping" />
            <Using Include="Microsoft.ML.Binary.Messages" />
            <Using Include="Microsoft.ML.Binary.Networks" />
            <Using Include="Microsoft.ML.Binary.Onnx" />
            <Using Include="Microsoft.ML.Binary.Quantization" />
            <Using Include="Microsoft.ML.Binary.Reporting" />
            <Using Include="Microsoft.ML.Binary.Training" />
            <Using Include="Microsoft.ML.Binary.Training.MixedPrecision" />
            <Using Include="Microsoft.ML.Data" />
            <ProjectReference Include="../../Microsoft.ML.Binary/Microsoft.ML.Binary.csproj" />
            <ProjectReference Include="../../Microsoft.ML.Binary.Research/Microsoft.ML.Binary.Research.csproj" />
          </ItemGroup>
        </Project>
        """;
}
