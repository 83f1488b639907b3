using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>Makes options whose values are checked while the command line is read, so that a wrong one is a usage error.</summary>
internal static class CommandOption
{
    /// <summary>A path or other text that is not empty.</summary>
    public static Option<string> Text(string name, string helpName, string description, bool required = false)
    {
        Option<string> option = new(name) { HelpName = helpName, Description = description, Required = required };
        RequireText(option);
        return option;
    }

    /// <summary>The same where it may be given several times.</summary>
    public static Option<string[]> Texts(string name, string helpName, string description)
    {
        Option<string[]> option = new(name) { HelpName = helpName, Description = description, Arity = ArgumentArity.OneOrMore };
        RequireText(option);
        return option;
    }

    /// <summary>Refuses options that would do nothing, as the one that they belong to was not given.</summary>
    public static void RefuseWithout(CommandResult result, Option owner, params IEnumerable<Option> options)
    {
        foreach (Option idle in options.Where(option => result.GetResult(option) is { Implicit: false } && result.GetResult(owner) is null))
        {
            result.AddError($"{idle.Name} belongs to {owner.Name}.");
        }
    }

    /// <summary>The task that was asked for, if it is one without classes; null otherwise.</summary>
    public static DenseTask? WithoutClasses(CommandResult result, Option task) =>
        result.GetResult(task)?.Tokens.Select(token => ParseName<DenseTask>(token.Value)).FirstOrDefault(name => name is { HasClasses: false });

    /// <summary>Refuses an empty value, and completes one that is begun.</summary>
    public static void RequireText(Option option)
    {
        option.CompletionSources.Add(context => PathCompletion.Of(option.HelpName ?? "", context.WordToComplete));
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
            {
                result.AddError($"{option.Name} is empty; it must be {option.HelpName}.");
            }
        });
    }

    /// <summary>The end of a name, which may be empty, but is no path.</summary>
    public static Option<string> Ending(string name, string helpName, string description)
    {
        Option<string> option = new(name) { HelpName = helpName, Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && text.AsSpan().ContainsAny('/', '\\'))
            {
                result.AddError($"{name} is '{text}'; it must be what file names end in, without folder and extension.");
            }
        });
        return option;
    }

    /// <summary>Whether the first file that cannot be used ends a batch.</summary>
    public static Option<bool> FailFast() => new("--fail-fast")
    {
        Description = "End at the first image that cannot be used. [default: go on without it, list it at the end, and exit with 1]",
    };

    /// <summary>Numbers above 0, with commas between them.</summary>
    public static Option<double[]?> Positives(string name, string description) => Parsed<double[]?>(
        name, "A,B,...", description, "numbers above 0 with commas between them, like 0.1,0.3,1",
        text => text.Split(',').Select(part => ParsePositive(part.Trim())).ToArray() is var numbers && !numbers.Contains(null) ? [.. numbers.OfType<double>()] : null);

    /// <summary>Widths in bits, ascending, with commas between them.</summary>
    public static Option<byte[]?> Widths(string name, string description, IEnumerable<byte> possible) => Parsed<byte[]?>(
        name, "P,Q,...", description, $"widths of {string.Join(", ", possible)} bits in ascending order, like {string.Join(',', possible)}",
        text =>
        {
            byte[] widths = [.. text.Split(',').Select(part => byte.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out byte value) ? value : byte.MaxValue)];
            return widths.All(possible.Contains) && widths.SequenceEqual(widths.Distinct().Order()) ? widths : null;
        });

    /// <summary>An integer from <paramref name="lowest"/> to <paramref name="highest"/>.</summary>
    public static Option<int?> Number(string name, string helpName, string description, int lowest, int highest = int.MaxValue) => Parsed<int?>(
        name, helpName, description, highest == int.MaxValue ? $"an integer of at least {lowest}" : $"an integer from {lowest} to {highest}",
        text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= lowest && value <= highest ? value : null);

    /// <summary>A number above 0.</summary>
    public static Option<double?> Positive(string name, string helpName, string description) => Parsed<double?>(
        name, helpName, description, "a number above 0", ParsePositive);

    /// <summary>A number of at least 0.</summary>
    public static Option<double?> NotNegative(string name, string helpName, string description) => Parsed<double?>(
        name, helpName, description, "a number of at least 0",
        text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0 && double.IsFinite(value) ? value : null);

    /// <summary>The size of an image.</summary>
    public static Option<ImageDimensions?> Size(string name, string description, bool required = false)
    {
        Option<ImageDimensions?> option = Parsed<ImageDimensions?>(
            name, "WxH", description, $"a size like 480x360, of at most {ImageDimensions.Largest} a side",
            text => ImageDimensions.TryParse(text, out ImageDimensions? size) ? size : null);
        option.Required = required;
        return option;
    }

    /// <summary>A part of the work.</summary>
    public static Option<Shard?> Shard(string name, string description) => Parsed<Shard?>(
        name, "I/N", description, "a part like 3/16: from 1/N to N/N", Binary.Shard.Parse);

    /// <summary>A working size.</summary>
    public static Option<WorkingSize?> WorkingSize(string name, string description) => Parsed<WorkingSize?>(
        name, "own|N", description, $"own, or a whole number of pixels from 1 to {Graph.WorkingSize.MaxSide}", ViewArguments.ParseWorkingSize);

    /// <summary>An exposure.</summary>
    public static Option<ImageExposure?> Exposure(string name, string description) => Parsed<ImageExposure?>(
        name, "as-is|N", description, $"as-is, or a mean of pixel values from 1 to {ImageExposure.Brightest}",
        text => text == ImageExposure.AsIs.ToString() ? ImageExposure.AsIs
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int mean) && mean is >= 1 and <= ImageExposure.Brightest ? ImageExposure.Of(mean)
            : null);

    /// <summary>A range of enlargements.</summary>
    public static Option<ScaleRange?> Scale(string name, string description) => Parsed<ScaleRange?>(
        name, "LOWEST-HIGHEST", description, string.Create(CultureInfo.InvariantCulture, $"a range like 0.6-1.6, within {ScaleRange.Smallest}-{ScaleRange.Largest}"),
        ScaleRange.Parse);

    /// <summary>Changes of a preset.</summary>
    public static Option<NetworkSettings?> Network(string name, string description) => Parsed(
        name, "NAME=VALUE,...", $"{description} {char.ToUpperInvariant(NetworkSettings.Expected[0])}{NetworkSettings.Expected[1..]}.", NetworkSettings.Expected, NetworkSettings.Parse);

    /// <summary>One of the names of an enumeration, whatever their case.</summary>
    public static Option<T?> Choice<T>(string name, string description)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(value => value.ToLowerInvariant())];
        Option<T?> option = Parsed<T?>(name, string.Join('|', names), description, "one of " + string.Join(", ", names), ParseName<T>);
        option.CompletionSources.Clear();
        option.CompletionSources.Add(names);
        return option;
    }

    /// <summary>The member of that name, whatever the case; numbers, which <see cref="Enum.TryParse{T}(string, out T)"/> takes, are no names.</summary>
    public static T? ParseName<T>(string text)
        where T : struct, Enum
    {
        int index = Array.FindIndex(Enum.GetNames<T>(), name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : Enum.GetValues<T>()[index];
    }

    /// <summary>A value of any kind.</summary>
    /// <param name="name">With its dashes.</param>
    /// <param name="helpName">What stands for its value in the help.</param>
    /// <param name="description">For the help.</param>
    /// <param name="expected">What a value must be.</param>
    /// <param name="parse">Reads a value; null if it is none.</param>
    public static Option<T> Parsed<T>(string name, string helpName, string description, string expected, Func<string, T> parse)
    {
        return new Option<T>(name) { HelpName = helpName, Description = description, CustomParser = Parse };

        T? Parse(ArgumentResult argument)
        {
            string text = argument.Tokens[^1].Value;
            if (parse(text) is { } value)
            {
                return value;
            }

            argument.AddError($"{name} is '{text}'; it must be {expected}.");
            return default;
        }
    }

    private static double? ParsePositive(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > 0 && double.IsFinite(value) ? value : null;
}
