namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// Plans by padded image size, and the memory of finished runs. Beyond a number of plans, or of bytes, what was used least recently goes first. Threads may
/// share it.
/// </summary>
/// <param name="capacity">Plans that are kept.</param>
/// <param name="budget">Bytes of finished runs that are kept.</param>
internal sealed class PlanCache(int capacity, long budget)
{
    private readonly Lock _lock = new();
    private readonly List<Entry> _recent = [];
    private bool _closed;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _recent.Count;
            }
        }
    }

    /// <summary>Bytes of finished runs that are kept.</summary>
    public long KeptBytes
    {
        get
        {
            lock (_lock)
            {
                // A run allocates nothing, so it does not ask by a query.
                long kept = 0;
                foreach (Entry entry in _recent)
                {
                    kept += entry.Plan.KeptBytes;
                }

                return kept;
            }
        }
    }

    /// <summary>The plan of a size, built if need be. Of threads that need the same new size, one builds it and the others wait.</summary>
    /// <exception cref="ObjectDisposedException">The cache is closed.</exception>
    public InferencePlan Get<TArgument>((int Height, int Width) size, TArgument argument, Func<(int Height, int Width), TArgument, InferencePlan> build)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(CompiledNetwork));
            for (int i = _recent.Count - 1; i >= 0; i--)
            {
                if ((_recent[i].Height, _recent[i].Width) == size)
                {
                    Entry found = _recent[i];
                    _recent.RemoveAt(i);
                    _recent.Add(found);
                    return found.Plan;
                }
            }

            InferencePlan plan = build(size, argument);
            if (_recent.Count == capacity)
            {
                _recent[0].Plan.ForgetAll();
                _recent.RemoveAt(0);
            }

            _recent.Add(new(size.Height, size.Width, plan));
            return plan;
        }
    }

    /// <summary>Takes memory back after a run: it is kept with its plan, or left to the garbage collector.</summary>
    public void Return(InferencePlan plan, RunState state)
    {
        lock (_lock)
        {
            bool cached = false;
            long kept = 0;
            foreach (Entry entry in _recent)
            {
                cached |= entry.Plan == plan;
                kept += entry.Plan.KeptBytes;
            }

            if (!cached || plan.StateBytes > budget)
            {
                return;
            }

            Forget(_recent, kept + plan.StateBytes - budget);
            plan.Return(state);
        }
    }

    /// <summary>Leaves memory of finished runs to the garbage collector.</summary>
    /// <param name="plans">The plans, that of which memory is forgotten first at the front.</param>
    /// <param name="excess">Bytes that are too many. Runs may have begun since they were counted, and have taken some.</param>
    internal static void Forget(List<Entry> plans, long excess)
    {
        foreach (Entry entry in plans)
        {
            while (excess > 0 && entry.Plan.Forget())
            {
                excess -= entry.Plan.StateBytes;
            }
        }
    }

    /// <summary>Drops everything; no plan can be had any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _recent.ForEach(entry => entry.Plan.ForgetAll());
            _recent.Clear();
        }
    }

    /// <summary>A plan and its size.</summary>
    internal sealed record Entry(int Height, int Width, InferencePlan Plan);
}
