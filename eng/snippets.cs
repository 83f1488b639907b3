#:property PublishAot=false
// Compiles every C# block of the documentation and every example in the comments of the libraries, and runs them: dotnet run -c Release --file eng/snippets.cs
// Arguments are those of eng/Snippets: --verbose says how each ended and what it printed, a prefix of names (docs_, Microsoft_ML_Binary_Engine_Graph) runs those alone.
//
// A block becomes a method of a class, with what blocks leave out (a context, data, an application) as properties of its base (eng/Snippets/Context.cs), so that it may
// declare them anew. Blocks of docs/tutorial.md are one program, and become one method. Errors name the page, or the source, and its line.
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

Console.WriteLine($"{count} blocks of {pages.Length} pages, {examples} examples of the libraries");
using Process run = Process.Start("dotnet", ["run", "-c", "Release", "--project", Path.Combine(root, "eng", "Snippets"), "--", .. args]);
run.WaitForExit();
return run.ExitCode;

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
            public override async Task Run()
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
