namespace Microsoft.ML.Binary;

/// <summary>A task's figure in a network of several tasks, and in a network of its own.</summary>
/// <param name="Multi">The figure of the network of several tasks.</param>
/// <param name="Single">The figure of the network of this task alone; not 0.</param>
/// <param name="LowerIsBetter">Whether the figure is an error.</param>
/// <example>
/// <code>
/// TaskFigure classes = new(Multi: 0.66, Single: 0.64), error = new(Multi: 0.06, Single: 0.05, LowerIsBetter: true);
/// double percent = MultiTaskGain.Percent(classes, error);                 // the mean of +3.1 % and -20 %
/// </code>
/// </example>
public readonly record struct TaskFigure(double Multi, double Single, bool LowerIsBetter = false);

/// <summary>What training tasks together gains or costs.</summary>
/// <example>
/// <code>
/// double percent = MultiTaskGain.Percent(new TaskFigure(Multi: 0.66, Single: 0.64), new TaskFigure(0.05, 0.06, LowerIsBetter: true));
/// </code>
/// </example>
public static class MultiTaskGain
{
    /// <summary>
    /// Delta_m in percent: the mean over tasks of the relative gain of the common network over that of each task alone, errors counted the other way
    /// round (Vandenhende et al., Multi-Task Learning for Dense Prediction Tasks: A Survey, PAMI 2021, eq. 10). Above 0, sharing gains.
    /// </summary>
    /// <param name="tasks">The figures, at least one.</param>
    /// <exception cref="ArgumentException">There is no task, or a figure of a network of its own is 0 or not finite.</exception>
    public static double Percent(params IReadOnlyCollection<TaskFigure> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        if (tasks.Count == 0)
        {
            throw new ArgumentException("There is no task to compare; at least one is needed.", nameof(tasks));
        }

        double sum = 0;
        foreach (TaskFigure task in tasks)
        {
            if (task.Single == 0 || !double.IsFinite(task.Single))
            {
                throw new ArgumentException($"A network of its own has the figure {task.Single}, to which nothing can be related; a finite one other than 0 is needed.", nameof(tasks));
            }

            sum += (task.LowerIsBetter ? -1 : 1) * (task.Multi - task.Single) / task.Single;
        }

        return 100 * sum / tasks.Count;
    }
}
