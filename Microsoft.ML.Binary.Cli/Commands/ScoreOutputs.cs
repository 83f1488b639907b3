using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>Where <c>mlbinary score</c> writes, and that it replaces neither an image nor another output.</summary>
internal sealed class ScoreOutputs(string folder, bool withOverlay)
{
    public const string OverlayEnding = ".overlay";

    private const string AnotherFolder = "Give another folder with --out.";

    // Width, height and such take the first bytes of a PNG; depth and kind of colours are the two after them.
    private const int DepthAt = 24, GrayDepth = 8, Gray = 0;

    public string MaskOf(NamedFile image) => Path.Combine(folder, image.Name + ".png");

    public string OverlayOf(NamedFile image) => Path.Combine(folder, image.Name + OverlayEnding + ".png");

    /// <summary>Makes the folder, and looks at everything before the first image is scored.</summary>
    /// <exception cref="IOException">An output would replace what it must not; the message names both.</exception>
    public void Prepare(IReadOnlyList<NamedFile> images)
    {
        if (File.Exists(folder))
        {
            throw new IOException($"{folder}: this is a file. {AnotherFolder}");
        }

        if (!Directory.Exists(folder) && ImageFolder.ImageExtensions.Contains(Path.GetExtension(folder), StringComparer.OrdinalIgnoreCase))
        {
            throw new IOException($"{folder}: --out names the folder of the masks, which have names of their own, and this looks like the name of a file.");
        }

        CheckNames(images);
        HashSet<string> originals = RealPath.Set(images.Select(image => image.Path));
        foreach (NamedFile image in images)
        {
            CheckTarget(image, MaskOf(image), "mask", originals);
            if (withOverlay)
            {
                CheckTarget(image, OverlayOf(image), "overlay", originals);
            }
        }

        bool isNew = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        try
        {
            CheckLookalikes(images);
        }
        catch when (isNew)
        {
            Directory.Delete(folder);
            throw;
        }

        foreach (string subfolder in images.Select(image => Path.GetDirectoryName(MaskOf(image))!).Distinct())
        {
            Directory.CreateDirectory(subfolder);
        }
    }

    private void CheckNames(IReadOnlyList<NamedFile> images)
    {
        HashSet<string> names = [.. images.Select(image => image.Name)];
        foreach (NamedFile image in withOverlay ? images : [])
        {
            if (names.Contains(image.Name + OverlayEnding))
            {
                throw new IOException(
                    $"{image.Path}: its overlay and the mask of the image '{image.Name}{OverlayEnding}' would have the same name. Rename one of the images.");
            }
        }
    }

    private static void CheckTarget(NamedFile image, string target, string what, HashSet<string> originals)
    {
        if (Directory.Exists(target))
        {
            throw new IOException($"{target}: this is a folder, and the {what} of {image.Path} would have its name. {AnotherFolder}");
        }

        if (!File.Exists(target))
        {
            return;
        }

        if (originals.Contains(RealPath.Of(target)) || HaveSameBytes(image.Path, target))
        {
            throw new IOException($"{image.Path}: its {what} would take an image's place: {target} is one, or a link to one. {AnotherFolder}");
        }

        if (what == "mask" && !IsMask(target))
        {
            throw new IOException(
                $"{target}: the mask of {image.Path} would replace this file, which is no mask (8-bit gray PNG) of an earlier run. {AnotherFolder} Or remove the file.");
        }
    }

    // One file may have two real paths: where the disk takes A for a, or a folder is mounted twice.
    private static bool HaveSameBytes(string first, string second) =>
        FileKind.IsRegular(first) && FileKind.IsRegular(second)
        && new FileInfo(first).Length == new FileInfo(second).Length
        && File.ReadAllBytes(first).AsSpan().SequenceEqual(File.ReadAllBytes(second));

    private static bool IsMask(string path)
    {
        if (!FileKind.IsRegular(path))
        {
            return false;
        }

        using FileStream file = File.OpenRead(path);
        byte[] start = new byte[DepthAt + 2];
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length
            && start.AsSpan(1, 3).SequenceEqual("PNG"u8) && start[DepthAt] == GrayDepth && start[DepthAt + 1] == Gray;
    }

    /// <summary>Names that differ only in case or in how accents are written are one name on some disks; whether on this one, a trial tells.</summary>
    private void CheckLookalikes(IReadOnlyList<NamedFile> images)
    {
        foreach (IGrouping<string, NamedFile> group in images.GroupBy(image => LookalikeName.Fold(image.Name, ignoreCase: true)))
        {
            if (group.ToArray() is [var first, var second, ..] && AreOne(first.Name, second.Name))
            {
                throw new IOException(
                    $"{first.Path} and {second.Path}: their masks would have one name, because '{first.Name}' and '{second.Name}' are the same in {folder}. Rename one of the images.");
            }
        }
    }

    private bool AreOne(string first, string second)
    {
        string trial = Path.Combine(folder, $".{Path.GetRandomFileName()}");
        try
        {
            string path = Path.Combine(trial, first);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, []);
            return File.Exists(Path.Combine(trial, second));
        }
        finally
        {
            Directory.Delete(trial, recursive: true);
        }
    }
}
