using System.Globalization;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>A strip of colour swatches and class names below a picture, in columns of equal width.</summary>
internal static class Legend
{
    /// <param name="picture">The picture; not changed.</param>
    /// <param name="counts">Pixels of each label; those with none are left out.</param>
    /// <param name="options">Names and colours.</param>
    public static RgbImage Below(RgbImage picture, long[] counts, OverlayOptions options)
    {
        if (Strip(picture.Width, picture.Height, counts, options) is not { } strip)
        {
            return picture;
        }

        RgbImage result = new(picture.Width, picture.Height + strip.Height);
        Canvas.Put(result, picture, 0, 0);
        Canvas.Put(result, strip, 0, picture.Height);
        return result;
    }

    /// <summary>The strip alone; null where there is nothing to name.</summary>
    /// <param name="width">The picture's width, and that of the strip.</param>
    /// <param name="height">The picture's height.</param>
    /// <param name="counts">Pixels of each label; those with none are left out.</param>
    /// <param name="options">Names and colours.</param>
    public static RgbImage? Strip(int width, int height, long[] counts, OverlayOptions options)
    {
        int[] labels = [.. Enumerable.Range(0, counts.Length).Where(label => counts[label] > 0 && label != options.IgnoreIndex)];
        if (labels.Length == 0)
        {
            return null;
        }

        string[] names = [.. labels.Select(label => NameOf(label, options.ClassNames))];
        int scale = Canvas.ScaleFor(width, height, Canvas.TextStep);
        int line = BitmapFont.LineHeight * scale;
        int gap = line / 2;
        int swatch = 2 * line;
        int widest = swatch + gap + names.Max(name => BitmapFont.Measure(name, scale)) + (3 * gap);
        int columns = Math.Clamp((width - gap) / widest, 1, names.Length);
        int rows = (names.Length + columns - 1) / columns;
        int cell = Math.Min(widest, (width - (2 * gap)) / columns);

        var result = new RgbImage(width, (rows * (line + gap)) + gap);
        Canvas.Fill(result, 0, 0, result.Width, result.Height, Canvas.Paper);
        for (int i = 0; i < names.Length; i++)
        {
            // Down the columns, so that neighbouring classes stand below each other.
            int x = gap + (i / rows * cell);
            int y = gap + (i % rows * (line + gap));
            Canvas.Fill(result, x, y - scale, swatch, line, options.Palette[labels[i]]);
            BitmapFont.Draw(result, x + swatch + gap, y, BitmapFont.Fit(names[i], cell - swatch - (2 * gap), scale), scale, Canvas.Ink);
        }

        return result;
    }

    private static string NameOf(int label, IReadOnlyList<string>? names)
        => names is not null && label < names.Count ? names[label] : label.ToString(CultureInfo.InvariantCulture);
}
