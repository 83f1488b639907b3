using System.Collections.Immutable;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary;

/// <summary>The masks of one of several tasks.</summary>
/// <param name="Name">The name of the task, which names its column <c>NAME.Label</c>.</param>
/// <param name="Folder">Folder of the masks, one for every image.</param>
/// <param name="Masks">How they are meant.</param>
/// <example>
/// <code>
/// TaskMasks[] masks = [new("parsing", "parsing") { NumberOfClasses = 8 }, new("person", "objects", MaskKind.Saliency)];
/// IDataView train = ml.Data.LoadImageTasks("images", masks);             // Image, parsing.Label, person.Label, ...
/// </code>
/// </example>
public sealed record TaskMasks(string Name, string Folder, MaskKind Masks = MaskKind.ClassIndices)
{
    /// <summary>1..255, not for saliency. Where given, labels are checked to be below it (or 255).</summary>
    public int? NumberOfClasses { get; init; }

    /// <summary>What colours mean in masks of class indices that are stored as RGB; null refuses colours.</summary>
    public MaskColors? Colors { get; init; }

    internal MaskColumn Column => new(ImageDataColumns.Of(Name, ImageDataColumns.Label), null, Masks, NumberOfClasses, Colors);
}

/// <summary>An image and its masks, one of each task.</summary>
/// <param name="Name">Its base name.</param>
/// <param name="ImagePath">The image file.</param>
/// <param name="MaskPaths">The mask files, in the order of the tasks.</param>
/// <example>
/// <code>
/// TaskMasks[] masks = [new("parsing", "parsing"), new("person", "objects", MaskKind.Saliency)];
/// TaskImage[] images = [.. TaskImages.Pair("images", masks)];
/// TrainingSample first = TaskImages.Load(images[0], masks);               // the image, and a mask for each task
/// </code>
/// </example>
public sealed record TaskImage(string Name, string ImagePath, ImmutableArray<string> MaskPaths);

/// <summary>Finds and reads images that have masks of several tasks, as the data views of <see cref="ImageDataCatalog"/> do.</summary>
/// <example>
/// <code>
/// foreach (TaskImage image in TaskImages.Pair("images", [new("parsing", "parsing"), new("person", "objects", MaskKind.Saliency)]))
/// {
///     Console.WriteLine($"{image.ImagePath}: {string.Join(", ", image.MaskPaths)}");
/// }
/// </code>
/// </example>
public static class TaskImages
{
    /// <summary>The images of a folder, each with a mask of every task.</summary>
    /// <param name="imageFolder">Folder of the images. Folders of masks that lie in it, or in one another, do not count as subfolders.</param>
    /// <param name="tasks">The tasks that have masks, at least one, of different names.</param>
    /// <param name="options">How the files lie in their folders; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is no task, or two of one name.</exception>
    /// <exception cref="IOException">One of the folders does not exist or cannot be listed.</exception>
    /// <exception cref="InvalidDataException">An image lacks the mask of a task, or as for one task; the message names both.</exception>
    public static IReadOnlyList<TaskImage> Pair(string imageFolder, IReadOnlyList<TaskMasks> tasks, ImageFolderOptions? options = null)
    {
        CheckTasks(tasks);
        if (tasks.FirstOrDefault(task => string.IsNullOrEmpty(task.Folder)) is { } homeless)
        {
            throw new ArgumentException($"Task '{homeless.Name}' has no folder of masks.", nameof(tasks));
        }

        options ??= new();
        options = options with { OtherMaskFolders = [.. options.OtherMaskFolders, .. tasks.Select(task => task.Folder)] };
        IReadOnlyList<ImagePair>[] pairs = [.. tasks.Select(Pairs)];
        for (int i = 1; i < pairs.Length; i++)
        {
            string? lacking = pairs[0].Select(pair => pair.ImagePath).Except(pairs[i].Select(pair => pair.ImagePath)).FirstOrDefault();
            if (lacking is not null || pairs[i].Count != pairs[0].Count)
            {
                throw new InvalidDataException(
                    $"{lacking ?? tasks[i].Folder}: task '{tasks[i].Name}' has {Plural.Of(pairs[i].Count, "mask")} and task '{tasks[0].Name}' {pairs[0].Count}; every image needs one of each.");
            }
        }

        return [.. Enumerable.Range(0, pairs[0].Count).Select(row => new TaskImage(pairs[0][row].Name, pairs[0][row].ImagePath, [.. pairs.Select(all => all[row].MaskPath)]))];

        IReadOnlyList<ImagePair> Pairs(TaskMasks task)
        {
            try
            {
                return ImageFolder.Pair(imageFolder, task.Folder, options);
            }
            catch (InvalidDataException e)
            {
                throw new InvalidDataException($"Task '{task.Name}': {e.Message}", e);
            }
        }
    }

    /// <summary>Reads an image and its masks.</summary>
    /// <param name="image">The files.</param>
    /// <param name="tasks">The tasks, in the order of the masks.</param>
    /// <param name="neededLongestSide">As for <see cref="ImagePairReader.Load"/>.</param>
    /// <exception cref="ArgumentException">There is no task, two of one name, or the image has not one mask for each.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of classes is out of range, or given for saliency.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, the sizes differ, or a label is out of range; the message names the file.</exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    public static TrainingSample Load(TaskImage image, IReadOnlyList<TaskMasks> tasks, int neededLongestSide = 0)
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckTasks(tasks);
        ImageFileRowContent content = new(RowOf(image, tasks, nameof(image)), [.. tasks.Select(task => task.Column.Checked())], neededLongestSide);
        return content.ToSample();
    }

    /// <exception cref="ArgumentException">There is no task, or two of one name.</exception>
    internal static void CheckTasks(IReadOnlyList<TaskMasks> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        if (tasks.Count == 0)
        {
            throw new ArgumentException("No task has masks; at least one must.", nameof(tasks));
        }

        CheckNames(tasks.Select(task => task.Name), nameof(tasks));
    }

    /// <exception cref="ArgumentException">Two tasks have one name.</exception>
    internal static void CheckNames(IEnumerable<string> names, string parameter)
    {
        if (names.CountBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(name => name.Value > 1) is { Key: { } twice })
        {
            throw new ArgumentException($"Two tasks are named '{twice}' (case makes no difference); names must differ.", parameter);
        }
    }

    /// <summary>The files of an image.</summary>
    /// <exception cref="ArgumentException">They are not one mask for each task.</exception>
    internal static ImageFileRow RowOf(TaskImage image, IReadOnlyList<TaskMasks> tasks, string parameter)
    {
        int masks = image.MaskPaths.IsDefault ? 0 : image.MaskPaths.Length;
        return masks == tasks.Count
            ? new ImageFileRow(image.ImagePath, image.MaskPaths)
            : throw new ArgumentException(
                $"{image.ImagePath}: the image has {Plural.Of(masks, "mask")}, and there {(tasks.Count == 1 ? "is" : "are")} {Plural.Of(tasks.Count, "task")} "
                + $"({string.Join(", ", tasks.Select(task => task.Name))}); it needs one mask for each, in that order.",
                parameter);
    }
}
