using System.Globalization;

namespace Microsoft.ML.Binary.Fuzz;

/// <summary>A command and its options, <c>--name value</c> each.</summary>
internal sealed class Arguments
{
    // Each line names the options that its command takes: what stands here is what Parse goes by.
    private const string Commands = """
        parsers   --count N --seed S --threads T --targets a,b --corpus DIR   damaged and forged files of every format
        graphs    --count N --seed S --threads T    random networks, every kernel path against the interpreter
        layers    --count N --seed S --threads T    random convolutions of mixed widths and activations of 1 or 2 bits, likewise
        kills     --count N --seed S                 trainings killed at any moment, and resumed
        full-disk                                    trainings on disks too small for them (Linux, root)
        soak      --minutes M --seed S --picture FILE.svg   concurrent predictions of many sizes
        mutants   --repository DIR --only TEXT       faults put into the code, which the tests must find
        """;

    private readonly Dictionary<string, string> _options = [];

    public string Command { get; private init; } = "";

    /// <returns>Null where there is no such command, or a word is none of its options, or an option has no value.</returns>
    public static Arguments? Parse(string[] args)
    {
        string[][] commands = [.. Commands.Split('\n').Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))];
        if (args.Length % 2 == 0 || commands.FirstOrDefault(words => words[0] == args[0]) is not { } known)
        {
            return null;
        }

        Arguments parsed = new() { Command = args[0] };
        for (int i = 1; i < args.Length; i += 2)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || !known.Contains(args[i]))
            {
                return null;
            }

            parsed._options[args[i][2..]] = args[i + 1];
        }

        return parsed;
    }

    public long Long(string name, long otherwise) => _options.TryGetValue(name, out string? value) ? long.Parse(value, CultureInfo.InvariantCulture) : otherwise;

    public string? Text(string name, string? otherwise) => _options.GetValueOrDefault(name) ?? otherwise;

    public static int Usage(TextWriter error)
    {
        error.WriteLine(Commands);
        return 2;
    }
}
