using System.Runtime.ExceptionServices;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// Threads that share loops with the caller. A step is hundreds of loops, most of them shorter than a sleeping thread takes to wake up, so
/// between loops the threads spin for a while before they sleep; asleep for long, they end, and the next loop starts them again.
/// </summary>
internal sealed class TrainingTeam(int threads)
{
    private const int ChunksPerThread = 8;
    private const int Spins = 500;
    private const int SpinLength = 8;
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private int _alive;
    private int _asleep;
    private int _entered;
    private Loop? _loop;

    /// <summary>Runs the body for 0..count-1; a loop inside of a loop is run by its caller alone.</summary>
    public void Run(int count, Action<int> body)
    {
        if (threads == 1 || count <= 1 || Interlocked.Exchange(ref _entered, 1) == 1)
        {
            for (int i = 0; i < count; i++)
            {
                body(i);
            }

            return;
        }

        Loop loop = new(count, Math.Min(count, threads * ChunksPerThread), body);

        // A thread counts itself asleep before it looks for a loop once more, so one of the two sees the other.
        Interlocked.Exchange(ref _loop, loop);
        if (Volatile.Read(ref _asleep) > 0 || Volatile.Read(ref _alive) < threads - 1)
        {
            Wake();
        }

        loop.Share();
        SpinWait spin = default;
        while (!loop.IsDone)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        Volatile.Write(ref _entered, 0);
        loop.Rethrow();
    }

    private void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
            for (; _alive < threads - 1; _alive++)
            {
                new Thread(Work) { IsBackground = true, Name = "binary network training" }.Start();
            }
        }
    }

    private void Work()
    {
        Loop? seen = null;
        while (true)
        {
            for (int i = 0; i < Spins && Volatile.Read(ref _loop) == seen; i++)
            {
                Thread.SpinWait(SpinLength);
            }

            if (Volatile.Read(ref _loop) == seen && !SleepBehind(seen))
            {
                return;
            }

            seen = Volatile.Read(ref _loop);
            seen?.Share();
        }
    }

    /// <summary>Waits for another loop than the last one seen; false if none came for long, and the thread is no longer counted.</summary>
    private bool SleepBehind(Loop? seen)
    {
        lock (_gate)
        {
            Interlocked.Increment(ref _asleep);
            bool woken = true;
            while (woken && Volatile.Read(ref _loop) == seen)
            {
                woken = Monitor.Wait(_gate, s_idle);
            }

            Interlocked.Decrement(ref _asleep);
            bool stays = woken || Volatile.Read(ref _loop) != seen;
            _alive -= stays ? 0 : 1;
            return stays;
        }
    }

    /// <summary>One loop: whoever shares in it takes chunks until none is left, so a thread that comes late finds nothing to do.</summary>
    private sealed class Loop(int count, int chunks, Action<int> body)
    {
        private int _next;
        private int _finished;
        private ExceptionDispatchInfo? _failure;

        public bool IsDone => Volatile.Read(ref _finished) == chunks;

        public void Share()
        {
            for (int chunk; (chunk = Interlocked.Increment(ref _next) - 1) < chunks; Interlocked.Increment(ref _finished))
            {
                try
                {
                    int last = (int)((long)count * (chunk + 1) / chunks);
                    for (int i = (int)((long)count * chunk / chunks); i < last; i++)
                    {
                        body(i);
                    }
                }
                catch (Exception exception)
                {
                    Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
                }
            }
        }

        /// <summary>Throws what a body threw, whichever thread it was on.</summary>
        public void Rethrow() => _failure?.Throw();
    }
}
