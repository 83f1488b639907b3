namespace Microsoft.ML.Binary.Imaging;

/// <summary>An image file and the mask file that belongs to it.</summary>
/// <param name="Name">Their common file name without extension.</param>
/// <param name="ImagePath">The image file.</param>
/// <param name="MaskPath">The mask file.</param>
public sealed record ImagePair(string Name, string ImagePath, string MaskPath);

/// <summary>
/// Finds the images of a folder, and their masks in another by the same base name: <c>images/0001.jpg</c> belongs to
/// <c>masks/0001.png</c>. Subfolders, hidden files and files with other extensions are left out; extensions ignore case, base names do
/// not. Results are in ordinal order of the base names, the same on every machine.
/// </summary>
public static class ImageFolder
{
    /// <summary>Extensions of files taken as images. Which of them can be decoded depends on what decodes them.</summary>
    public static IReadOnlyList<string> ImageExtensions { get; } =
        [".png", ".ppm", ".pgm", ".pnm", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".tiff"];

    /// <summary>Extensions of files taken as masks: the lossless formats that <see cref="MaskReader"/> reads.</summary>
    public static IReadOnlyList<string> MaskExtensions { get; } = [".png", ".pgm", ".bmp", ".tif", ".tiff"];

    /// <summary>The image files of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>At least one path.</returns>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidDataException">It has no image, or two images of the same base name.</exception>
    public static IReadOnlyList<string> ListImages(string folder)
        => [.. Files(folder, "image", ImageExtensions).Values];

    /// <summary>The images of a folder, each with its mask. Masks without an image are left out.</summary>
    /// <param name="imageFolder">Folder of the images.</param>
    /// <param name="maskFolder">Folder of the masks.</param>
    /// <returns>At least one pair.</returns>
    /// <exception cref="DirectoryNotFoundException">One of the folders does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// A folder has no such files or two of the same base name, or an image has no mask; the message names the file.
    /// </exception>
    public static IReadOnlyList<ImagePair> Pair(string imageFolder, string maskFolder)
    {
        SortedDictionary<string, string> images = Files(imageFolder, "image", ImageExtensions);
        SortedDictionary<string, string> masks = Files(maskFolder, "mask", MaskExtensions);
        var pairs = new List<ImagePair>(images.Count);
        foreach ((string name, string imagePath) in images)
        {
            pairs.Add(masks.TryGetValue(name, out string? maskPath)
                ? new ImagePair(name, imagePath, maskPath)
                : throw new InvalidDataException(
                    $"{imagePath}: the image has no mask: {Path.Combine(maskFolder, name + MaskExtensions[0])} "
                    + $"(or {string.Join(", ", MaskExtensions.Skip(1))}) does not exist."));
        }

        return pairs;
    }

    /// <summary>The files of a folder by base name, in ordinal order.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="what">What messages call the files: <c>image</c>, <c>mask</c>, <c>prediction</c>.</param>
    /// <param name="extensions">Extensions that count, with their dot; case is ignored.</param>
    /// <returns>At least one path.</returns>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidDataException">It has no such file, or two of the same base name.</exception>
    public static SortedDictionary<string, string> Files(string folder, string what, IReadOnlyList<string> extensions)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"{folder}: the {what} folder does not exist.");
        }

        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            if (name is [] or ['.', ..] || !extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            if (!files.TryAdd(name, path))
            {
                throw new InvalidDataException(
                    $"{path}: a second {what} named '{name}' beside {Path.GetFileName(files[name])}; base names must be unique.");
            }
        }

        return files.Count > 0
            ? files
            : throw new InvalidDataException($"{folder}: the {what} folder has no file with one of the extensions {string.Join(", ", extensions)}.");
    }
}
