using System.CommandLine;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>The options by which several tasks are evaluated.</summary>
internal sealed class TaskOptions
{
    private readonly Option<string[]> _alone = CommandOption.Texts(
        "--single", "NAME=MODEL", "With --tasks: a model of one of the tasks alone, for each of them; says what sharing an encoder gains or costs (Delta_m).");

    /// <summary>The file of tasks.</summary>
    public Option<string> File { get; } = CommandOption.Text("--tasks", "FILE", "Measure all tasks of a model, in place of --masks: the file that lists them (docs/multi-task.md).");

    /// <summary>Adds the options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="csv">An option that does not go with them.</param>
    /// <param name="regions">Options by which regions of one task are counted.</param>
    public void AddTo(System.CommandLine.Command command, System.CommandLine.Option csv, RegionOptions regions)
    {
        command.Add(File);
        command.Add(_alone);
        command.Validators.Add(result =>
        {
            string[] given = result.GetResult(_alone)?.Tokens.Select(token => token.Value).ToArray() ?? [];
            CommandOption.RefuseWithout(result, File, _alone);
            foreach (string wrong in given.Where(text => text.IndexOf('=') is < 1 || text.EndsWith('=')))
            {
                result.AddError($"{_alone.Name} is '{wrong}'; it must be the name of a task, '=', and a model.");
            }

            if (given.CountBy(text => text.Split('=')[0], StringComparer.OrdinalIgnoreCase).FirstOrDefault(name => name.Value > 1) is { Key: { } twice })
            {
                result.AddError($"{_alone.Name} names the task '{twice}' twice; one model can stand beside each task.");
            }

            if (result.GetResult(File) is not null && result.GetResult(csv) is not null)
            {
                result.AddError($"{csv.Name} is for one task; --json has the images of all.");
            }

            // A flag that is not given has a value of its own.
            foreach (System.CommandLine.Option counting in regions.All.Where(option => result.GetResult(File) is not null && result.GetResult(option) is { Implicit: false }))
            {
                result.AddError($"{counting.Name} is for one task; with --masks in place of --tasks, it is for the model's first.");
            }
        });
    }

    /// <summary>The models of one task each, by its name.</summary>
    public IReadOnlyList<(string Name, string Model)> Alone(ParseResult parsed) =>
        [.. (parsed.GetValue(_alone) ?? []).Select(text => (text[..text.IndexOf('=')], text[(text.IndexOf('=') + 1)..]))];
}
