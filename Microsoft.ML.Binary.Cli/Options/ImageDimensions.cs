using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>The size of an image, written <c>WIDTHxHEIGHT</c>.</summary>
internal readonly record struct ImageDimensions(int Width, int Height)
{
    public const int Largest = 16384;

    /// <summary>The size that costs are counted for where none is asked for.</summary>
    public static readonly ImageDimensions Usual = new(480, 360);

    public static bool TryParse(string text, [NotNullWhen(true)] out ImageDimensions? size)
    {
        string[] parts = text.Split('x', 'X');
        bool valid = TrySide(parts[0], out int width) & TrySide(parts[^1], out int height) & parts.Length == 2;
        size = valid ? new(width, height) : null;
        return valid;
    }

    public override string ToString() => $"{Width}x{Height}";

    private static bool TrySide(string text, out int side) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out side) && side is >= 1 and <= Largest;
}
