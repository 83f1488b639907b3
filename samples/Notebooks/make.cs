#:property PublishAot=false
// Makes the notebooks of this folder from the programs of the same names:
//
//     dotnet run make.cs              writes NAME.ipynb for each program NAME.cs with cells
//     dotnet run make.cs -- --check   writes nothing; fails if a notebook is not what its program says
//
// A program is cut into cells where a line starts with "// %%", the convention that editors know from Python. After it may stand
// [markdown]: a cell of text, in comments; or "program": what a notebook has of its own, and so not a cell.
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

// What a notebook loads in place of the program's "#:project" line.
string version = Regex.Match(File.ReadAllText(Path.Combine(Folder(), "..", "..", "Directory.Build.props")), "<VersionPrefix>(.*?)</VersionPrefix>").Groups[1].Value;
string[] setup =
[
    "// Before the package is published, or for one of your own: dotnet pack -c Release -o packages, and in a cell above #i \"nuget:/path/to/packages\"",
    $"#r \"nuget: MlBinary, {version}\"",
];

bool check = args is ["--check"];
int wrong = 0;
foreach (string program in Directory.GetFiles(Folder(), "*.cs").Order(StringComparer.Ordinal))
{
    List<(string Kind, List<string> Lines)> cells = Cells(File.ReadAllLines(program));
    if (cells.Count == 0)
    {
        continue;
    }

    string path = Path.ChangeExtension(program, ".ipynb"), notebook = Notebook(cells);
    if (!check)
    {
        File.WriteAllText(path, notebook);
        Console.WriteLine($"{Path.GetFileName(path)}: {cells.Count} cells");
    }
    else if (!File.Exists(path) || File.ReadAllText(path) != notebook)
    {
        Console.Error.WriteLine($"{Path.GetFileName(path)} is not what {Path.GetFileName(program)} says; run make.cs to write it again.");
        wrong++;
    }
}

return wrong == 0 ? 0 : 1;

static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

static List<(string Kind, List<string> Lines)> Cells(string[] lines)
{
    List<(string Kind, List<string> Lines)> cells = [];
    foreach (string line in lines)
    {
        if (line.StartsWith("// %%", StringComparison.Ordinal))
        {
            cells.Add((line[5..].Trim(), []));
        }
        else if (cells.Count > 0)
        {
            cells[^1].Lines.Add(cells[^1].Kind == "[markdown]" ? line.TrimStart('/').Trim() : line);
        }
    }

    foreach ((_, List<string> cell) in cells)
    {
        while (cell is [.., ""])
        {
            cell.RemoveAt(cell.Count - 1);
        }
    }

    return [.. cells.Where(cell => cell.Kind != "program")];
}

string Notebook(List<(string Kind, List<string> Lines)> cells)
{
    using MemoryStream stream = new();
    JsonWriterOptions options = new() { Indented = true, IndentSize = 1, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    using (Utf8JsonWriter json = new(stream, options))
    {
        json.WriteStartObject();
        json.WriteStartArray("cells");
        int number = 0;
        Write(json, cells[0], number++);
        Write(json, ("", [.. setup]), number++);
        foreach ((string Kind, List<string> Lines) cell in cells.Skip(1))
        {
            Write(json, cell, number++);
        }

        json.WriteEndArray();
        json.WritePropertyName("metadata");
        json.WriteRawValue(
            """{"kernelspec":{"display_name":".NET (C#)","language":"C#","name":".net-csharp"},"language_info":{"name":"polyglot-notebook","pygments_lexer":"csharp"},"polyglot_notebook":{"kernelInfo":{"defaultKernelName":"csharp","items":[{"aliases":[],"languageName":"csharp","name":"csharp"}]}}}""");
        json.WriteNumber("nbformat", 4);
        json.WriteNumber("nbformat_minor", 5);
        json.WriteEndObject();
    }

    return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
}

static void Write(Utf8JsonWriter json, (string Kind, List<string> Lines) cell, int number)
{
    bool isText = cell.Kind == "[markdown]";
    json.WriteStartObject();
    json.WriteString("cell_type", isText ? "markdown" : "code");
    json.WriteString("id", $"cell-{number}");
    json.WriteStartObject("metadata");
    json.WriteEndObject();
    if (!isText)
    {
        json.WriteNull("execution_count");
        json.WriteStartArray("outputs");
        json.WriteEndArray();
    }

    json.WriteStartArray("source");
    for (int i = 0; i < cell.Lines.Count; i++)
    {
        json.WriteStringValue(i + 1 < cell.Lines.Count ? cell.Lines[i] + "\n" : cell.Lines[i]);
    }

    json.WriteEndArray();
    json.WriteEndObject();
}
