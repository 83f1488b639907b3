using System.CommandLine;
using System.Globalization;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Training.MixedPrecision;
using Mixed;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Argument<string> folder = new("FOLDER") { Description = "The data set: train and val, each with images and masks." };
Option<string[]> names = new("--rows") { Description = "Rows to run; all where none is named.", AllowMultipleArgumentsPerToken = true };
Option<long[]> seeds = new("--seeds") { DefaultValueFactory = _ => [1, 2, 3], AllowMultipleArgumentsPerToken = true };
Option<int> steps = new("--steps") { DefaultValueFactory = _ => 1500, Description = "Steps of each network." };
Option<int> threads = new("--threads") { DefaultValueFactory = _ => 1 };
Option<NetworkPreset> preset = new("--preset") { DefaultValueFactory = _ => NetworkPreset.Tiny };
Option<string?> latency = new("--latency") { Description = "A table of 'mlbinary calibrate', for the rows that keep time low and for predicted times." };
Option<string> file = new("--journal") { DefaultValueFactory = _ => "mixed.jsonl", Description = "File that gets a JSON line for each run, its network beside it; what it has is not run again." };

Command camVid = new("camvid", "Trains networks on CamVid.") { folder, names, seeds, steps, threads, preset, latency, file };
camVid.SetAction(Train);
Option<int> runs = new("--runs") { DefaultValueFactory = _ => 300 };
Command times = new("times", "Measures the time of every network of the journal, in turn, on one thread.") { runs, latency, file };
times.SetAction(parsed => Times.Measure(new(parsed.GetValue(file)!), parsed.GetValue(runs), Cost(parsed)));
Command table = new("table", "Prints the journal as a table.") { file };
table.SetAction(parsed => Table.Write(new Journal(parsed.GetValue(file)!).Runs));
return new RootCommand("Networks of channels of 0 to 8 bits against the binary network, with equal budgets.") { camVid, times, table }.Parse(args).Invoke();

WidthCost? Cost(ParseResult parsed) => parsed.GetValue(latency) is { } path ? LatencyTable.Load(path).Cost() : null;

int Train(ParseResult parsed)
{
    string[] named = parsed.GetValue(names) ?? [];
    foreach (string unknown in named.Where(name => Row.All.All(row => row.Name != name)))
    {
        Console.Error.WriteLine($"There is no row '{unknown}'; there are {string.Join(", ", Row.All.Select(row => $"'{row.Name}'"))}.");
        return 1;
    }

    Runner runner = new(new(parsed.GetValue(folder)!), parsed.GetValue(preset), parsed.GetValue(steps), parsed.GetValue(threads), Cost(parsed), new(parsed.GetValue(file)!));
    foreach (long seed in parsed.GetValue(seeds)!)
    {
        foreach (Row row in named.Length == 0 ? Row.All : named.Select(name => Row.All.First(row => row.Name == name)))
        {
            runner.Execute(row, seed);
        }
    }

    return 0;
}
