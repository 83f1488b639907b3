using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>The options that say at which size models look at images, how often, whether in tiles, and how far attention is reduced.</summary>
/// <param name="models">How many models the command takes.</param>
/// <param name="compares">Whether the command takes several reductions of attention, to compare them.</param>
internal sealed class ViewArguments(int models = 1, bool compares = false)
{
    private readonly RepeatedOption<WorkingSize?> _size = new(
        "--working-size", "trained|own|N",
        "The size that images are brought to for the model: the one that it was trained at, each image's own, or N pixels along the longest side. Masks have the image's own size in any case. [default: trained]",
        $"trained, own, or an integer from 1 to {WorkingSize.MaxSide}", ParseSize, models);

    private readonly RepeatedOption<ImmutableArray<double>> _scales = new(
        "--scales", "F,F,...", "Look at each image at several enlargements of that size, for example 0.75,1,1.25, and take the mean. [default: 1]",
        $"1 to {ViewOptions.MaxScales} numbers from 0.1 to 8 with commas between, for example 0.75,1,1.25", ParseScales, models);

    private readonly RepeatedOption<bool> _mirror = new(
        "--mirror", "yes|no", "Also look at each image mirrored, and take the mean; without a value, yes. [default: no]", "yes or no",
        text => (text is "yes" or "no", text == "yes"), models, withoutValue: "yes");

    private readonly RepeatedOption<ImmutableArray<AttentionReduction>> _reduction = new(
        "--attention-reduction", compares ? "trained|auto|N,..." : "trained|auto|N",
        $"How far the keys and values of attention are reduced along each axis: as the model was trained, by the size of the image (at most {AttentionReduction.UsualKeys} keys), or N, 1 for full attention.{(compares ? " Several with commas between are measured in turn." : "")} [default: trained]",
        $"trained, auto, or an integer from 1 to {AttentionReduction.Largest}{(compares ? ", or several with commas between" : "")}",
        text => ParseReductions(text, compares), models);

    private readonly RepeatedOption<ViewTiles?> _tile = new(
        "--tile", "auto|SIDE|SIDE+HALO|no",
        "Look at images as they are, in overlapping tiles, so that memory does not grow with them: tiles of SIDE pixels, of which HALO at each edge are left to the neighbour. [default: no]",
        $"auto, no, a side of 1 to {ViewTiles.MaxSide} pixels, or a side and a halo like 1024+128", ParseTile, models);

    public IEnumerable<Option> All => [_size.Option, _scales.Option, _mirror.Option, _reduction.Option, _tile.Option];

    public void AddTo(System.CommandLine.Command command)
    {
        foreach (Option option in All)
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (Enumerable.Range(0, models).Any(model => AsksForTiles(result, model) && (
                _size.Is(result, model, size => size is not { IsOwn: true }) || _scales.Is(result, model, scales => scales is not [1]) || _mirror.Is(result, model, mirrored => mirrored))))
            {
                result.AddError("--tile looks at images as they are, once: leave it out, or --working-size, --scales and --mirror.");
            }
        });
    }

    /// <summary>Whether a model is to look at images in tiles, by what was given.</summary>
    public bool AsksForTiles(CommandResult result, int model = 0) => _tile.Is(result, model, tiles => tiles is not null);

    /// <summary>The views that were asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="saved">What holds where nothing is asked for.</param>
    /// <param name="model">Of several models, which.</param>
    public ViewOptions Of(ParseResult parsed, ViewOptions saved, int model = 0) => saved with
    {
        // Tiles are of images as they are.
        Size = _size.Of(parsed, model, _tile.Of(parsed, model, null) is null ? saved.Size : WorkingSize.Own),
        Tiles = _tile.Of(parsed, model, saved.Tiles),
        Scales = _scales.Of(parsed, model, saved.Scales),
        Mirrored = _mirror.Of(parsed, model, saved.Mirrored),
        AttentionReduction = _reduction.Of(parsed, model, [saved.AttentionReduction])[0],
    };

    /// <summary>All reductions that are compared, each with the views that were asked for.</summary>
    public IReadOnlyList<ViewOptions> AllOf(ParseResult parsed, ViewOptions saved) =>
        [.. _reduction.Of(parsed, 0, [saved.AttentionReduction]).Select(reduction => Of(parsed, saved) with { AttentionReduction = reduction })];

    /// <summary>A working size: <c>own</c>, or a longest side.</summary>
    public static WorkingSize? ParseWorkingSize(string text) =>
        text == "own" ? WorkingSize.Own
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int side) && side is >= 1 and <= WorkingSize.MaxSide ? WorkingSize.Of(side)
        : null;

    private static (bool, WorkingSize?) ParseSize(string text) => text == "trained" ? (true, null) : (ParseWorkingSize(text) is not null, ParseWorkingSize(text));

    /// <summary>One or several reductions of attention; null if a text is none.</summary>
    public static ImmutableArray<AttentionReduction>? ParseReductions(string text)
    {
        AttentionReduction?[] reductions = [.. text.Split(',').Select(AttentionReduction.Parse)];
        return reductions.All(reduction => reduction is not null) ? [.. reductions.Select(reduction => reduction!.Value)] : null;
    }

    private static (bool, ImmutableArray<AttentionReduction>) ParseReductions(string text, bool several) =>
        ParseReductions(text) is { } reductions && (several || reductions.Length == 1) ? (true, reductions) : (false, []);

    private static (bool, ViewTiles?) ParseTile(string text) => text == "no" ? (true, null) : (ViewTiles.Parse(text) is not null, ViewTiles.Parse(text));

    private static (bool, ImmutableArray<double>) ParseScales(string text)
    {
        List<double> scales = [];
        foreach (string part in text.Split(','))
        {
            if (!double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double scale))
            {
                return (false, default);
            }

            scales.Add(scale);
        }

        ImmutableArray<double> values = [.. scales];
        return (values.Length <= ViewOptions.MaxScales && values.All(ViewOptions.IsScale), values);
    }
}
