using System.Runtime.ExceptionServices;
using Microsoft.ML.Binary.Inference.Steps;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// Threads that share the items of a step with the caller. One caller at a time has the team; another works alone, since then the cores
/// are busy anyway. During a run the threads spin between steps, at first without yielding the core, which other processes would keep for
/// longer than a step takes; between runs they sleep, and after a while they end, so that a network nobody uses holds no thread.
/// </summary>
internal sealed class WorkerTeam(int threads) : IDisposable
{
    private const long ChunkMask = (1 << 24) - 1;
    private const int ChunksPerThread = 6;
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(20);

    private readonly Lock _owner = new();
    private readonly object _gate = new();
    private readonly bool[] _alive = new bool[threads];
    private volatile bool _running;
    private bool _disposed;

    // The step at work. These are written only while _ticket says that every chunk is taken, and so is the ticket's high part, the number
    // of the step: a thread that takes a chunk by raising the ticket it has seen knows that they belong to that ticket.
    private PlanStep? _step;
    private RunState? _state;
    private int _chunks;
    private long _ticket = ChunkMask;
    private int _finished;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Takes the team for a run, unless another caller has it.</summary>
    public bool TryEnter()
    {
        if (!_owner.TryEnter())
        {
            return false;
        }

        lock (_gate)
        {
            for (int i = 1; i < threads && !_disposed; i++)
            {
                if (!_alive[i])
                {
                    _alive[i] = true;
                    int index = i;
                    new Thread(() => Work(index)) { IsBackground = true, Name = "binary network inference" }.Start();
                }
            }

            _running = true;
            Monitor.PulseAll(_gate);
        }

        return true;
    }

    /// <summary>Ends a run.</summary>
    public void Exit()
    {
        _running = false;
        (_step, _state) = (null, null);
        _owner.Exit();
    }

    /// <summary>
    /// Does a step; returns when no thread works on it any more. An exception, on whichever thread, is thrown only then: until the caller
    /// leaves, others may write to its memory.
    /// </summary>
    public void Run(PlanStep step, RunState state)
    {
        int items = step.Items;
        if (items == 1)
        {
            step.Run(state, thread: 0, 0, 1);
            return;
        }

        long ticket = (Volatile.Read(ref _ticket) | ChunkMask) + 1;
        (_step, _state, _chunks, _finished) = (step, state, Math.Min(items, threads * ChunksPerThread), 0);
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

    // False when every chunk of the current step is taken.
    private bool TakeChunk(int thread)
    {
        long ticket = Volatile.Read(ref _ticket);
        int chunk = (int)(ticket & ChunkMask), chunks = _chunks;
        PlanStep? step = _step;
        RunState? state = _state;
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
            int items = step!.Items;
            step.Run(state!, thread, (int)((long)items * chunk / chunks), (int)((long)items * (chunk + 1) / chunks));
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
        }

        Interlocked.Increment(ref _finished);
        return true;
    }

    private void Work(int thread)
    {
        while (true)
        {
            PatientSpin spin = default;
            while (_running)
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

            lock (_gate)
            {
                while (!_running)
                {
                    if (_disposed || !Monitor.Wait(_gate, s_idle) && !_running)
                    {
                        _alive[thread] = false;
                        return;
                    }
                }
            }
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

        public void Once()
        {
            if (_rounds++ < Patience)
            {
                Thread.SpinWait(Pauses);
            }
            else
            {
                Thread.Yield();
            }
        }
    }
}
