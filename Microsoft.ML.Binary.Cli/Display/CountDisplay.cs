using Spectre.Console;

namespace Microsoft.ML.Binary.Cli.Display;

/// <summary>Shows how many images of a set are done: a bar on a terminal; elsewhere a line every tenth, and none for small sets.</summary>
internal static class CountDisplay
{
    private const int FewImages = 100;

    /// <summary>Works while showing it.</summary>
    /// <param name="terminal">Where to show it.</param>
    /// <param name="verb">What is being done, for example <c>scored</c>.</param>
    /// <param name="count">Images in all.</param>
    /// <param name="work">Works, and says how many images are done. It prints no result: on a terminal the bar would be drawn over it.</param>
    /// <returns>What came of the work, to be printed now.</returns>
    public static T Show<T>(Terminal terminal, string verb, int count, Func<Action<int>, T> work)
    {
        if (terminal.Live is { } console)
        {
            return console.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .Start(context =>
                {
                    ProgressTask task = context.AddTask(verb, maxValue: count);
                    return work(done => task.Value = done);
                });
        }

        return work(done =>
        {
            if (count >= FewImages && done < count && done * 10L / count > (done - 1) * 10L / count)
            {
                terminal.Line($"{verb} {done} of {count} images");
            }
        });
    }
}
