using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>The tasks of a file of <c>--tasks</c>, with the images of a folder and their masks.</summary>
internal sealed class TaskData
{
    private readonly TaskMasks[] _masks;

    private TaskData(ImmutableArray<TaskHead> heads, LearnedTask[] tasks, TaskMasks[] masks, IReadOnlyList<TaskImage> images) =>
        (Heads, Tasks, _masks, Images) = (heads, tasks, masks, images);

    /// <summary>The heads, one of each task.</summary>
    public ImmutableArray<TaskHead> Heads { get; }

    /// <summary>What they learn.</summary>
    public IReadOnlyList<LearnedTask> Tasks { get; }

    /// <summary>The images, each with a mask of every task that has masks.</summary>
    public IReadOnlyList<TaskImage> Images { get; }

    /// <summary>Reads a file of tasks and finds the images.</summary>
    /// <param name="file">The file.</param>
    /// <param name="images">The folder of the images.</param>
    /// <param name="folders">How the files lie in their folders.</param>
    /// <exception cref="InvalidDataException">The file is wrong, or an image lacks the mask of a task; the message names it.</exception>
    public static TaskData Open(string file, string images, ImageFolderOptions folders) => Open(file, images, folders, known: default, "");

    /// <summary>Reads a file of tasks to validate by the first of those that are trained on, and finds the images.</summary>
    /// <param name="file">The file.</param>
    /// <param name="images">The folder of the images.</param>
    /// <param name="folders">How the files lie in their folders.</param>
    /// <param name="trained">The data that are trained on, whose classes these masks must have.</param>
    /// <exception cref="InvalidDataException">The file is wrong, an image lacks the mask of a task, or the tasks are others; the message names it.</exception>
    public static TaskData OpenValidation(string file, string images, ImageFolderOptions folders, TaskData trained)
    {
        TaskData data = Open(file, images, folders, trained.Heads, "the network is trained on");
        string first = trained.Tasks[0].Name;
        return data.Tasks.Any(task => task.Name == first)
            ? data
            : throw new InvalidDataException($"{file}: there is no task '{first}', by which validation goes since it is the first that is trained on; add it, with its masks.");
    }

    /// <inheritdoc cref="Open(string, string, ImageFolderOptions)"/>
    /// <param name="file">The file.</param>
    /// <param name="images">The folder of the images.</param>
    /// <param name="folders">How the files lie in their folders.</param>
    /// <param name="network">The network that is measured, whose heads the tasks must be.</param>
    public static TaskData Open(string file, string images, ImageFolderOptions folders, DenseNetwork network) => Open(file, images, folders, network.Heads, "the network has");

    private static TaskData Open(string file, string images, ImageFolderOptions folders, ImmutableArray<TaskHead> known, string whose)
    {
        IReadOnlyList<TaskEntry> entries = TaskFile.Read(file);
        entries = known.IsDefault ? entries : [.. entries.Select(Spelled)];
        TaskEntry[] owners = [.. entries.Where(entry => entry.Masks is not null)];
        IReadOnlyList<TaskImage> found = Named(file, () => TaskImages.Pair(images, [.. owners.Select(entry => new TaskMasks(entry.Name, entry.Masks!))], folders));
        Dictionary<string, ClassList> classes = owners.Index().Where(owner => owner.Item.Task.HasClasses).ToDictionary(
            owner => owner.Item.Name, owner => ClassesOf(file, owner.Item, known, whose, () => [.. found.Select(image => new ImagePair(image.Name, image.ImagePath, image.MaskPaths[owner.Index]))]));
        ImmutableArray<TaskHead> heads =
        [
            .. entries.Select(entry => classes.TryGetValue(entry.Name, out ClassList? list) ? new TaskHead(entry.Name, entry.Task, list.Names, list.Colors) : new(entry.Name, entry.Task)),
        ];
        LearnedTask[] tasks =
        [
            .. entries.Select(entry => new LearnedTask(entry.Name, entry.ToTrainingTask())
            {
                Weight = entry.Weight,
                From = entry.From,
            }),
        ];
        TaskMasks[] masks =
        [
            .. owners.Select(entry => classes.TryGetValue(entry.Name, out ClassList? list)
                ? new TaskMasks(entry.Name, entry.Masks!) { NumberOfClasses = list.Names.Length, Colors = list.MaskColors }
                : new TaskMasks(entry.Name, entry.Masks!, MaskKind.Saliency)),
        ];
        return new(heads, tasks, masks, found);

        // As the network spells the name, of which case makes no difference.
        TaskEntry Spelled(TaskEntry entry) => known.FirstOrDefault(head => head.Name.Equals(entry.Name, StringComparison.OrdinalIgnoreCase) && head.Task == entry.Task) is { } head
            ? entry with { Name = head.Name }
            : throw new InvalidDataException(
                $"{file}: there is a task '{entry.Name}' of {entry.Task.Name}, and {whose} {string.Join(", ", known.Select(head => $"'{head.Name}' of {head.Task.Name}"))}.");
    }

    /// <summary>The images that are not among failures.</summary>
    public IEnumerable<TaskImage> Without(Failures failures)
    {
        HashSet<string> failed = [.. failures.List.Select(failure => failure.Name)];
        return Images.Where(image => !failed.Contains(image.ImagePath));
    }

    /// <summary>Decodes all images one after the other, several at a time.</summary>
    public IEnumerable<TrainingSample> Read(int threads) => OrderedParallel.Map(MixedOrder.Of(Images), threads, image => Read(image));

    /// <summary>Decodes an image and its masks.</summary>
    public TrainingSample Read(TaskImage image, int neededLongestSide = 0) => TaskImages.Load(image, _masks, neededLongestSide);

    /// <summary>The mask that a task learns from, or is measured by.</summary>
    public byte[] MaskOf(TrainingSample sample, LearnedTask task)
    {
        int index = Array.FindIndex(_masks, masks => masks.Name.Equals(task.From ?? task.Name, StringComparison.OrdinalIgnoreCase));
        return index == 0 ? sample.Mask : sample.MoreMasks[index - 1];
    }

    /// <summary>Reads everything once, to find out before training what would fail after it.</summary>
    public void CheckMasks(int threads, Action<string> warn)
    {
        foreach (LearnedTask task in Tasks.Where(task => task.From is null))
        {
            TaskHead head = Heads.First(head => head.Name == task.Name);
            DenseTrainer.CheckValidation(
                task.Task.WithClassNames(head.ClassNames), head.ClassNames.Length, Read(threads).Select(sample => sample with { Mask = MaskOf(sample, task), MoreMasks = [] }), warn);
        }
    }

    private static ClassList ClassesOf(string file, TaskEntry entry, ImmutableArray<TaskHead> known, string whose, Func<IReadOnlyList<ImagePair>> pairs)
    {
        ClassList? listed = entry.Classes is null ? null : ClassList.Parse(entry.Classes);
        if (known.IsDefault)
        {
            return listed ?? ClassList.FromMasks(pairs());
        }

        TaskHead head = known.First(head => head.Name == entry.Name);
        (ImmutableArray<string> names, ImmutableArray<string> palette) = (head.ClassNames, head.Palette);
        if (listed is not null && listed.Names.Length != names.Length)
        {
            throw new InvalidDataException($"{file}: task '{entry.Name}' has {listed.Names.Length} classes, and {whose} {names.Length}.");
        }

        if (listed?.FirstDifference(names) is { } index)
        {
            throw new InvalidDataException(
                $"{file}: task '{entry.Name}' must have the classes that {whose}, in their order, and its class {index} is '{listed.Names[index]}', not '{names[index]}' ({entry.Classes}).");
        }

        return new(names, palette) { MaskColors = listed?.MaskColors ?? ClassList.ColorsOf(palette) };
    }

    private static T Named<T>(string file, Func<T> find)
    {
        try
        {
            return find();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{file}: {e.Message}", e);
        }
    }
}
