using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>
/// Adds what each head of a network predicts for every pixel to rows with images of any size, all heads in one run. Output columns are named
/// <c>TASK.COLUMN</c>: <c>PredictedLabel</c> (and <c>Score</c>, if it is asked for) of a task with classes, <c>Saliency</c> of salient objects, <c>Edges</c> of edges;
/// and the size of all of them, which is that of the image.
/// </summary>
/// <example>
/// <code>
/// MultiTaskTransformer street = ml.MultiTask.FromNetwork("street.mlbn");
/// IDataView scored = street.Transform(photos);                           // classes.PredictedLabel, person.Saliency, edges.Edges, ...
/// </code>
/// </example>
public sealed class MultiTaskTransformer : DenseTransformer
{
    internal MultiTaskTransformer(MLContext context, DenseNetwork network, MultiTaskTransformerOptions options, KnownSize? imageSize = null)
        : this(context, MapOf(network, null, options, imageSize), options)
    {
    }

    private MultiTaskTransformer(MLContext context, ScoringMap map, MultiTaskTransformerOptions options)
        : base(context, map) => Options = options;

    /// <summary>Tasks, column names, views and threads.</summary>
    public MultiTaskTransformerOptions Options { get; }

    internal override MultiTaskTransformer FittedTo(DataViewSchema input) => new(Context, Map.FittedTo(input), Options);
}

/// <summary>Tasks, column names, views and threads of a <see cref="MultiTaskTransformer"/>.</summary>
/// <example>
/// <code>
/// MultiTaskTransformerOptions options = new() { Tasks = ["classes", "edges"], ScoredTasks = ["classes"] };   // what is not named is not computed
/// MultiTaskTransformer street = ml.MultiTask.FromNetwork("street.mlbn", options);
/// </code>
/// </example>
public sealed record MultiTaskTransformerOptions : DenseTransformerOptions
{
    /// <summary>The tasks that have output columns, at least one, their names in any case; null, the default, for all of them.</summary>
    public IReadOnlyList<string>? Tasks { get; init; }

    /// <summary>
    /// The tasks, out of <see cref="Tasks"/>, whose class probabilities are a column too: <c>TASK.Score</c>, a variable-length vector of single in the order row, column, class.
    /// </summary>
    public IReadOnlyList<string> ScoredTasks { get; init; } = [];

    private protected override ImmutableArray<ScoredColumn> Results(ImmutableArray<TaskHead> heads)
    {
        if (Tasks is { Count: 0 })
        {
            throw new ArgumentException($"{nameof(Tasks)} names no task; name at least one, or leave it null for all.");
        }

        foreach (string name in (Tasks ?? []).Concat(ScoredTasks))
        {
            TaskHead head = heads.FirstOrDefault(head => head.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new ArgumentException($"The network has no head '{name}'; it has {string.Join(", ", heads.Select(head => $"'{head.Name}'"))}.");
            if (Tasks is not null && !Names(Tasks, name))
            {
                throw new ArgumentException($"{nameof(ScoredTasks)} names '{name}', and {nameof(Tasks)} does not; name it there too, or leave it out here.");
            }

            if (Names(ScoredTasks, name) && !head.Task.HasClasses)
            {
                throw new ArgumentException($"'{name}' is a head for {head.Task.Name}, which has no classes: its column holds the probability, and {nameof(ScoredTasks)} may not name it.");
            }
        }

        return [.. heads.Index().Where(head => Tasks is null || Names(Tasks, head.Item.Name)).SelectMany(head => Of(head.Item, head.Index))];
    }

    private static bool Names(IReadOnlyList<string> tasks, string head) => tasks.Contains(head, StringComparer.OrdinalIgnoreCase);

    private IEnumerable<ScoredColumn> Of(TaskHead head, int index)
    {
        string Name(string column) => ImageDataColumns.Of(head.Name, column);
        if (!head.Task.HasClasses)
        {
            yield return new(Name(ImageDataColumns.PredictionOf(head.Task)), ScoredValue.Map, Head: index);
            yield break;
        }

        yield return ScoredColumn.OfLabels(Name(ImageDataColumns.PredictionOf(head.Task)), head, index);
        if (Names(ScoredTasks, head.Name))
        {
            yield return new(Name(ImageDataColumns.Score), ScoredValue.Scores, Head: index);
        }
    }
}
