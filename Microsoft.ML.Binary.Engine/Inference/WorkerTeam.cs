using System.Runtime.ExceptionServices;

namespace Microsoft.ML.Binary.Inference;

/// <summary>Work whose items may be done in any order and on any threads.</summary>
internal interface IWork
{
    /// <summary>Number of items.</summary>
    int Items { get; }

    /// <summary>Pieces that it is at least done in, if it has as many items: more where no piece may take long.</summary>
    int Pieces => 1;

    /// <summary>Does items [<paramref name="first"/>, <paramref name="last"/>).</summary>
    void Run(int thread, int first, int last);
}

/// <summary>
/// Threads that share work with the caller. One caller at a time has the team; another works alone, since then the cores are busy anyway,
/// and so does work inside of work. During a run the threads spin between one piece of work and the next, at first without yielding the
/// core, which other processes would keep for longer than a piece takes. After a run they spin on for a moment, which is less than a sleeping
/// thread takes to wake up, then they sleep, and after a while they end, so that a network nobody uses holds no thread.
/// </summary>
internal sealed class WorkerTeam(int threads) : IDisposable
{
    private const long ChunkMask = (1 << 24) - 1;
    private const int ChunksPerThread = 6;
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(20);

    private readonly object _gate = new();
    private readonly bool[] _alive = new bool[threads];
    private int _taken;
    private int _asleep;
    private int _aliveCount;
    private volatile bool _running;
    private bool _disposed;

    // The work under way. These are written only while _ticket says that every chunk is taken, and so is the ticket's high part, the number
    // of the piece of work: a thread that takes a chunk by raising the ticket it has seen knows that they belong to that ticket.
    private IWork? _work;
    private int _chunks;
    private long _ticket = ChunkMask;
    private int _finished;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Takes the team for a run, unless another caller has it.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Exchange(ref _taken, 1) == 1)
        {
            return false;
        }

        // A thread counts itself asleep before it looks whether there is a run once more, so one of the two sees the other.
        _running = true;
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _asleep) > 0 || Volatile.Read(ref _aliveCount) < threads - 1)
        {
            Wake();
        }

        return true;
    }

    /// <summary>Ends a run.</summary>
    public void Exit()
    {
        _running = false;
        _work = null;
        Volatile.Write(ref _taken, 0);
    }

    /// <summary>Does one piece of work as a run of its own: with the team if nobody has it, otherwise alone.</summary>
    public void RunAlone(IWork work)
    {
        if (threads == 1 || work.Items <= 1 || !TryEnter())
        {
            work.Run(thread: 0, 0, work.Items);
            return;
        }

        try
        {
            Run(work);
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>
    /// Does a piece of work; returns when no thread works on it any more. An exception, on whichever thread, is thrown only then: until the
    /// caller leaves, others may write to its memory.
    /// </summary>
    public void Run(IWork work)
    {
        int items = work.Items;
        if (items == 1)
        {
            work.Run(thread: 0, 0, 1);
            return;
        }

        long ticket = (Volatile.Read(ref _ticket) | ChunkMask) + 1;
        (_work, _chunks, _finished) = (work, Math.Min(items, Math.Max(threads * ChunksPerThread, work.Pieces)), 0);
        Volatile.Write(ref _ticket, ticket);
        while (TakeChunk(thread: 0))
        {
        }

        PatientSpin spin = default;
        while (Volatile.Read(ref _finished) < _chunks)
        {
            spin.Once();
        }

        Volatile.Write(ref _ticket, ticket | ChunkMask);
        if (_failure is { } failure)
        {
            _failure = null;
            failure.Throw();
        }
    }

    // False when every chunk of the current work is taken.
    private bool TakeChunk(int thread)
    {
        long ticket = Volatile.Read(ref _ticket);
        int chunk = (int)(ticket & ChunkMask), chunks = _chunks;
        IWork? work = _work;
        if (chunk >= chunks)
        {
            return false;
        }

        if (Interlocked.CompareExchange(ref _ticket, ticket + 1, ticket) != ticket)
        {
            return true;
        }

        try
        {
            int items = work!.Items;
            work.Run(thread, (int)((long)items * chunk / chunks), (int)((long)items * (chunk + 1) / chunks));
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
        }

        Interlocked.Increment(ref _finished);
        return true;
    }

    private void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
            for (int i = 1; i < threads && !_disposed; i++)
            {
                if (!_alive[i])
                {
                    _alive[i] = true;
                    _aliveCount++;
                    int index = i;
                    new Thread(() => Work(index)) { IsBackground = true, Name = "binary network" }.Start();
                }
            }
        }
    }

    private void Work(int thread)
    {
        do
        {
            PatientSpin spin = default;
            while (_running || !spin.IsImpatient)
            {
                if (TakeChunk(thread))
                {
                    spin = default;
                }
                else
                {
                    spin.Once();
                }
            }
        }
        while (Sleep(thread));
    }

    // Until the next run; false if none came for long, and the thread is no longer counted.
    private bool Sleep(int thread)
    {
        lock (_gate)
        {
            Interlocked.Increment(ref _asleep);
            bool woken = true;
            while (woken && !_running && !_disposed)
            {
                woken = Monitor.Wait(_gate, s_idle);
            }

            Interlocked.Decrement(ref _asleep);
            if (_running)
            {
                return true;
            }

            _alive[thread] = false;
            _aliveCount--;
            return false;
        }
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Spins, for about a tenth of a millisecond before it begins to yield the core: the others need no longer for their last chunk.</summary>
    private struct PatientSpin
    {
        private const int Patience = 100, Pauses = 30;

        private int _rounds;

        public readonly bool IsImpatient => _rounds >= Patience;

        public void Once()
        {
            if (_rounds < Patience)
            {
                _rounds++;
                Thread.SpinWait(Pauses);
            }
            else
            {
                Thread.Yield();
            }
        }
    }
}
