using System.Diagnostics;
using Snippets;

// Runs the blocks whose names begin with the argument one after the other, each in a folder of its own. A block may end for want of what is not here; any other exception is an error.
string place = Directory.CreateTempSubdirectory("snippets").FullName, prefix = args.FirstOrDefault(arg => arg != "--verbose") ?? "";
bool isVerbose = args.Contains("--verbose");
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
    Context.WriteFiles(folder);
    Directory.SetCurrentDirectory(folder);
    try
    {
        await ((Context)Activator.CreateInstance(block)!).Run();
        ran++;
    }
    catch (Exception e) when (e is NotHereException or FileNotFoundException or DirectoryNotFoundException)
    {
        outcome = e is NotHereException ? e.Message : "a file";
        missing[outcome] = missing.GetValueOrDefault(outcome) + 1;
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
failures.ForEach(Console.WriteLine);
Console.WriteLine($"{ran} ran, {failures.Count} failed, {missing.Values.Sum()} want what is not here: {string.Join(", ", missing.Select(what => $"{what.Key} ({what.Value})"))}");
Directory.SetCurrentDirectory(Path.GetTempPath());
Directory.Delete(place, recursive: true);
Environment.Exit(failures.Count == 0 ? 0 : 1);
