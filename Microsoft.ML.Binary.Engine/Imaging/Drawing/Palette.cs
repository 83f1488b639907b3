using System.Collections;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>Colours by class index, and one for pixels that are ignored. Does not change.</summary>
/// <example>
/// <code>
/// Palette palette = Palette.Parse("#8ECAE6, #8D7B74, #1D5FA8");
/// Console.WriteLine($"class 2 is {palette[2]}, ignored pixels {palette.ColorOf(255)}");
/// </code>
/// </example>
public sealed class Palette : IReadOnlyList<RgbColor>
{
    /// <summary>Most colours a palette can have: one for every value of a label.</summary>
    public const int MaxCount = 256;

    private readonly RgbColor[] _colors;

    /// <summary>Makes a palette.</summary>
    /// <param name="colors">The colour of class 0, class 1, ...; 1 to <see cref="MaxCount"/>.</param>
    /// <param name="ignoreColor">The colour of ignored pixels; black when left out.</param>
    /// <exception cref="ArgumentException">There are no colours, or too many.</exception>
    public Palette(IEnumerable<RgbColor> colors, RgbColor ignoreColor = default)
    {
        ArgumentNullException.ThrowIfNull(colors);
        _colors = [.. colors];
        if (_colors.Length is 0 or > MaxCount)
        {
            throw new ArgumentException($"{_colors.Length} colours; a palette has 1 to {MaxCount}.", nameof(colors));
        }

        IgnoreColor = ignoreColor;
    }

    /// <summary>
    /// The built-in palette of <see cref="MaxCount"/> colours: a neutral slate for class 0, which is often the background, then colours
    /// chosen to differ as much as possible from all before them.
    /// </summary>
    public static Palette Default { get; } = new(DistinctColors.Take(MaxCount));

    /// <summary>The colour of ignored pixels.</summary>
    public RgbColor IgnoreColor { get; }

    /// <summary>Number of classes that have a colour.</summary>
    public int Count => _colors.Length;

    /// <summary>The colour of a class.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The palette has no colour for it.</exception>
    public RgbColor this[int index] => (uint)index < (uint)_colors.Length
        ? _colors[index]
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"The palette has colours for the classes 0 to {_colors.Length - 1}.");

    /// <summary>Reads colours as <c>#RRGGBB</c>, separated by commas or white space.</summary>
    /// <param name="text">The colours, for example <c>#707A8C, #F2A33A</c>.</param>
    /// <param name="ignoreColor">The colour of ignored pixels; black when left out.</param>
    /// <exception cref="FormatException">A part of the text is not a colour, or their number is not 1 to 256.</exception>
    public static Palette Parse(string text, RgbColor ignoreColor = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        RgbColor[] colors = [.. text.Split([',', ' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(RgbColor.Parse)];
        return colors.Length is > 0 and <= MaxCount
            ? new Palette(colors, ignoreColor)
            : throw new FormatException($"The text has {colors.Length} colours; a palette has 1 to {MaxCount}, written as #RRGGBB.");
    }

    /// <summary>The colours that a network has for its classes (<c>DenseNetwork.Palette</c>); the built-in ones where it has none.</summary>
    /// <param name="colors">The colour of class 0, class 1, ... as <c>#RRGGBB</c>.</param>
    /// <exception cref="FormatException">One is not a colour, or there are more than <see cref="MaxCount"/>.</exception>
    /// <example><code>Overlay.Segmentation(image, mask, new() { Palette = Palette.Of(network.Palette) }).SavePng("overlay.png");</code></example>
    public static Palette Of(IReadOnlyCollection<string> colors)
    {
        ArgumentNullException.ThrowIfNull(colors);
        return colors.Count == 0 ? Default : Parse(string.Join(',', colors));
    }

    /// <summary>The colour of a label: of its class, or the ignore colour where it is the ignore index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The label is another one, and the palette has no colour for it.</exception>
    public RgbColor ColorOf(byte label, byte ignoreIndex = SegmentationMask.DefaultIgnoreIndex)
        => label == ignoreIndex ? IgnoreColor : this[label];

    /// <inheritdoc/>
    public IEnumerator<RgbColor> GetEnumerator() => ((IEnumerable<RgbColor>)_colors).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The colours of the classes as <see cref="Parse"/> reads them.</summary>
    public override string ToString() => string.Join(",", _colors);
}
