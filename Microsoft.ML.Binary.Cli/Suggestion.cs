using System.CommandLine;
using System.CommandLine.Parsing;

namespace Microsoft.ML.Binary.Cli;

/// <summary>What was probably meant by something that a command does not know.</summary>
internal static class Suggestion
{
    /// <summary>A sentence with a blank in front of it; empty where there is nothing to suggest.</summary>
    public static string Of(string unknown, ParseResult parsed)
    {
        System.CommandLine.Command command = parsed.CommandResult.Command;
        if (For(unknown, command) is { } meant)
        {
            return $" Did you mean '{meant}'?";
        }

        // What a shell makes of *.png.
        string? name = parsed.Tokens.TakeWhile(token => token.Value != unknown).LastOrDefault(token => token.Type == TokenType.Option)?.Value;
        return name is null || !File.Exists(unknown) ? ""
            : command.Options.Any(option => option.Name == name && option.Arity.MaximumNumberOfValues > 1) ? $" {name} takes one file: give {name} again for each."
            : $" {name} takes one file or folder: name the folder{(command.Options.Any(option => option.Name == "--manifest") ? ", or list the files in a file (--manifest)" : "")}.";
    }

    /// <summary>The most similar name of what may stand in a command; null if none is similar.</summary>
    public static string? For(string misspelt, System.CommandLine.Command command)
    {
        IEnumerable<string> names = misspelt.StartsWith('-')
            ? command.Options.Concat(command.Parents.OfType<System.CommandLine.Command>().SelectMany(parent => parent.Options.Where(option => option.Recursive))).SelectMany(option => option.Aliases.Append(option.Name))
            : command.Subcommands.Select(sub => sub.Name);
        (string? name, int distance) = names.Select(name => (name, Distance(misspelt, name))).OrderBy(entry => entry.Item2).ThenBy(entry => entry.name, StringComparer.Ordinal).FirstOrDefault();
        // A third of the letters may be wrong.
        return name is not null && distance <= Math.Max(1, misspelt.TrimStart('-').Length / 3) ? name : null;
    }

    /// <summary>How many letters must be put in, left out, changed or swapped with the next one (optimal string alignment).</summary>
    internal static int Distance(string first, string second)
    {
        int[,] cost = new int[first.Length + 1, second.Length + 1];
        for (int i = 0; i <= first.Length; i++)
        {
            for (int j = 0; j <= second.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                int change = char.ToLowerInvariant(first[i - 1]) == char.ToLowerInvariant(second[j - 1]) ? 0 : 1;
                cost[i, j] = Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && first[i - 1] == second[j - 2] && first[i - 2] == second[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[first.Length, second.Length];
    }
}
