using System.CommandLine;
using System.Globalization;
using Microsoft.ML.Binary;
using MultiTask;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Argument<string> folder = new("FOLDER") { Description = "The data set." };
Option<string[]> rows = new("--rows") { Description = "Rows to run; all where none is named.", AllowMultipleArgumentsPerToken = true };
Option<long[]> seeds = new("--seeds") { DefaultValueFactory = _ => [1, 2, 3], AllowMultipleArgumentsPerToken = true };
Option<int> steps = new("--steps") { DefaultValueFactory = _ => 800 };
Option<int> threads = new("--threads") { DefaultValueFactory = _ => 1 };
Option<NetworkPreset> preset = new("--preset") { DefaultValueFactory = _ => NetworkPreset.Tiny };
Option<string> journal = new("--journal") { DefaultValueFactory = _ => "multitask.jsonl", Description = "File that gets a JSON line for each run; what it has is not run again." };

Command camVid = new("camvid", "Classes and edges on CamVid (train and val, each with images and masks).") { folder, rows, seeds, steps, threads, preset, journal };
camVid.SetAction(parsed => Execute(parsed, TaskSet.CamVid(parsed.GetValue(folder)!)));
Command clothes = new("ccp", "Parsing, person and edges on clothing co-parsing (images, parsing, saliency); every fifth file is held out.") { folder, rows, seeds, steps, threads, preset, journal };
clothes.SetAction(parsed => Execute(parsed, TaskSet.Clothes(parsed.GetValue(folder)!)));
Command table = new("table", "Prints the journal as tables.") { journal };
table.SetAction(parsed => Table.Write(new Journal(parsed.GetValue(journal)!).Runs));
Option<int> runs = new("--runs") { DefaultValueFactory = _ => 200 };
Command cost = new("cost", "Size and time of two tasks against two networks, Small at 480x360, one thread, in turns.") { runs };
cost.SetAction(parsed => Cost.Write(parsed.GetValue(runs)));
return new RootCommand("Several tasks on one encoder against networks of one task each, with equal budgets, at half size.") { camVid, clothes, table, cost }.Parse(args).Invoke();

int Execute(ParseResult parsed, TaskSet set)
{
    Row[] all = Row.Of(set);
    string[] named = parsed.GetValue(rows) ?? [];
    foreach (string unknown in named.Where(name => all.All(row => row.Name != name)))
    {
        Console.Error.WriteLine($"There is no row '{unknown}'; there are {string.Join(", ", all.Select(row => $"'{row.Name}'"))}.");
        return 1;
    }

    Runner runner = new(set, parsed.GetValue(preset), parsed.GetValue(steps), parsed.GetValue(threads), new(parsed.GetValue(journal)!));
    foreach (long seed in parsed.GetValue(seeds)!)
    {
        foreach (Row row in named.Length == 0 ? all : named.Select(name => all.First(row => row.Name == name)))
        {
            runner.Execute(row, seed);
        }
    }

    return 0;
}
