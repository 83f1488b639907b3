using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>Which regions of a segmentation are counted.</summary>
internal sealed class RegionOptions
{
    private readonly Option<string> _class = CommandOption.Text(
        "--count", "CLASS", "Count the connected regions (8 neighbours) of a class, by name or index, and compare them with those of the masks: F1 at an overlap above 0.5.");

    private readonly Option<string> _contour = CommandOption.Text(
        "--contour", "CLASS", "With --count: the class of the contour, into which each region grows before it is compared; predicted regions are taken apart at necks before.");

    private readonly Option<bool> _whole = new("--keep-necks") { Description = "With --contour: leave predicted regions whole where they are narrow." };

    private readonly Option<int?> _minArea = CommandOption.Number("--min-area", "PIXELS", "With --count: leave smaller predicted regions out. [default: 1]", 1);

    public IReadOnlyList<Option> All => [_class, _contour, _minArea, _whole];

    public void AddTo(System.CommandLine.Command command)
    {
        foreach (Option option in All)
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            CommandOption.RefuseWithout(result, _class, _contour, _minArea);
            CommandOption.RefuseWithout(result, _contour, _whole);
        });
    }

    /// <summary>What to count of these classes; null for nothing.</summary>
    /// <exception cref="ArgumentException">There is no such class, or the contour is of the class that is counted.</exception>
    public CountedRegions? Of(ParseResult parsed, ImmutableArray<string> classes)
    {
        if (parsed.GetValue(_class) is not { } name)
        {
            return null;
        }

        if (classes.IsEmpty)
        {
            throw new ArgumentException("--count belongs to segmentation; saliency has no classes.");
        }

        byte label = Index("--count", name, classes);
        byte? contour = parsed.GetValue(_contour) is { } other ? Index("--contour", other, classes) : null;
        return contour == label
            ? throw new ArgumentException($"--count and --contour are both '{classes[label]}'; the contour is a class of its own. Leave --contour out where there is none.")
            : new(name, label, contour, parsed.GetValue(_minArea) ?? 1, parsed.GetValue(_whole));
    }

    private static byte Index(string option, string name, ImmutableArray<string> classes)
    {
        int index = classes.IndexOf(name);
        bool isIndex = index < 0 && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index < classes.Length;
        return index >= 0 && (isIndex || classes.Contains(name))
            ? (byte)index
            : throw new ArgumentException($"{option} is '{name}'; it must be a class or its index: {string.Join(", ", classes)}.");
    }
}

/// <summary>Regions to count.</summary>
/// <param name="Name">What the class was called.</param>
/// <param name="Label">The class.</param>
/// <param name="Contour">The class of the contour, if there is one.</param>
/// <param name="MinArea">Smallest predicted region.</param>
/// <param name="KeepsNecks">Whether predicted regions with a contour stay whole where they are narrow. Those of masks always do: their contours have no gaps.</param>
internal sealed record CountedRegions(string Name, byte Label, byte? Contour, int MinArea, bool KeepsNecks)
{
    /// <summary>Compares the regions of a prediction with those of a mask.</summary>
    public RegionMetricsAccumulator Compare(Predictions.PredictedImage image)
    {
        RegionMetricsAccumulator counts = new();
        counts.Add(Find(image.Truth, minArea: 1, splitAtNecks: false), Find(image.Prediction, MinArea, !KeepsNecks));
        return counts;

        MaskRegions Find(byte[] labels, int minArea, bool splitAtNecks)
        {
            Imaging.SegmentationMask mask = new(image.Width, image.Height, labels);
            return Contour is { } contour ? MaskRegions.Find(mask, Label, contour, minArea: minArea, splitAtNecks: splitAtNecks) : MaskRegions.Find(mask, Label, minArea: minArea);
        }
    }
}
