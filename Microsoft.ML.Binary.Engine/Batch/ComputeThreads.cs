using System.Runtime.ExceptionServices;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>
/// A few threads on which others compute in turn while the rest of those wait for the disk. They are always the same, as allocators keep memory for every thread that has
/// decoded or compressed an image. Who waits sleeps: what spinning would save of a few milliseconds of work, it would take from those who do it.
/// </summary>
internal sealed class ComputeThreads : IDisposable
{
    // The last that became free is taken first: its memory is warm.
    private readonly Stack<ComputeThread> _free = new();
    private readonly ComputeThread[] _all;

    /// <param name="count">How many compute at a time. Where the system does not start so many threads, fewer do; where it starts none, work is done on the thread that asks for it.</param>
    /// <param name="start">Starts a thread; null for the usual way.</param>
    public ComputeThreads(int count, Action<Thread>? start = null)
    {
        bool starts = true;
        while (starts && _free.Count < count)
        {
            ComputeThread thread = new();
            starts = thread.TryStart(start);
            if (starts || _free.Count == 0)
            {
                _free.Push(thread);
            }
        }

        _all = [.. _free];
    }

    /// <summary>Waits for a turn, which ends when it is disposed of.</summary>
    public ComputeTurn Take(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration wake = cancellationToken.UnsafeRegister(static threads => ((ComputeThreads)threads!).WakeAll(), this);
        lock (_free)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (_free.Count == 0)
            {
                Monitor.Wait(_free);
                cancellationToken.ThrowIfCancellationRequested();
            }

            return new(this, _free.Pop());
        }
    }

    /// <summary>Ends the threads; no turn is under way any more.</summary>
    public void Dispose() => Array.ForEach(_all, thread => thread.Dispose());

    internal void Return(ComputeThread thread)
    {
        lock (_free)
        {
            _free.Push(thread);
            Monitor.Pulse(_free);
        }
    }

    private void WakeAll()
    {
        lock (_free)
        {
            Monitor.PulseAll(_free);
        }
    }
}

/// <summary>The right to compute on a thread; may be ended more than once.</summary>
internal sealed class ComputeTurn(ComputeThreads threads, ComputeThread thread) : IDisposable
{
    private bool _ended;

    /// <summary>Runs work on the turn's thread and waits for it; its exceptions are thrown here.</summary>
    public T Run<T>(Func<T> work)
    {
        T? result = default;
        Run(() => { result = work(); });
        return result!;
    }

    /// <summary>Runs work on the turn's thread and waits for it; its exceptions are thrown here.</summary>
    public void Run(Action work)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        thread.Run(work);
    }

    public void Dispose()
    {
        if (!_ended)
        {
            _ended = true;
            threads.Return(thread);
        }
    }
}

internal sealed class ComputeThread : IDisposable
{
    // Held while work is done: only who waits for the work wants it.
    private readonly object _gate = new();
    private Thread? _thread;
    private Action? _work;
    private ExceptionDispatchInfo? _fault;
    private bool _ends;

    /// <summary>Starts it; false if the system has no thread for it: then work is done on the thread of who wants it.</summary>
    public bool TryStart(Action<Thread>? start)
    {
        Thread thread = new(Work)
        {
            IsBackground = true,
            Name = nameof(ComputeThread),
        };
        _thread = ThreadStarter.TryStart(thread, start) ? thread : null;
        return _thread is not null;
    }

    public void Run(Action work)
    {
        if (_thread is null)
        {
            work();
            return;
        }

        lock (_gate)
        {
            _work = work;
            Monitor.PulseAll(_gate);
            while (_work is not null)
            {
                Monitor.Wait(_gate);
            }

            ExceptionDispatchInfo? fault = _fault;
            _fault = null;
            fault?.Throw();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ends = true;
            Monitor.PulseAll(_gate);
        }

        _thread?.Join();
    }

    private void Work()
    {
        lock (_gate)
        {
            while (true)
            {
                while (_work is null)
                {
                    if (_ends)
                    {
                        return;
                    }

                    Monitor.Wait(_gate);
                }

                try
                {
                    _work();
                }
                catch (Exception e)
                {
                    _fault = ExceptionDispatchInfo.Capture(e);
                }

                _work = null;
                Monitor.PulseAll(_gate);
            }
        }
    }
}
