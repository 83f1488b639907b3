using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>Options of <see cref="SegmentationTrainers.BinaryDenseNet(SegmentationTrainerOptions)"/>.</summary>
public sealed record SegmentationTrainerOptions : DenseTrainerOptions
{
    /// <summary>
    /// Number of classes, 2 to 255; may be left out where <see cref="ClassNames"/> or an <see cref="DenseTrainerOptions.InitialNetwork"/> for
    /// segmentation are given.
    /// </summary>
    public int? NumberOfClasses { get; init; }

    /// <summary>
    /// Names of the classes, in the order of their indices. Null takes those of an <see cref="DenseTrainerOptions.InitialNetwork"/> with as
    /// many classes, and else names them "0", "1", ...
    /// </summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Colours of the classes, at least one each; null takes those of the initial network along with its names, or <see cref="Imaging.Palette.Default"/>.</summary>
    public Palette? Palette { get; init; }

    /// <summary>Output column of the trained transformer: class indices.</summary>
    public string PredictedLabelColumnName { get; init; } = ImageDataColumns.PredictedLabel;

    /// <summary>Output column of the trained transformer: class probabilities; null makes none.</summary>
    public string? ScoreColumnName { get; init; }

    private DenseNetwork? KnownClasses => InitialNetwork is { Task: DenseTask.Segmentation } network ? network : null;

    internal SegmentationTransformerOptions ToTransformerOptions() => new()
    {
        ImageColumnName = ImageColumnName,
        PredictedLabelColumnName = PredictedLabelColumnName,
        ScoreColumnName = ScoreColumnName,
        MaskHeightColumnName = MaskHeightColumnName,
        MaskWidthColumnName = MaskWidthColumnName,
        Threads = Threads ?? 0,
    };

    internal ImmutableArray<string> Names()
    {
        int count = NumberOfClasses ?? ClassNames?.Count ?? KnownClasses?.ClassNames.Length ?? throw new ArgumentException(
            $"Say what classes there are: {nameof(NumberOfClasses)}, their number, or {nameof(ClassNames)}, their names.");
        if (count is < 2 or > 255)
        {
            throw new ArgumentException($"There are {count} classes; a segmentation has from 2 to 255.");
        }

        return ClassNames is null && KnownClasses?.ClassNames.Length == count
            ? KnownClasses.ClassNames
            : ClassNames is null
            ? [.. Enumerable.Range(0, count).Select(index => index.ToString(System.Globalization.CultureInfo.InvariantCulture))]
            : ClassNames.Count == count
                ? [.. ClassNames]
                : throw new ArgumentException($"{nameof(NumberOfClasses)} is {count}, and there are {ClassNames.Count} {nameof(ClassNames)}.");
    }

    internal ImmutableArray<string> Colors(int classes)
    {
        if (Palette is null && ClassNames is null && KnownClasses?.Palette.Length == classes)
        {
            return KnownClasses.Palette;
        }

        Palette palette = Palette ?? Palette.Default;
        return palette.Count >= classes
            ? [.. palette.Take(classes).Select(color => color.ToString())]
            : throw new ArgumentException($"The palette has {palette.Count} colours for {classes} classes; it needs at least one each.");
    }
}
