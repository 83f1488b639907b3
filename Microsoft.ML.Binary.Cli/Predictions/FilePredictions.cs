using System.Collections.Immutable;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Reporting;

namespace Microsoft.ML.Binary.Cli.Predictions;

/// <summary>Predictions that any tool wrote: a PNG, TIFF, BMP or PGM for each mask, of the same base name and size, with the same kind of values.</summary>
internal sealed class FilePredictions : IPredictionSource
{
    private readonly string _folder;
    private readonly List<Entry> _entries;
    private readonly ClassList _classes;

    /// <summary>Finds the files.</summary>
    /// <param name="task">What the values mean.</param>
    /// <param name="folder">The predictions.</param>
    /// <param name="masks">The masks; each needs a prediction.</param>
    /// <param name="images">The images, to show them; then only masks that have an image count. Null if there are none.</param>
    /// <param name="classes">What <c>--classes</c> says; null takes the classes that the masks use.</param>
    /// <param name="options">How the files lie in their folders; null for the defaults.</param>
    /// <exception cref="InvalidDataException">A file is missing; the message names it.</exception>
    public FilePredictions(DenseTask task, string folder, string masks, string? images, string? classes, ImageFolderOptions? options = null)
    {
        Task = task;
        _folder = folder;
        ImagePair[] pairs = [.. Labelled(masks, images, options)];
        IReadOnlyList<string> predictions = ImageFolder.FindPredictions(folder, pairs, options);
        _entries = [.. pairs.Zip(predictions, (pair, prediction) => new Entry(pair, prediction, images is not null))];
        _classes = !task.HasClasses ? new([], []) : classes is null ? ClassList.FromMasks(pairs, forTraining: false) : ClassList.Parse(classes);
        Names = [.. _entries.Select(entry => entry.Pair.Name)];
    }

    public DenseTask Task { get; }

    public ImmutableArray<string> ClassNames => _classes.Names;

    public Palette Palette => Palette.Of(_classes.Colors);

    public IEnumerable<ReportFact> Facts => [new("Model", "Predictions", _folder)];

    public IReadOnlyList<string> Names { get; }

    public PredictedImage Predict(int index, bool secondClass = false)
    {
        Entry entry = _entries[index];
        (int width, int height, byte[] truth) = Read(entry.Pair.MaskPath);
        (int predictedWidth, int predictedHeight, byte[] prediction) = Read(entry.PredictionPath);
        return width == predictedWidth && height == predictedHeight
            ? new(width, height, truth, prediction)
            : throw new InvalidDataException(
                $"{entry.PredictionPath}: the prediction is {predictedWidth}x{predictedHeight}, but its mask {entry.Pair.MaskPath} is {width}x{height}; they must be of the same size.");
    }

    public RgbImage? Image(int index) => _entries[index] is { HasImage: true } entry ? RgbImage.Load(entry.Pair.ImagePath) : null;

    private (int Width, int Height, byte[] Values) Read(string path) => CliTask.Of(Task).ReadMask(path, _classes);

    private static IEnumerable<ImagePair> Labelled(string masks, string? images, ImageFolderOptions? options)
    {
        if (images is not null)
        {
            return ImageFolder.Pair(images, masks, options);
        }

        string suffix = options?.MaskSuffix ?? "";
        ILookup<bool, NamedFile> named = ImageFolder.NamedMasks(masks, options).ToLookup(
            mask => suffix.Length == 0 || (Path.GetFileName(mask.Name).Length > suffix.Length && mask.Name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)));
        if (!named.Contains(true))
        {
            throw new InvalidDataException($"{masks}: the name of no mask ends in '{suffix}' (--mask-suffix).");
        }

        if (named[false].ToArray() is [var first, ..] others)
        {
            options!.Report?.Invoke($"{masks}: left out {Plural.Of(others.Length, "mask")} without '{suffix}' at the end of the name, {Path.GetRelativePath(masks, first.Path)} for example.");
        }

        return named[true].Select(mask => new ImagePair(mask.Name[..^suffix.Length], mask.Path, mask.Path));
    }

    private sealed record Entry(ImagePair Pair, string PredictionPath, bool HasImage);
}
