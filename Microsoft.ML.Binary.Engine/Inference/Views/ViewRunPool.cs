namespace Microsoft.ML.Binary.Inference.Views;

/// <summary>Runs over views that nobody uses at the moment, to be used again for images of the same size. Threads may share it.</summary>
internal sealed class ViewRunPool(int capacity)
{
    private const long MostBytes = 32 << 20;

    private readonly Lock _lock = new();
    private readonly List<ViewRun> _free = [];
    private bool _closed;

    /// <summary>Bytes that they hold.</summary>
    public long KeptBytes
    {
        get
        {
            lock (_lock)
            {
                return Kept();
            }
        }
    }

    public ViewRun? Take(ViewRunSize size)
    {
        lock (_lock)
        {
            for (int i = _free.Count - 1; i >= 0; i--)
            {
                if (_free[i].Size == size)
                {
                    ViewRun found = _free[i];
                    _free.RemoveAt(i);
                    return found;
                }
            }
        }

        return null;
    }

    /// <summary>Gives a run back; beyond a number of them the one that has not been used for longest is dropped, and a large one at once.</summary>
    public void Return(ViewRun run)
    {
        lock (_lock)
        {
            if (_closed || run.OwnBytes > MostBytes)
            {
                return;
            }

            if (_free.Count == capacity)
            {
                _free.RemoveAt(0);
            }

            _free.Add(run);
        }
    }

    /// <summary>Drops runs until there is room for those that are left; the one that has not been used for longest goes first.</summary>
    /// <param name="room">Bytes that they may hold; none is kept where there are none.</param>
    public void Trim(long room)
    {
        lock (_lock)
        {
            while (_free.Count > 0 && (room <= 0 || Kept() > room))
            {
                _free.RemoveAt(0);
            }
        }
    }

    /// <summary>Drops everything; nothing is kept any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _free.Clear();
        }
    }

    private long Kept()
    {
        long bytes = 0;
        foreach (ViewRun run in _free)
        {
            bytes += run.OwnBytes;
        }

        return bytes;
    }
}
