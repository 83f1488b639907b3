using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary;

/// <summary>One of several tasks that a network learns in a pipeline, and the column its masks are in.</summary>
/// <param name="Name">Names its head and its columns: letters and digits of ASCII, <c>-</c> and <c>_</c>.</param>
/// <param name="Task">What is learned, with the options of its loss.</param>
/// <example>
/// <code>
/// DenseTaskOptions[] tasks =
/// [
///     new("classes", new SegmentationTask()) { ClassNames = ["sky", "road", "car"] },
///     new("person", new SaliencyTask()),
///     new("edges", new EdgesTask()) { From = "classes" },
/// ];
/// </code>
/// </example>
public sealed record DenseTaskOptions(string Name, TrainingTask Task)
{
    /// <summary>The column of its masks; null for <c>NAME.Label</c>. A task that is derived <see cref="From"/> another one's masks has none, and may name none.</summary>
    public string? LabelColumnName { get; init; }

    /// <summary>The task whose masks it is derived from, as edges can be (<see cref="TrainingTask.CanBeDerived"/>); null where it has masks of its own.</summary>
    public string? From { get; init; }

    /// <summary>How much it counts beside the others (<see cref="TrainingOptions.TaskWeighting"/>), above 0.</summary>
    public float Weight { get; init; } = 1;

    /// <summary>Number of classes, 2 to 255, of a task that has some; may be left out where <see cref="ClassNames"/> are given.</summary>
    public int? NumberOfClasses { get; init; }

    /// <summary>
    /// Names of the classes, in the order of their indices. Null takes those of the task of the same name of a <see cref="DenseTrainerOptions.InitialNetwork"/> with as many classes, and else
    /// names them "0", "1", ...
    /// </summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Colours of the classes, at least one each; null takes those of the initial network along with its names, or <see cref="Palette.Default"/>.</summary>
    public Palette? Palette { get; init; }

    /// <summary>The column that its masks are read from.</summary>
    internal string LabelColumn(IReadOnlyList<DenseTaskOptions> all) => From is null
        ? LabelColumnName ?? ImageDataColumns.Of(Name, ImageDataColumns.Label)
        : all.FirstOrDefault(task => task.From is null && task.Name.Equals(From, StringComparison.OrdinalIgnoreCase))?.LabelColumn(all)
            ?? throw new ArgumentException($"'{nameof(From)}' of task '{Name}' is '{From}', and no task of that name has masks.");

    /// <summary>What the engine is told.</summary>
    internal LearnedTask ToLearned() => new(Name, Task) { Weight = Weight, From = From };

    /// <summary>The head that learns it.</summary>
    /// <param name="from">The network that training starts from, whose classes are taken where there are as many and no others are named; null for none.</param>
    internal TaskHead ToHead(DenseNetwork? from = null)
    {
        if (From is not null && LabelColumnName is not null)
        {
            throw new ArgumentException(
                $"Task '{Name}' is derived from the masks of '{From}', and has the column '{LabelColumnName}' of masks of its own; leave {nameof(From)} or {nameof(LabelColumnName)} out.");
        }

        if (!Task.Task.HasClasses)
        {
            return NumberOfClasses is null && ClassNames is null && Palette is null
                ? new(Name, Task.Task)
                : throw new ArgumentException($"Task '{Name}' is one of {Task.Task.Name}, which has no classes; leave {nameof(NumberOfClasses)}, {nameof(ClassNames)} and {nameof(Palette)} out.");
        }

        (ImmutableArray<string> names, ImmutableArray<string> colors) = TaskClasses.Of(
            Name, NumberOfClasses ?? ClassNames?.Count, ClassNames, Palette, from?.Heads.FirstOrDefault(head => head.Name == Name && head.Task == Task.Task));
        return new(Name, Task.Task, names, colors);
    }
}
