using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>The classes of a task as the options of a trainer give them.</summary>
internal static class TaskClasses
{
    /// <param name="task">Names the task in messages where there are several; null for the only one.</param>
    /// <param name="count">How many classes there are.</param>
    /// <param name="names">Their names; null takes those that are known of as many, and else numbers them.</param>
    /// <param name="palette">Their colours; null takes those that are known along with their names, and else the default.</param>
    /// <param name="known">The head of the network that training starts from; null for none.</param>
    /// <exception cref="ArgumentException">They are not given, or do not fit each other.</exception>
    public static (ImmutableArray<string> Names, ImmutableArray<string> Colors) Of(string? task, int? count, IReadOnlyList<string>? names, Palette? palette, TaskHead? known)
    {
        string of = task is null ? "" : $" of task '{task}'";
        int classes = count ?? throw new ArgumentException(
            $"Say what classes {(task is null ? "there are" : $"task '{task}' has")}: {nameof(DenseTaskOptions.NumberOfClasses)}, their number, or {nameof(DenseTaskOptions.ClassNames)}, their names.");
        if (classes is < 2 or > DenseNetwork.MaxClasses)
        {
            throw new ArgumentException($"{(task is null ? "There are" : $"Task '{task}' has")} {classes} classes; a segmentation has from 2 to {DenseNetwork.MaxClasses}.");
        }

        if (names is not null && names.Count != classes)
        {
            throw new ArgumentException($"{nameof(DenseTaskOptions.NumberOfClasses)}{of} is {classes}, and there are {names.Count} {nameof(DenseTaskOptions.ClassNames)}.");
        }

        TaskHead? same = names is null && known?.ClassNames.Length == classes ? known : null;
        ImmutableArray<string> named = same?.ClassNames
            ?? (names is null ? [.. Enumerable.Range(0, classes).Select(index => index.ToString(CultureInfo.InvariantCulture))] : [.. names]);
        if (palette is null && same is { Palette.IsEmpty: false })
        {
            return (named, same.Palette);
        }

        Palette colors = palette ?? Palette.Default;
        return colors.Count >= classes
            ? (named, [.. colors.Take(classes).Select(color => color.ToString())])
            : throw new ArgumentException($"The palette{of} has {colors.Count} colours for {classes} classes; it needs at least one each.");
    }
}
