using System.Diagnostics;
using Snippets;

// Runs the blocks whose names begin with the argument one after the other, each in a folder of its own. A block may end for want of what is not here; any other exception is an error.
string place = Directory.CreateTempSubdirectory("snippets").FullName, prefix = args.FirstOrDefault(arg => arg != "--verbose") ?? "";
bool isVerbose = args.Contains("--verbose");
string template = Directory.CreateDirectory(Path.Combine(place, "files")).FullName;
Directory.SetCurrentDirectory(template);
Context.WriteFiles();
TextWriter console = Console.Out;
int ran = 0;
SortedDictionary<string, int> missing = new(StringComparer.Ordinal);
List<string> failures = [];
Type[] blocks = [.. typeof(Context).Assembly.GetTypes().Where(type => type.BaseType == typeof(Context) && type.Name.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(type => type.Name, StringComparer.Ordinal)];
foreach (Type block in blocks)
{
    StringWriter printed = new();
    Console.SetOut(TextWriter.Synchronized(printed));
    Console.SetError(Console.Out);
    long start = Stopwatch.GetTimestamp();
    string outcome = "ran", folder = Path.Combine(place, block.Name);
    Copy(template, folder);
    Directory.SetCurrentDirectory(folder);
    try
    {
        await Task.Run(() => ((Context)Activator.CreateInstance(block)!).Run()).WaitAsync(TimeSpan.FromMinutes(2));
        ran++;
    }
    catch (Exception e) when (e is NotHereException or FileNotFoundException or DirectoryNotFoundException)
    {
        string what = e is NotHereException ? e.Message : "a file";
        missing[what] = missing.GetValueOrDefault(what) + 1;
        outcome = $"wants {what}: {e.Message}";
    }
    catch (Exception e)
    {
        outcome = "failed";
        failures.Add($"{block.Name}: {e}");
    }

    if (isVerbose)
    {
        console.WriteLine($"{block.Name}: {outcome}, {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s\n{printed}");
    }
}

Console.SetOut(console);
Directory.SetCurrentDirectory(Path.GetTempPath());
Directory.Delete(place, recursive: true);
failures.ForEach(Console.WriteLine);
Console.WriteLine($"{ran} ran, {failures.Count} failed, {missing.Values.Sum()} want what is not here: {string.Join(", ", missing.Select(what => $"{what.Key} ({what.Value})"))}");
Environment.Exit(failures.Count == 0 ? 0 : 1);

static void Copy(string from, string to)
{
    foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
    {
        string copy = Path.Combine(to, Path.GetRelativePath(from, file));
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        File.Copy(file, copy);
    }
}
