namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// The colours of <see cref="Palette.Default"/>. The first twenty were picked by eye to stand out on photographs and from each other; the
/// rest follows by farthest-first traversal (Gonzalez 1985): each is the candidate whose nearest earlier colour is farthest away in the
/// perceptual space OKLab (Ottosson 2020).
/// </summary>
internal static class DistinctColors
{
    private const int Levels = 16;

    // Darker ones look like shadow on a photograph, lighter ones like white.
    private const double MinLightness = 0.3;
    private const double MaxLightness = 0.93;

    private static readonly string[] Picked =
    [
        "#707A8C", "#F2A33A", "#3D8BF2", "#E5484D", "#37B36A", "#A45EE5", "#2EC4C6", "#F06CB0", "#F5DC4B", "#8A5A35",
        "#9BD64A", "#1F4E9E", "#FF8A73", "#6B2D73", "#BFD9F2", "#0F6B57", "#C9B18A", "#B0203C", "#C7A6F2", "#7A7A1E",
    ];

    public static IEnumerable<RgbColor> Take(int count)
    {
        List<RgbColor> colors = [.. Picked.Select(RgbColor.Parse)];
        (RgbColor Color, OkLab Lab)[] candidates = [.. Candidates()];
        double[] nearest = [.. candidates.Select(candidate => colors.Min(color => candidate.Lab.SquaredDistance(OkLab.From(color))))];
        while (colors.Count < count)
        {
            int farthest = Array.IndexOf(nearest, nearest.Max());
            colors.Add(candidates[farthest].Color);
            for (int i = 0; i < nearest.Length; i++)
            {
                nearest[i] = Math.Min(nearest[i], candidates[i].Lab.SquaredDistance(candidates[farthest].Lab));
            }
        }

        return colors.Take(count);
    }

    private static IEnumerable<(RgbColor Color, OkLab Lab)> Candidates()
    {
        for (int i = 0; i < Levels * Levels * Levels; i++)
        {
            const int spacing = 255 / (Levels - 1);
            var color = new RgbColor(
                (byte)(i / (Levels * Levels) * spacing), (byte)(i / Levels % Levels * spacing), (byte)(i % Levels * spacing));
            OkLab lab = OkLab.From(color);
            if (lab.L is >= MinLightness and <= MaxLightness)
            {
                yield return (color, lab);
            }
        }
    }
}
