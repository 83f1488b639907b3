using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary;

/// <summary>Where a batch writes the results of one head, and that they replace neither an image nor another result. Of images only hashes of names are kept.</summary>
/// <param name="head">The head.</param>
/// <param name="root">The folder of the results of all heads.</param>
/// <param name="subfolder">The folder of its results in that; empty where there is one head.</param>
/// <param name="withOverlay">Whether there are overlays too.</param>
/// <param name="stamp">What stands in every file.</param>
/// <param name="resumes">Whether files of this run are kept, and those of others refused.</param>
internal sealed class BatchOutputs(TaskHead head, string root, string subfolder, bool withOverlay, RunStamp stamp, bool resumes)
{
    private const string AnotherName = "Rename the image, or give it a name of its own (NamedFile.Name).";

    private const string AnotherFolder = "Choose another folder for the results (--out; BatchOptions.OutputFolder).";

    public TaskHead Head => head;

    private string Folder => Path.Combine(root, subfolder);

    /// <summary>What tables of results call an image's mask: its path in the folder of all results.</summary>
    public string NameOf(NamedFile image) => $"{(subfolder.Length > 0 ? subfolder + "/" : "")}{image.Name}.png";

    public string MaskOf(NamedFile image) => Path.Combine(Folder, image.Name + ".png");

    public string OverlayOf(NamedFile image) => Path.Combine(Folder, image.Name + BatchOptions.OverlayEnding + ".png");

    /// <summary>Whether all results of an image are there, of this run and whole.</summary>
    public bool Has(NamedFile image)
    {
        // Of a link also its own time: it may have been turned to another image, which is older.
        DateTime link = File.GetLastWriteTimeUtc(image.Path), file = RealPath.FileOf(image.Path).LastWriteTimeUtc, changed = link > file ? link : file;
        return stamp.Made(MaskOf(image), changed) && (!withOverlay || stamp.Made(OverlayOf(image), changed));
    }

    /// <summary>Looks at the name of the folder of all results.</summary>
    /// <exception cref="IOException">It is a file, or looks like the name of one.</exception>
    public static void CheckFolder(string folder)
    {
        CheckNoFile(folder);
        if (!Directory.Exists(folder) && FolderRole.Image.Takes(folder))
        {
            throw new IOException($"{folder}: the results need a folder, as masks have names of their own, and this looks like the name of a file.");
        }
    }

    /// <summary>Makes the folder, and looks at everything before the first image is scored.</summary>
    /// <param name="images">All images, of other shards too.</param>
    /// <param name="shard">Those that are to be scored.</param>
    /// <param name="originals">The real paths of all images.</param>
    /// <returns>How many images are to be scored.</returns>
    /// <exception cref="IOException">An output would replace what it must not; the message names both.</exception>
    public int Prepare(IEnumerable<NamedFile> images, Shard shard, Lazy<NameSet> originals)
    {
        CheckNoFile(Folder);
        CheckNames(images);
        bool isNew = !Directory.Exists(Folder);
        HashSet<string> subfolders = [Folder];
        int count = 0;
        foreach (NamedFile image in shard.Of(images))
        {
            count++;
            if (IsTooLong(image))
            {
                continue;
            }

            subfolders.Add(Path.GetDirectoryName(MaskOf(image))!);
            if (!isNew)
            {
                CheckTarget(image, MaskOf(image), "mask", originals);
                if (withOverlay)
                {
                    CheckTarget(image, OverlayOf(image), "overlay", originals);
                }
            }
        }

        Directory.CreateDirectory(Folder);
        try
        {
            CheckLookalikes(images);
        }
        catch when (isNew && !Directory.EnumerateFileSystemEntries(Folder).Any())
        {
            Directory.Delete(Folder);
            throw;
        }

        foreach (string subfolder in subfolders)
        {
            Directory.CreateDirectory(subfolder);
        }

        return count;
    }

    /// <summary>Looks at how long the names of an image's results are: a fault of the image, and of no other.</summary>
    /// <exception cref="PathTooLongException">One is too long for any file system.</exception>
    public void CheckLength(NamedFile image)
    {
        if (IsTooLong(image))
        {
            throw new PathTooLongException($"{image.Path}: the name of its {(withOverlay ? "overlay" : "mask")} would be {AtomicFile.TooLong}. {AnotherName}");
        }
    }

    private bool IsTooLong(NamedFile image) =>
        ((withOverlay ? OverlayOf(image) : MaskOf(image))[Folder.Length..]).Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Any(AtomicFile.IsTooLong);

    private static void CheckNoFile(string folder)
    {
        if (File.Exists(folder))
        {
            throw new IOException($"{folder}: this is a file. {AnotherFolder}");
        }
    }

    private void CheckNames(IEnumerable<NamedFile> images)
    {
        // Names of a manifest were checked when it was opened, and there may be millions.
        if (images is ImageManifest && !withOverlay)
        {
            return;
        }

        NameSet names = new();
        foreach (NamedFile image in images)
        {
            if (images is not ImageManifest && ResultName.ProblemOf(image.Name, Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar) is { } problem)
            {
                throw new IOException($"{image.Path}: {problem}. {AnotherName}");
            }

            if (names.Add(image.Name) is not null)
            {
                string first = images.First(other => other.Name == image.Name).Path;
                throw new IOException($"{first} and {image.Path}: their masks would have one name, '{SafeText.OneLine(image.Name)}'. {AnotherName}");
            }
        }

        foreach (NamedFile image in withOverlay ? images : [])
        {
            if (names.Contains(image.Name + BatchOptions.OverlayEnding))
            {
                throw new IOException(
                    $"{image.Path}: its overlay and the mask of the image '{image.Name}{BatchOptions.OverlayEnding}' would have the same name. Rename one of the images.");
            }
        }
    }

    private void CheckTarget(NamedFile image, string target, string what, Lazy<NameSet> originals)
    {
        if (Directory.Exists(target))
        {
            throw new IOException($"{target}: this is a folder, and the {what} of {image.Path} would have its name. {AnotherFolder}");
        }

        if (!File.Exists(target))
        {
            return;
        }

        if (originals.Value.Contains(RealPath.Of(target)) || HaveSameBytes(image.Path, target))
        {
            throw new IOException($"{image.Path}: its {what} would take an image's place: {target} is one, or a link to one. {AnotherFolder}");
        }

        // Somebody may have drawn it.
        (RunStamp? other, bool isWhole) = FileKind.IsRegular(target) ? RunStamp.Read(target) : default;
        if (other is null)
        {
            throw new IOException(
                $"{target}: the {what} of {image.Path} would replace this file, which does not say that an earlier run made it. {AnotherFolder} Or remove the file.");
        }

        // One that is not whole is made again, whoever began it.
        if (resumes && isWhole && other != stamp)
        {
            throw new IOException(
                $"{target}: this {what} cannot be gone on from: {stamp.DifferenceOf(other)}. Go on with the same model and options, or choose another folder for the results (--out; BatchOptions.OutputFolder); "
                + "a run that does not resume (--resume; BatchOptions.Resume) makes all masks anew.");
        }
    }

    // One file may have two real paths: where the disk takes A for a, or a folder is mounted twice.
    private static bool HaveSameBytes(string first, string second) =>
        FileKind.IsRegular(first) && FileKind.IsRegular(second)
        && RealPath.FileOf(first).Length == RealPath.FileOf(second).Length
        && File.ReadAllBytes(first).AsSpan().SequenceEqual(File.ReadAllBytes(second));

    /// <summary>Names that differ only in case or in how accents are written are one name on some disks; whether on this one, a trial tells.</summary>
    private void CheckLookalikes(IEnumerable<NamedFile> images)
    {
        // As a rule names need not be looked through.
        if (TellsLookalikesApart())
        {
            return;
        }

        NameSet folded = new();
        HashSet<string> looks = [.. images.Select(image => LookalikeName.Fold(image.Name, ignoreCase: true)).Where(look => folded.Add(look) is not null)];
        if (looks.Count == 0)
        {
            return;
        }

        // Of case and accents the disk may tell one apart, and not the other.
        Dictionary<string, List<NamedFile>> earlier = looks.ToDictionary(look => look, _ => new List<NamedFile>());
        foreach (NamedFile second in images)
        {
            if (!earlier.TryGetValue(LookalikeName.Fold(second.Name, ignoreCase: true), out List<NamedFile>? alike))
            {
                continue;
            }

            if (alike.FirstOrDefault(image => AreOne(image.Name, second.Name)) is { } first)
            {
                throw new IOException(
                    $"{first.Path} and {second.Path}: their masks would have one name, because '{first.Name}' and '{second.Name}' are the same in {Folder}. Rename one of the images.");
            }

            alike.Add(second);
        }
    }

    private bool TellsLookalikesApart()
    {
        try
        {
            return !AreOne("a", "A") && !AreOne("\u00E9", "e\u0301");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing can be written here, which is no fault if all results are there; or the disk has no such names.
            return false;
        }
    }

    private bool AreOne(string first, string second)
    {
        string trial = Path.Combine(Folder, $".{Path.GetRandomFileName()}");
        try
        {
            string path = Path.Combine(trial, first);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, []);
            return File.Exists(Path.Combine(trial, second));
        }
        finally
        {
            if (Directory.Exists(trial))
            {
                Directory.Delete(trial, recursive: true);
            }
        }
    }
}
