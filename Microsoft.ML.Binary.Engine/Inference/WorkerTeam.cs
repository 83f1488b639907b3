using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Microsoft.ML.Binary.Inference;

/// <summary>Work in parts that follow each other, each of items that may be done in any order and on any threads.</summary>
internal interface IWork
{
    /// <summary>Number of items of this part.</summary>
    int Items { get; }

    /// <summary>Pieces that it is at least done in, if it has as many items: more where no piece may take long.</summary>
    int Pieces => 1;

    /// <summary>About how long the rest takes the team, this part and all that follow, in ticks of <see cref="Stopwatch"/>; 0 if that is not known.</summary>
    long Remaining => 0;

    /// <summary>Does items [<paramref name="first"/>, <paramref name="last"/>).</summary>
    void Run(int thread, int first, int last);

    /// <summary>Goes on to the next part, on any thread, once all items of this one are done; false if there is none. Throws nothing.</summary>
    bool MoveNext() => false;
}

/// <summary>
/// Threads that share work with the caller. One caller at a time has the team; another works alone, since then the cores are busy anyway,
/// and so does work inside of work. All threads do the same: they take chunks, and whoever finishes the last chunk of a part begins the next
/// part. So a thread whose core is given to another process keeps nobody waiting, as long as it holds no chunk: threads therefore offer
/// their core now and then, before it is taken from them, and leave the caller's. Between chunks they spin, at first without yielding the
/// core, which other processes would keep for longer than a chunk takes. After a run they spin on for a moment, which is less than a
/// sleeping thread takes to wake up, then they sleep, and after a while they end, so that a network nobody uses holds no thread. The caller
/// needs none of them: where the system starts no more threads, the team is smaller.
/// </summary>
/// <param name="threads">Threads of a run, the caller's among them.</param>
/// <param name="start">Starts a thread; null for the usual way.</param>
/// <param name="time">Tells when threads that could not be started are tried again; null for the system's.</param>
internal sealed class WorkerTeam(int threads, Action<Thread>? start = null, TimeProvider? time = null) : IDisposable
{
    private const int ChunkBits = 12, MaxChunks = (1 << ChunkBits) - 1, ChunksPerThread = 6;
    private const long ChunkMask = (1 << (2 * ChunkBits)) - 1;
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(20);

    // The caller, who is waited for in the end, offers its core only if the others have work for as long as it may be away.
    private static readonly long s_absence = Stopwatch.Frequency * 3 / 2000;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly object _gate = new();
    private readonly bool[] _alive = new bool[threads];
    private int _taken;
    private int _asleep;
    private int _aliveCount;
    private long _startsFrom = long.MinValue;
    private volatile bool _running;
    private bool _disposed;
    private TimeSlice _callersSlice;
    private volatile int _callersCore;

    // The part of the work under way. These are written only while _ticket says that every chunk is taken, and so is the ticket's high part,
    // the number of the part: a thread that takes a chunk by raising the ticket it has seen knows that they belong to that ticket. Below the
    // number are two counts, of chunks taken from the front and from the back. Half of the threads take from the front, half from the back:
    // of two threads each keeps to its half of the maps from step to step, and finds there in its core's cache what it has made itself.
    private IWork? _work;
    private int _chunks;
    private long _ticket = ChunkMask;
    private int _finished;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Runs a body for 0..<paramref name="count"/>-1, in any order and on any threads.</summary>
    public void Run(int count, Action<int> body) => Run(new Loop(count, body));

    /// <summary>Does work with the team if nobody has it, otherwise alone.</summary>
    public void Run(IWork work)
    {
        if (threads > 1 && work.Items > 1 && TryRun(work))
        {
            return;
        }

        do
        {
            work.Run(thread: 0, 0, work.Items);
        }
        while (work.MoveNext());
    }

    /// <summary>
    /// Does work with the team, unless another caller has it: then false. Returns when no thread works on it any more. An exception, on
    /// whichever thread, ends the work, and is thrown only then: until the caller leaves, others may write to its memory.
    /// </summary>
    public bool TryRun(IWork work)
    {
        if (Interlocked.Exchange(ref _taken, 1) == 1)
        {
            return false;
        }

        // A thread counts itself asleep before it looks whether there is a run once more, so one of the two sees the other.
        _running = true;
        Begin(work);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _asleep) > 0 || Volatile.Read(ref _aliveCount) < threads - 1)
        {
            Wake();
        }

        OfferCallersCore();
        PatientSpin spin = default;
        while (_running)
        {
            if (DoChunk(thread: 0, ref spin) && work.Remaining > s_absence)
            {
                OfferCallersCore();
            }
        }

        ExceptionDispatchInfo? failure = _failure;
        (_work, _failure) = (null, null);
        Volatile.Write(ref _taken, 0);
        failure?.Throw();
        return true;
    }

    private void Begin(IWork work)
    {
        long ticket = (Volatile.Read(ref _ticket) | ChunkMask) + 1;
        (_work, _chunks, _finished) = (work, Math.Clamp(work.Items, 1, Math.Min(Math.Max(threads * ChunksPerThread, 2 * work.Pieces), MaxChunks)), 0);
        Volatile.Write(ref _ticket, ticket);
    }

    // Does a chunk, or waits for a moment if all are taken: then false.
    private bool DoChunk(int thread, ref PatientSpin spin)
    {
        long ticket = Volatile.Read(ref _ticket);
        int front = (int)ticket & MaxChunks, back = (int)(ticket >> ChunkBits) & MaxChunks, chunks = _chunks;
        IWork? work = _work;
        if (front + back >= chunks)
        {
            spin.Once();
            return false;
        }

        spin = default;
        bool fromFront = thread % 2 == 0;
        if (Interlocked.CompareExchange(ref _ticket, ticket + (fromFront ? 1 : 1 << ChunkBits), ticket) != ticket)
        {
            return true;
        }

        int chunk = fromFront ? front : chunks - 1 - back;

        try
        {
            if (Volatile.Read(ref _failure) is null)
            {
                int items = work!.Items, first = StartOf(chunk, chunks, items), last = StartOf(chunk + 1, chunks, items);
                if (first < last)
                {
                    work.Run(thread, first, last);
                }
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }

        if (Interlocked.Increment(ref _finished) == chunks)
        {
            Interlocked.Exchange(ref _ticket, ticket | ChunkMask);
            if (_failure is null && work!.MoveNext())
            {
                Begin(work);
            }
            else
            {
                _running = false;
            }
        }

        return true;
    }

    private void Fail(Exception exception) => Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);

    // The chunks, of which none is twice as large as their mean, grow smaller towards the middle, where the last ones are taken, so that threads end together.
    private static int StartOf(int chunk, int chunks, int items)
    {
        if (items == chunks)
        {
            return chunk;
        }

        long left = Math.Abs(chunks - 2 * chunk), part = (long)items * (chunks * chunks - left * left) / (2L * chunks * chunks);
        return (int)(2 * chunk <= chunks ? part : items - part);
    }

    private void OfferCallersCore()
    {
        if (_callersSlice.Offer())
        {
            _callersCore = CpuCore.Current;
        }
    }

    // The run is under way. So nothing is thrown here: what fails (the lock, if the caller is interrupted) is thrown when the run has ended.
    private void Wake()
    {
        try
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
                bool starts = _time.GetTimestamp() >= _startsFrom;
                for (int i = 1; starts && i < threads && !_disposed; i++)
                {
                    starts = _alive[i] || TryStart(i);
                }
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    // An attempt that fails takes longer than many a run: the next one comes a second later.
    private bool TryStart(int index)
    {
        _alive[index] = true;
        _aliveCount++;
        if (ThreadStarter.TryStart(new Thread(() => Work(index)) { IsBackground = true, Name = "binary network" }, start))
        {
            return true;
        }

        _alive[index] = false;
        _aliveCount--;
        _startsFrom = _time.GetTimestamp() + _time.TimestampFrequency;
        return false;
    }

    private void Work(int thread)
    {
        do
        {
            PatientSpin spin = default;
            TimeSlice slice = default;
            while (_running || !spin.IsImpatient)
            {
                if (DoChunk(thread, ref spin) && slice.Offer() && _running && CpuCore.Current == _callersCore)
                {
                    CpuCore.Leave(_callersCore);
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

    private sealed class Loop(int count, Action<int> body) : IWork
    {
        public int Items => count;

        public void Run(int thread, int first, int last)
        {
            for (int i = first; i < last; i++)
            {
                body(i);
            }
        }
    }

    /// <summary>
    /// Spins, for about a tenth of a millisecond before it begins to yield the core: the others need no longer for their last chunk. At first
    /// it looks often, since they mostly need less.
    /// </summary>
    private struct PatientSpin
    {
        private const int Patience = 150, Eagerness = 50, FewPauses = 3, Pauses = 30;

        private int _rounds;

        public readonly bool IsImpatient => _rounds >= Patience;

        public void Once()
        {
            if (_rounds < Patience)
            {
                _rounds++;
                Thread.SpinWait(_rounds <= Eagerness ? FewPauses : Pauses);
            }
            else
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>
    /// A thread's share of its core. The scheduler lets threads that share one take turns of some milliseconds; a thread that offers its core a
    /// little earlier loses it there rather than in the middle of a chunk. Where no other thread wants the core, that takes a microsecond.
    /// </summary>
    private struct TimeSlice
    {
        // Linux lets a thread run for 1.4 ms and more on two cores; on more cores longer.
        private static readonly long s_most = Stopwatch.Frequency * 11 / 10_000;

        private long _start;

        /// <summary>Offers the core if it is time to; returns whether it did.</summary>
        public bool Offer()
        {
            if (Stopwatch.GetTimestamp() - _start <= s_most)
            {
                return false;
            }

            Thread.Yield();
            _start = Stopwatch.GetTimestamp();
            return true;
        }
    }
}
