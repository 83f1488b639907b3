namespace Microsoft.ML.Binary.Imaging;

/// <summary>How images and their masks lie in folders, where <see cref="ImageFolder"/> cannot know it.</summary>
/// <example>
/// <code>
/// ImageFolderOptions options = new() { Recursive = true, MaskSuffix = "_mask", Report = Console.WriteLine };
/// foreach (ImagePair pair in ImageFolder.Pair("city/images", "city/masks", options))            // city/masks/a_mask.png is the mask of city/images/a.png
/// {
///     Console.WriteLine($"{pair.Name}: {pair.MaskPath}");
/// }
/// </code>
/// </example>
public record ImageFolderOptions
{
    /// <summary>Whether subfolders are read too: the mask of <c>images/city/a.jpg</c> is then <c>masks/city/a.png</c>. Links are followed.</summary>
    public bool Recursive { get; init; }

    /// <summary>
    /// What the name of a mask has after the name of its image: <c>_mask</c> for <c>a_mask.png</c>. Empty for masks named as their images; null
    /// finds out: the same name, or else one of <see cref="ImageFolder.MaskSuffixes"/> that fits every image.
    /// </summary>
    public string? MaskSuffix { get; init; }

    /// <summary>
    /// What the name of an image has that the name of its mask has not: <c>_leftImg8bit</c> for <c>a_leftImg8bit.png</c> and
    /// <c>a_gtFine_labelIds.png</c>. Null finds out, as for <see cref="MaskSuffix"/>.
    /// </summary>
    public string? ImageSuffix { get; init; }

    /// <summary>A subfolder that is not read where <see cref="Recursive"/> is set, that of results for example, below images or masks; null if there is none.</summary>
    public string? ExcludedFolder { get; init; }

    /// <summary>
    /// Folders of masks that are not meant, those of other tasks for example. As the folder of the masks that are meant, they do not count as subfolders
    /// where <see cref="Recursive"/> is set.
    /// </summary>
    public IReadOnlyList<string> OtherMaskFolders
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(OtherMaskFolders));
            field = value;
        }
    } = [];

    /// <summary>Is told, a sentence at a time, what was left out and why, and which pattern was found.</summary>
    public Action<string>? Report { get; init; }
}
