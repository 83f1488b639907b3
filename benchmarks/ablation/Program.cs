using System.CommandLine;
using System.Globalization;
using Ablation;
using Ablation.Starts;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Variant[] variants = [.. Methods.All, .. Recipes.All];
Option<string[]> rows = new("--rows") { Description = "Rows to run; several joined by ' + ' are one with all their changes:\n" + string.Join("\n", variants.Select(v => $"\"{v.Name}\"")), AllowMultipleArgumentsPerToken = true };
Option<long[]> seeds = new("--seeds") { DefaultValueFactory = _ => [1], AllowMultipleArgumentsPerToken = true };
Option<int> steps = new("--steps") { DefaultValueFactory = _ => 1500 };
Option<int> threads = new("--threads") { DefaultValueFactory = _ => 1 };
Option<string> journal = new("--journal") { DefaultValueFactory = _ => "ablation.jsonl", Description = "File that gets a JSON line for each run; what it has is not run again." };
Option<string> teachers = new("--teachers") { Description = "Folder that keeps the float twins, which distilled rows learn from." };
Option<bool> table = new("--table") { Description = "Trains nothing; prints the journal as a table." };
Argument<string> folder = new("FOLDER") { Description = "The data set." };
Option<string> heldOut = new("--held-out") { Description = "A drive (the first part of the file names) to leave out of training and to report on." };
Option<string> cache = new("--cache") { DefaultValueFactory = _ => "saliency.cache", Description = "File that keeps the decoded pictures." };

Command roads = new("roads", "Preset Small on CamVid (train and val, each with images and masks) at half size.") { folder, rows, seeds, steps, threads, heldOut, journal, teachers, table };
roads.SetAction(parsed => Execute(parsed, new RoadData(parsed.GetValue(folder)!, parsed.GetValue(heldOut)), parsed.GetValue(heldOut)));
Command saliency = new("saliency", "Preset Tiny on MSRA10K (images and masks; every tenth is the validation part) at half size.") { folder, rows, seeds, steps, threads, cache, journal, teachers, table };
saliency.SetAction(parsed => Execute(parsed, new SaliencyData(parsed.GetValue(folder)!, parsed.GetValue(cache)!), null));
Argument<string> data = new("FOLDER") { Description = "The folder that has camvid, nuclei, ccp and pascal-s." };
Option<string[]> targets = new("--targets") { DefaultValueFactory = _ => [.. Target.All.Select(target => target.Name)], AllowMultipleArgumentsPerToken = true };
Option<string[]> begins = new("--starts") { Description = "Names, or network files.", DefaultValueFactory = _ => [.. Start.All.Select(start => start.Name)], AllowMultipleArgumentsPerToken = true };
Option<int> fewSteps = new("--steps") { DefaultValueFactory = _ => 300 };
Option<string> startJournal = new("--journal") { DefaultValueFactory = _ => "starts.jsonl", Description = "File that gets a JSON line for each run; what it has is not run again." };
Option<string> networks = new("--networks") { Description = "Folder that keeps the trained networks; one that is there is measured, not trained again." };
Option<long[]> startSeeds = new("--seeds") { DefaultValueFactory = _ => [1, 2, 3], AllowMultipleArgumentsPerToken = true };
Command starts = new("starts", "Preset Small from nothing and from trained networks, with equal steps, on few and on many images.") { data, targets, begins, startSeeds, fewSteps, threads, startJournal, networks, table };
starts.SetAction(ExecuteStarts);
return new RootCommand("Trains variants of network, recipe and start with equal budgets.") { roads, saliency, starts }.Parse(args).Invoke();

int ExecuteStarts(ParseResult parsed)
{
    string path = parsed.GetValue(startJournal)!;
    if (parsed.GetValue(table))
    {
        StartTable.Write(path);
        return 0;
    }

    Target[] learned = [.. parsed.GetValue(targets)!.Select(name => Find(Target.All, target => target.Name, name))];
    Start[] from = [.. parsed.GetValue(begins)!.Select(name => Start.Find(name) ?? throw new ArgumentException($"'{name}' is no start and no network file; starts are {string.Join(", ", Start.All.Select(start => start.Name))}."))];
    StartRunner runner = new(parsed.GetValue(data)!, parsed.GetValue(fewSteps), parsed.GetValue(threads), path, parsed.GetValue(networks));
    foreach (Target target in learned)
    {
        foreach (long seed in parsed.GetValue(startSeeds)!)
        {
            foreach (Start start in from.Where(start => start.Fits(target)))
            {
                runner.Run(target, start, seed);
            }
        }
    }

    return 0;
}

static T Find<T>(IEnumerable<T> all, Func<T, string> nameOf, string name) =>
    all.FirstOrDefault(one => nameOf(one) == name) is { } found
        ? found
        : throw new ArgumentException($"There is no '{name}'; there are {string.Join(", ", all.Select(one => $"'{nameOf(one)}'"))}.");

int Execute(ParseResult parsed, Dataset data, string? drive)
{
    if (parsed.GetValue(table))
    {
        Table.Write(parsed.GetValue(journal)!, variants, data);
        return 0;
    }

    Plan plan = Plan.Of(variants, parsed.GetValue(rows) ?? [], parsed.GetValue(seeds)!);
    Teachers? twins = parsed.GetValue(teachers) is { } kept ? new(kept, parsed.GetValue(steps), drive) : null;
    if (plan.Missing(twins) is { } missing)
    {
        Console.Error.WriteLine(missing);
        return 1;
    }

    Runner runner = new(data, drive, parsed.GetValue(steps), parsed.GetValue(threads), parsed.GetValue(journal)!, twins);
    foreach (Variant variant in plan.Rows)
    {
        foreach (long seed in plan.Seeds)
        {
            runner.Run(variant, seed);
        }
    }

    return 0;
}
