using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>An image file and the mask file that belongs to it.</summary>
/// <param name="Name">The image's file name without extension, after those of the subfolders it is in: <c>city/a</c>.</param>
/// <param name="ImagePath">The image file.</param>
/// <param name="MaskPath">The mask file.</param>
/// <example>
/// <code>
/// ImagePair[] pairs = [.. ImageFolder.Pair("images", "masks")];
/// IDataView validation = ml.Data.LoadImagePairs(pairs.Take(10));
/// </code>
/// </example>
public sealed record ImagePair(string Name, string ImagePath, string MaskPath);

/// <summary>
/// Finds the images of a folder, and their masks in another (or the same) by name: <c>images/0001.jpg</c> belongs to
/// <c>masks/0001.png</c> or, where all masks are named so, to <c>masks/0001_mask.png</c>.
/// </summary>
/// <remarks>
/// Names are matched exactly; what is left, by how it looks (é as one character or as two, then A as a), where that leaves no choice.
/// Hidden files, other extensions, pipes and devices are left out, subfolders too unless asked for; extensions ignore case. Results are in
/// ordinal order of the names, the same on every machine. No file is opened.
/// </remarks>
public static class ImageFolder
{
    /// <summary>Extensions of files taken as images. Which of them can be decoded depends on what decodes them.</summary>
    public static IReadOnlyList<string> ImageExtensions { get; } =
        [".png", ".ppm", ".pgm", ".pnm", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".tiff"];

    /// <summary>Extensions of files taken as masks: the lossless formats that <see cref="MaskReader"/> reads.</summary>
    public static IReadOnlyList<string> MaskExtensions { get; } = [".png", ".pgm", ".bmp", ".tif", ".tiff"];

    /// <summary>Suffixes of masks that are recognised by themselves, in any case.</summary>
    public static IReadOnlyList<string> MaskSuffixes { get; } =
    [
        "_mask", "_masks", "_gt", "_label", "_labels", "_seg", "_segmentation", "_L", "_matte", "_annotation", "_annotations", "_groundtruth",
        "_gtFine_labelIds", "_gtFine_labelTrainIds", "_gtCoarse_labelIds", "_gtCoarse_labelTrainIds", "_labelIds", "_labelTrainIds",
        "-mask", "-gt", "-label", "-seg", ".mask", " mask",
    ];

    /// <summary>Suffixes of images that are recognised by themselves, in any case.</summary>
    public static IReadOnlyList<string> ImageSuffixes { get; } = ["_leftImg8bit", "_sat", "_image", "_img", "_im", "_rgb", "-image", "-img"];

    /// <summary>The image files of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">Whether subfolders are read too, and who is told what was left out; null for the defaults.</param>
    /// <returns>At least one path.</returns>
    /// <exception cref="IOException">The folder does not exist or cannot be listed.</exception>
    /// <exception cref="InvalidDataException">It has no image, or two images of the same base name; the message says what it has.</exception>
    public static IReadOnlyList<string> ListImages(string folder, ImageFolderOptions? options = null) =>
        [.. NamedImages(folder, options).Select(image => image.Path)];

    /// <summary>The images of a folder, each with its mask. Masks without an image are left out.</summary>
    /// <param name="imageFolder">Folder of the images.</param>
    /// <param name="maskFolder">Folder of the masks; may be the same. Where one lies in the other, it does not count as its subfolder.</param>
    /// <param name="options">How names belong together, where that cannot be found out; null for the defaults.</param>
    /// <returns>At least one pair.</returns>
    /// <exception cref="IOException">One of the folders does not exist or cannot be listed.</exception>
    /// <exception cref="InvalidDataException">
    /// A folder has no such files or two of the same base name, an image has no mask, or masks can be chosen in several ways; the message names
    /// the file and says what would be right.
    /// </exception>
    /// <example>
    /// <code>
    /// IReadOnlyList&lt;ImagePair&gt; pairs = ImageFolder.Pair("leftImg8bit/train", "gtFine/train", new()
    /// {
    ///     Recursive = true, MaskSuffix = "_gtFine_labelIds", Report = Console.WriteLine,
    /// });
    /// </code>
    /// </example>
    public static IReadOnlyList<ImagePair> Pair(string imageFolder, string maskFolder, ImageFolderOptions? options = null)
    {
        options ??= new();
        ArgumentException.ThrowIfNullOrEmpty(imageFolder);
        ArgumentException.ThrowIfNullOrEmpty(maskFolder);
        bool together = RealPath.AreSame(imageFolder, maskFolder);
        FolderListing images = FolderListing.Of(imageFolder, FolderRole.Image, options.Recursive, [maskFolder, .. Excluded(options)]);
        FolderListing masks = FolderListing.Of(maskFolder, FolderRole.Mask, options.Recursive, [imageFolder, .. Excluded(options)]);
        MaskPattern pattern = Best([.. Patterns(images.Files, masks.Files, options).Select(
            suffixes => MaskPattern.Try(images.Files, masks.Files, suffixes.Image, suffixes.Mask, together))], maskFolder, together);
        if (!pattern.IsComplete)
        {
            throw NoMask(pattern, masks, together);
        }

        Report(options, images, masks, pattern, together);
        return pattern.Pairs;
    }

    /// <summary>The image files of a folder by name.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">Whether subfolders are read too, and who is told what was left out; null for the defaults.</param>
    /// <returns>At least one file, in ordinal order of the names, which differ.</returns>
    /// <exception cref="IOException">The folder does not exist or cannot be listed.</exception>
    /// <exception cref="InvalidDataException">It has no image, or two images of the same base name; the message says what it has.</exception>
    public static IReadOnlyList<NamedFile> NamedImages(string folder, ImageFolderOptions? options = null) => Named(folder, FolderRole.Image, options ?? new());

    /// <summary>The mask files of a folder by name, without images. What the names end in is left as it is.</summary>
    /// <inheritdoc cref="NamedImages"/>
    public static IReadOnlyList<NamedFile> NamedMasks(string folder, ImageFolderOptions? options = null) => Named(folder, FolderRole.Mask, options ?? new());

    /// <summary>Finds predictions that a tool wrote for masks, named as the images or as the masks.</summary>
    /// <param name="folder">Folder of the predictions.</param>
    /// <param name="pairs">The masks.</param>
    /// <param name="options">Whether subfolders are read too, and who is told what was left out; null for the defaults.</param>
    /// <returns>A path for each pair.</returns>
    /// <exception cref="IOException">The folder does not exist or cannot be listed.</exception>
    /// <exception cref="InvalidDataException">A mask has no prediction; the message names it.</exception>
    public static IReadOnlyList<string> FindPredictions(string folder, IReadOnlyList<ImagePair> pairs, ImageFolderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        options ??= new();
        IReadOnlyList<NamedFile> predictions = Named(folder, FolderRole.Prediction, options);
        NamedFile[] images = [.. pairs.Select(pair => new NamedFile(pair.Name, pair.MaskPath))];
        NamedFile?[] found = Find(file => file.Name);
        NamedFile?[] byMask = Find(file => file.Name[..^Path.GetFileName(file.Name).Length] + Path.GetFileNameWithoutExtension(file.Path));
        return [.. pairs.Select((pair, i) => (found[i] ?? byMask[i])?.Path ?? throw new InvalidDataException(
            $"{pair.MaskPath}: the mask has no prediction: {Path.Combine(folder, pair.Name + MaskExtensions[0])} (or {string.Join(", ", MaskExtensions.Skip(1))}) does not exist."))];

        NamedFile?[] Find(Func<NamedFile, string> name) => NameMatch.Find(images, predictions, name, file => file.Name, FolderRole.Prediction.Name);
    }

    /// <summary>The files of a folder by name, all different.</summary>
    private static IReadOnlyList<NamedFile> Named(string folder, FolderRole role, ImageFolderOptions options)
    {
        FolderListing listing = FolderListing.Of(folder, role, options.Recursive, Excluded(options));
        NameMatch.CheckUnique(listing.Files, role.Name, (second, first) => FolderRole.Mask.Takes(second.Path) != FolderRole.Mask.Takes(first.Path)
            ? " If one is the mask of the other, move the masks to a folder of their own." : "");
        listing.ReportLeftOut(options.Report);
        return listing.Files;
    }

    private static string[] Excluded(ImageFolderOptions options) => options.ExcludedFolder is { } folder ? [folder, .. options.OtherMaskFolders] : [.. options.OtherMaskFolders];

    /// <summary>The suffixes that are worth a try: what is told, or else none and the known ones that occur.</summary>
    private static IEnumerable<(string Image, string Mask)> Patterns(
        IReadOnlyList<NamedFile> images, IReadOnlyList<NamedFile> masks, ImageFolderOptions options)
    {
        string[] maskSuffixes = options.MaskSuffix is { } mask ? [mask]
            : ["", .. MaskSuffixes.Where(suffix => masks.Any(file => MaskPattern.EndsWith(file, suffix)))];
        string[] imageSuffixes = options.ImageSuffix is { } image ? [image]
            : ["", .. ImageSuffixes.Where(suffix => images.Any(file => MaskPattern.EndsWith(file, suffix)))];
        return imageSuffixes.SelectMany(_ => maskSuffixes, (imageSuffix, maskSuffix) => (imageSuffix, maskSuffix));
    }

    /// <summary>The pattern that fits every image: plain names before suffixes. If none does, the one that fits most, to say what is missing.</summary>
    private static MaskPattern Best(MaskPattern[] patterns, string maskFolder, bool together)
    {
        MaskPattern[] complete = [.. patterns.Where(pattern => pattern.IsComplete)];
        if (complete.Length == 0)
        {
            return patterns.MaxBy(pattern => pattern.Pairs.Count)!;
        }

        // Masks of the images' own names leave no doubt, unless masks and images are told apart by the same rule.
        if (complete[0] is { ImageSuffix: "", MaskSuffix: "" } && !together)
        {
            return complete[0];
        }

        MaskPattern[] different = [.. complete.DistinctBy(pattern => string.Join('\n', pattern.Pairs.Select(pair => $"{pair.ImagePath}\t{pair.MaskPath}")))];
        return different.Length == 1
            ? different[0]
            : throw new InvalidDataException(
                $"{maskFolder}: masks can be chosen in {different.Length} ways: {string.Join("; ", different.Select(Example))}. Say which are meant, by what their names end in (--mask-suffix; MaskSuffix).");

        static string Example(MaskPattern pattern) =>
            $"{Path.GetFileName(pattern.Pairs[0].MaskPath)} for {Path.GetFileName(pattern.Pairs[0].ImagePath)} (suffix '{pattern.MaskSuffix}')";
    }

    private static InvalidDataException NoMask(MaskPattern pattern, FolderListing masks, bool together)
    {
        if (pattern.WithoutMask.Count == 0)
        {
            return new(
                $"{masks.Folder}: images and masks lie in one folder, and their names do not tell them apart: give masks an ending of their own, as in a_mask.png, and say it "
                + "if it is another (--mask-suffix; MaskSuffix), or move them to a folder of their own.");
        }

        NamedFile image = pattern.WithoutMask[0];
        string mask = Path.Combine(masks.Folder, pattern.MaskNameOf(image));
        string problem = $"{image.Path}: the image has no mask: {mask}{MaskExtensions[0]} (or {string.Join(", ", MaskExtensions.Skip(1))}) does not exist.";
        int total = pattern.Pairs.Count + pattern.WithoutMask.Count;
        string many = pattern.WithoutMask.Count > 1 ? $" So it is with {pattern.WithoutMask.Count} of {Plural.Of(total, "image")}." : "";
        NamedFile? longer = pattern.UnusedMasks.FirstOrDefault(
            file => file.Name.Length > image.Name.Length && file.Name.StartsWith(image.Name, StringComparison.Ordinal) && !char.IsLetterOrDigit(file.Name[image.Name.Length]));
        string advice = masks.RefusedNamesake(pattern.MaskNameOf(image)) is { } refused ? $" {refused}"
            : longer is not null ? $" If {longer.Path} is its mask, say what masks end in: --mask-suffix {longer.Name[image.Name.Length..]} (MaskSuffix)."
            : pattern.Pairs.Count == 0 && pattern.UnusedMasks is [var other, ..] && !together ? $" The masks have other names, {other.Path} for example. Give each the name of its image, to which an ending may be added (--mask-suffix; MaskSuffix)."
            : "";
        return new(problem + many + advice);
    }

    private static void Report(ImageFolderOptions options, FolderListing images, FolderListing masks, MaskPattern pattern, bool together)
    {
        if (options.Report is not { } report)
        {
            return;
        }

        images.ReportLeftOut(report);
        if (!together)
        {
            masks.ReportLeftOut(report);
        }

        if ((options.MaskSuffix is null && pattern.MaskSuffix.Length > 0) || (options.ImageSuffix is null && pattern.ImageSuffix.Length > 0))
        {
            report($"{masks.Folder}: {Path.GetFileName(pattern.Pairs[0].MaskPath)} is taken for the mask of {Path.GetFileName(pattern.Pairs[0].ImagePath)}, and so on.");
        }

        if (pattern.UnusedMasks.Count > 0)
        {
            report($"{masks.Folder}: left out {Plural.Of(pattern.UnusedMasks.Count, "mask")} without an image: "
                + $"{FolderListing.Few([.. pattern.UnusedMasks.Select(mask => Path.GetRelativePath(masks.Folder, mask.Path))])}.");
        }
    }
}
