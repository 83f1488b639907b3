using System.Collections.Concurrent;

namespace Microsoft.ML.Binary;

/// <summary>Work on the items of a long list in parallel, with results in order and only a few of them in memory.</summary>
/// <example>
/// <code>
/// IEnumerable&lt;(string Path, ImageInfo Info)> infos = OrderedParallel.Map(ImageFolder.ListImages("photos"), threads: 8, path => (path, ImageReader.ReadInfo(path)));
/// foreach ((string path, ImageInfo info) in infos)                        // in the order of the list; eight at a time are in memory
/// {
///     Console.WriteLine($"{path}: {info.Width}x{info.Height}");
/// }
/// </code>
/// </example>
public static class OrderedParallel
{
    /// <summary>
    /// Maps items to results on up to <paramref name="threads"/> threads. An error appears where its item's result would. However the walk ends, no work goes on after it:
    /// what was begun is waited for. The threads are the walk's own, so that work which waits (for a disk, say) keeps none of the thread pool's.
    /// </summary>
    /// <param name="items">The items; read as far as work has begun.</param>
    /// <param name="threads">At least 1.</param>
    /// <param name="map">Makes the result of an item; called on several threads.</param>
    public static IEnumerable<TResult> Map<T, TResult>(IEnumerable<T> items, int threads, Func<T, TResult> map)
    {
        Queue<Task<TResult>> running = new();
        List<Thread> workers = [];
        BlockingCollection<Task<TResult>> begun = [];
        try
        {
            foreach (T item in items)
            {
                if (running.Count == threads)
                {
                    yield return running.Dequeue().GetAwaiter().GetResult();
                }

                Task<TResult> task = new(() => map(item));
                running.Enqueue(task);
                begun.Add(task);
                if (workers.Count < threads)
                {
                    workers.Add(Start(begun));
                }
            }

            while (running.TryDequeue(out Task<TResult>? next))
            {
                yield return next.GetAwaiter().GetResult();
            }
        }
        finally
        {
            begun.CompleteAdding();
            workers.ForEach(worker => worker.Join());
            begun.Dispose();
        }
    }

    private static Thread Start<TResult>(BlockingCollection<Task<TResult>> begun)
    {
        Thread worker = new(() =>
        {
            foreach (Task<TResult> task in begun.GetConsumingEnumerable())
            {
                task.RunSynchronously(TaskScheduler.Default);
            }
        })
        {
            IsBackground = true,
            Name = nameof(OrderedParallel),
        };
        worker.Start();
        return worker;
    }
}
