namespace Microsoft.ML.Binary.Imaging;

/// <summary>One way in which names of masks may follow from those of images, tried on the files of two folders, or of one.</summary>
internal sealed class MaskPattern
{
    private MaskPattern(string imageSuffix, string maskSuffix, List<ImagePair> pairs, List<NamedFile> withoutMask, List<NamedFile> unused) =>
        (ImageSuffix, MaskSuffix, Pairs, WithoutMask, UnusedMasks) = (imageSuffix, maskSuffix, pairs, withoutMask, unused);

    public string ImageSuffix { get; }

    public string MaskSuffix { get; }

    public IReadOnlyList<ImagePair> Pairs { get; }

    public IReadOnlyList<NamedFile> WithoutMask { get; }

    public IReadOnlyList<NamedFile> UnusedMasks { get; }

    /// <summary>Whether every image has its mask.</summary>
    public bool IsComplete => Pairs.Count > 0 && WithoutMask.Count == 0;

    /// <summary>Pairs files by name.</summary>
    /// <param name="images">The image files; of one folder, also its masks.</param>
    /// <param name="masks">The mask files; of one folder, also its images.</param>
    /// <param name="imageSuffix">What names of images have that those of masks have not.</param>
    /// <param name="maskSuffix">What names of masks have that those of images have not.</param>
    /// <param name="together">Whether both are in one folder.</param>
    /// <exception cref="InvalidDataException">Two images or two masks have one name; the message names them.</exception>
    public static MaskPattern Try(
        IReadOnlyList<NamedFile> images, IReadOnlyList<NamedFile> masks, string imageSuffix, string maskSuffix, bool together)
    {
        if (together)
        {
            HashSet<NamedFile> pictures = [.. images.Where(IsImage)];
            (images, masks) = ([.. pictures], [.. masks.Where(file => !pictures.Contains(file))]);
        }

        NameMatch.CheckUnique(images, FolderRole.Image.Name);
        NamedFile?[] found = NameMatch.Find(
            images, masks.Where(mask => EndsWith(mask, maskSuffix)), image => Stem(image, imageSuffix), mask => Stem(mask, maskSuffix), FolderRole.Mask.Name);
        HashSet<NamedFile> used = [.. found.OfType<NamedFile>()];
        return new(
            imageSuffix, maskSuffix,
            [.. images.Zip(found).Where(pair => pair.Second is not null).Select(pair => new ImagePair(pair.First.Name, pair.First.Path, pair.Second!.Path))],
            [.. images.Where((_, i) => found[i] is null)],
            [.. masks.Where(mask => !used.Contains(mask))]);

        bool IsImage(NamedFile file) =>
            maskSuffix.Length > 0 ? !(EndsWith(file, maskSuffix) && FolderRole.Mask.Takes(file.Path))
            : imageSuffix.Length > 0 ? EndsWith(file, imageSuffix)
            : FolderRole.IsLossy(file.Path);
    }

    public static bool EndsWith(NamedFile file, string suffix) =>
        suffix.Length == 0 || (file.Name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) && Path.GetFileName(file.Name).Length > suffix.Length);

    /// <summary>The mask that an image would have to have.</summary>
    public string MaskNameOf(NamedFile image) => Stem(image, ImageSuffix) + MaskSuffix;

    private static string Stem(NamedFile file, string suffix) => EndsWith(file, suffix) ? file.Name[..^suffix.Length] : file.Name;
}
