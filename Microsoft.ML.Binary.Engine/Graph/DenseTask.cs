namespace Microsoft.ML.Binary.Graph;

/// <summary>What the logits of a <see cref="TaskHead"/> mean.</summary>
/// <example>
/// <code>
/// string extension = network.Task switch
/// {
///     DenseTask.Segmentation => "labels.png",
///     DenseTask.Saliency => "saliency.png",
///     DenseTask.Edges => "edges.png",
///     _ => throw new NotSupportedException($"There is no file name for {network.Task.Name}."),
/// };
/// </code>
/// </example>
public enum DenseTask
{
    /// <summary>One logit per class and pixel; the class of the largest one is predicted.</summary>
    Segmentation,

    /// <summary>One logit per pixel; its sigmoid is the saliency.</summary>
    Saliency,

    /// <summary>One logit per pixel; its sigmoid is how likely an edge goes through it.</summary>
    Edges,
}

/// <summary>What graphs, files and messages need to know of each task: a row of a table.</summary>
/// <example>
/// <code>
/// bool hasClasses = network.Task.HasClasses;                              // false of saliency and edges
/// </code>
/// </example>
public static class DenseTasks
{
    private static readonly Row[] Rows =
    [
        new(DenseTask.Segmentation, "segmentation", HasClasses: true, StandsAlone: true),
        new(DenseTask.Saliency, "saliency", HasClasses: false, StandsAlone: true),
        new(DenseTask.Edges, "edges", HasClasses: false, StandsAlone: false),
    ];

    /// <summary>The tasks by the names that files have for them.</summary>
    internal static IReadOnlyDictionary<string, DenseTask> ByName { get; } = Rows.ToDictionary(row => row.Name, row => row.Task, StringComparer.Ordinal);

    /// <summary>Facts of a task.</summary>
    /// <param name="task">The task.</param>
    extension(DenseTask task)
    {
        /// <summary>The name in files and messages, for example <c>segmentation</c>.</summary>
        /// <exception cref="ArgumentException">There is no such task.</exception>
        public string Name => task.Row.Name;

        /// <summary>
        /// Whether each pixel has one of several classes: then a head has a logit per class, and softmax makes probabilities of them. Otherwise
        /// it has one logit, of which the sigmoid is the result.
        /// </summary>
        /// <exception cref="ArgumentException">There is no such task.</exception>
        public bool HasClasses => task.Row.HasClasses;

        /// <summary>Whether there are a pipeline and commands for the task alone; of the others a network has a list of tasks, also where it is the only one.</summary>
        /// <exception cref="ArgumentException">There is no such task.</exception>
        public bool StandsAlone => task.Row.StandsAlone;

        // In a loop, because an image is asked for by its tasks without anything allocated.
        private Row Row
        {
            get
            {
                foreach (Row row in Rows)
                {
                    if (row.Task == task)
                    {
                        return row;
                    }
                }

                throw new ArgumentException($"There is no task {task}.", nameof(task));
            }
        }
    }

    private sealed record Row(DenseTask Task, string Name, bool HasClasses, bool StandsAlone);
}
