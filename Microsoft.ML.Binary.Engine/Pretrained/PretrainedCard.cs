using System.Collections.Immutable;
using System.Globalization;

namespace Microsoft.ML.Binary;

/// <summary>A figure that a pretrained network reaches.</summary>
/// <param name="Data">What it was measured on.</param>
/// <param name="Measure">What was measured, for example <c>mean IoU</c>.</param>
/// <param name="Value">The figure.</param>
/// <example>
/// <code>
/// foreach (PretrainedFigure figure in PretrainedNetworks.Card(PretrainedModel.Nuclei).Figures)
/// {
///     Console.WriteLine($"{figure.Measure} {figure.Value} on {figure.Data}");
/// }
/// </code>
/// </example>
public sealed record PretrainedFigure(string Data, string Measure, double Value);

/// <summary>
/// What is to be known before a pretrained network is used: the model card, as in Mitchell et al., Model Cards for Model Reporting
/// (arXiv 1810.03993). It is the page of <c>docs/models</c> on the network, which lies inside the package with it.
/// </summary>
/// <example>
/// <code>
/// PretrainedCard card = PretrainedNetworks.Card(PretrainedModel.Nuclei);
/// Console.WriteLine($"{card.Summary}\n{card.Terms}\n{card.Limits}");
/// </code>
/// </example>
public sealed record PretrainedCard
{
    private const string SectionStart = "## ";

    private PretrainedCard()
    {
    }

    /// <summary>The network.</summary>
    public required PretrainedModel Model { get; init; }

    /// <summary>What it does, in a sentence or two.</summary>
    public required string Summary { get; init; }

    /// <summary>What it reaches, on what data.</summary>
    public required ImmutableArray<PretrainedFigure> Figures { get; init; }

    /// <summary>What it was trained on, and what was kept back to measure it.</summary>
    public required string Data { get; init; }

    /// <summary>On what terms it may be used: those of the data. Networks that are fine-tuned from it carry them too.</summary>
    public required string Terms { get; init; }

    /// <summary>How it was made: the commands, with seed and steps.</summary>
    public required string Training { get; init; }

    /// <summary>What it is meant for.</summary>
    public required string IntendedUse { get; init; }

    /// <summary>What it cannot do, or was not tested for.</summary>
    public required string Limits { get; init; }

    /// <summary>The whole card, Markdown.</summary>
    public required string Text { get; init; }

    /// <summary>The whole card.</summary>
    public override string ToString() => Text;

    /// <summary>Reads a card: a title, the summary, then sections with the names of the properties above.</summary>
    /// <exception cref="InvalidDataException">A section is missing, or a row of the figures is not one.</exception>
    internal static PretrainedCard Parse(PretrainedModel model, string text)
    {
        text = text.ReplaceLineEndings("\n").TrimEnd('\n');
        string[] parts = $"\n{text}".Split("\n" + SectionStart);
        Dictionary<string, string> sections = parts[1..].ToDictionary(Heading, Body);
        return new()
        {
            Model = model,
            Text = text,
            Summary = Body(parts[0].TrimStart('\n')),
            Figures = [.. Section("Figures").Split('\n').Where(line => line.StartsWith('|')).Skip(2).Select(Figure)],
            Data = Section("Data"),
            Terms = Section("Terms"),
            Training = Section("Training"),
            IntendedUse = Section("Intended use"),
            Limits = Section("Limits"),
        };

        string Section(string name) => sections.TryGetValue(name, out string? body)
            ? body
            : throw new InvalidDataException($"The card of {model} has no section '{name}'.");

        PretrainedFigure Figure(string row) =>
            row.Trim('|').Split('|', StringSplitOptions.TrimEntries) is [var data, var measure, var value]
            && double.TryParse(value.Trim('*'), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                ? new(data, measure, number)
                : throw new InvalidDataException($"The card of {model} has the row '{row}' in its figures; it must be data, measure and a number.");
    }

    private static string Heading(string section) => section.Split('\n')[0].Trim();

    private static string Body(string section) => section.Contains('\n') ? section[section.IndexOf('\n')..].Trim('\n', ' ') : "";
}
