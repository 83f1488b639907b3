using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>An sRGB colour of 8 bits a channel.</summary>
/// <param name="R">Red, 0 to 255.</param>
/// <param name="G">Green, 0 to 255.</param>
/// <param name="B">Blue, 0 to 255.</param>
/// <example>
/// <code>
/// RgbColor orange = RgbColor.Parse("#F0A030");
/// image[0, 0] = orange with { B = 0 };
/// </code>
/// </example>
public readonly record struct RgbColor(byte R, byte G, byte B)
{
    /// <summary>Reads <c>#RRGGBB</c>, hexadecimal digits of either case.</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static RgbColor Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out RgbColor color) ? color : throw new FormatException($"'{text}' is not a colour; write it as #RRGGBB, for example #3D8BF2.");
    }

    /// <summary>Reads <c>#RRGGBB</c>, hexadecimal digits of either case.</summary>
    /// <returns>Whether the text has that form.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out RgbColor color)
    {
        uint rgb = 0;
        bool valid = text is ['#', ..] and { Length: 7 }
            && uint.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out rgb);
        color = new RgbColor((byte)(rgb >> 16), (byte)(rgb >> 8), (byte)rgb);
        return valid;
    }

    /// <summary>The colour as <c>#RRGGBB</c>.</summary>
    public override string ToString() => $"#{R:X2}{G:X2}{B:X2}";
}
