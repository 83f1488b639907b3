using System.CommandLine;
using System.CommandLine.Parsing;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>An option that a command with several models takes once for all of them or once for each.</summary>
internal sealed class RepeatedOption<T>
{
    private readonly Option<string[]> _option;
    private readonly Func<string, (bool IsValid, T Value)> _parse;
    private readonly string? _withoutValue;

    /// <param name="name">With its dashes.</param>
    /// <param name="helpName">What stands for its value in the help.</param>
    /// <param name="description">For the help.</param>
    /// <param name="expected">What a value must be.</param>
    /// <param name="parse">Reads a value.</param>
    /// <param name="models">How many models the command takes.</param>
    /// <param name="withoutValue">What the option means without a value; null if it needs one.</param>
    public RepeatedOption(
        string name, string helpName, string description, string expected, Func<string, (bool IsValid, T Value)> parse, int models, string? withoutValue = null)
    {
        (_parse, _withoutValue) = (parse, withoutValue);
        string times = models == 1 ? "" : " Once for both models, or once for each.";
        _option = new(name)
        {
            HelpName = helpName,
            Description = description + times,
            Arity = withoutValue is null ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore,
            CustomParser = argument =>
            {
                string[] values = argument.Tokens.Count == 0 && withoutValue is not null ? [withoutValue] : [.. argument.Tokens.Select(token => token.Value)];
                int times = Math.Max(values.Length, (argument.Parent as OptionResult)?.IdentifierTokenCount ?? 1);
                if (values.FirstOrDefault(value => !parse(value).IsValid) is { } wrong)
                {
                    argument.AddError($"{name} is '{wrong}'; it must be {expected}.");
                }
                else if (times > 1 && times != models)
                {
                    argument.AddError($"{name} is given {times} times; it must be given once{(models == 1 ? "" : $" for all models, or {models} times")}.");
                }
                else if (times > 1 && times != values.Length)
                {
                    // Of which model a value is cannot be told where another has none.
                    argument.AddError($"{name} is given {times} times, and not each time with a value; give each its own, {helpName}.");
                }

                return values;
            },
        };
    }

    public Option Option => _option;

    /// <summary>Whether a value was given for one of the models that is right, and what else is asked of it.</summary>
    public bool Is(CommandResult result, int model, Func<T, bool> asked) =>
        result.GetResult(_option) is { } given && (given.Tokens.Count == 0 ? _withoutValue : given.Tokens[Math.Min(model, given.Tokens.Count - 1)].Value) is { } text
        && _parse(text) is (true, var value) && asked(value);

    /// <summary>The value for one of the models; what was saved with it where the option is not given.</summary>
    public T Of(ParseResult parsed, int model, T saved) => parsed.GetResult(_option) is null || parsed.GetValue(_option) is not { Length: > 0 } values
        ? saved
        : _parse(values[values.Length == 1 ? 0 : model]).Value;
}
