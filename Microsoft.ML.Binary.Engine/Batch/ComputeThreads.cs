using System.Collections.Concurrent;

namespace Microsoft.ML.Binary;

/// <summary>
/// A few threads on which others compute in turn while the rest of those wait for the disk. They are always the same, as allocators keep memory for every thread that has
/// decoded or compressed an image.
/// </summary>
internal sealed class ComputeThreads : IDisposable
{
    // The last that became free is taken first: its memory is warm.
    private readonly BlockingCollection<ComputeThread> _free = new(new ConcurrentStack<ComputeThread>());
    private readonly ComputeThread[] _all;

    /// <param name="count">How many compute at a time.</param>
    public ComputeThreads(int count)
    {
        _all = [.. Enumerable.Range(0, count).Select(_ => new ComputeThread())];
        Array.ForEach(_all, _free.Add);
    }

    /// <summary>Waits for a turn, which ends when it is disposed of.</summary>
    public ComputeTurn Take(CancellationToken cancellationToken) => new(_free, _free.Take(cancellationToken));

    /// <summary>Ends the threads; no turn is under way any more.</summary>
    public void Dispose()
    {
        Array.ForEach(_all, thread => thread.Dispose());
        _free.Dispose();
    }
}

/// <summary>The right to compute on a thread; may be ended more than once.</summary>
internal sealed class ComputeTurn(BlockingCollection<ComputeThread> free, ComputeThread thread) : IDisposable
{
    private bool _ended;

    /// <summary>Runs work on the turn's thread and waits for it; its exceptions are thrown here.</summary>
    public T Run<T>(Func<T> work)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        return thread.Run(work);
    }

    /// <summary>Runs work on the turn's thread and waits for it; its exceptions are thrown here.</summary>
    public void Run(Action work) => Run(() =>
    {
        work();
        return true;
    });

    public void Dispose()
    {
        if (!_ended)
        {
            _ended = true;
            free.Add(thread);
        }
    }
}

internal sealed class ComputeThread : IDisposable
{
    private readonly BlockingCollection<Task> _work = [];
    private readonly Thread _thread;

    public ComputeThread()
    {
        _thread = new(() =>
        {
            foreach (Task task in _work.GetConsumingEnumerable())
            {
                task.RunSynchronously(TaskScheduler.Default);
            }
        })
        {
            IsBackground = true,
            Name = nameof(ComputeThread),
        };
        _thread.Start();
    }

    public T Run<T>(Func<T> work)
    {
        Task<T> task = new(work);
        _work.Add(task);
        return task.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }
}
