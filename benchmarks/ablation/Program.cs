using System.CommandLine;
using System.Globalization;
using Ablation;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Variant[] variants = [.. Methods.All, .. Recipes.All];
Argument<string> folder = new("CAMVID") { Description = "Folder that holds train and val, each with images and masks; not looked at with --table." };
Option<string[]> rows = new("--rows") { Description = "Rows to run:\n" + string.Join("\n", variants.Select(v => $"\"{v.Name}\"")), AllowMultipleArgumentsPerToken = true };
Option<long[]> seeds = new("--seeds") { DefaultValueFactory = _ => [1], AllowMultipleArgumentsPerToken = true };
Option<int> steps = new("--steps") { DefaultValueFactory = _ => 1500 };
Option<string> heldOut = new("--held-out") { Description = "A drive (the first part of the file names) to leave out of training and to report on." };
Option<string> journal = new("--journal") { DefaultValueFactory = _ => "ablation.jsonl", Description = "File that gets a JSON line for each run." };
Option<string> teachers = new("--teachers") { Description = "Folder that keeps the float twins, which distilled rows learn from." };
Option<bool> table = new("--table") { Description = "Trains nothing; prints the journal as a table." };
RootCommand command = new("Trains variants of network and recipe on CamVid at 240x180 with equal budgets.") { folder, rows, seeds, steps, heldOut, journal, teachers, table };
command.SetAction(parsed =>
{
    if (parsed.GetValue(table))
    {
        Table.Write(parsed.GetValue(journal)!, variants);
        return 0;
    }

    Plan plan = Plan.Of(variants, parsed.GetValue(rows) ?? [], parsed.GetValue(seeds)!);
    Teachers? twins = parsed.GetValue(teachers) is { } kept ? new(kept, parsed.GetValue(steps), parsed.GetValue(heldOut)) : null;
    if (plan.Missing(twins) is { } missing)
    {
        Console.Error.WriteLine(missing);
        return 1;
    }

    Runner runner = new(parsed.GetValue(folder)!, parsed.GetValue(heldOut), parsed.GetValue(steps), parsed.GetValue(journal)!, twins);
    foreach (Variant variant in plan.Rows)
    {
        foreach (long seed in plan.Seeds)
        {
            runner.Run(variant, seed);
        }
    }

    return 0;
});
return command.Parse(args).Invoke();
