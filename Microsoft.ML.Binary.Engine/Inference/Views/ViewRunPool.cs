namespace Microsoft.ML.Binary.Inference.Views;

/// <summary>Runs over views that nobody uses at the moment, to be used again for images of the same size. Threads may share it.</summary>
internal sealed class ViewRunPool(int capacity)
{
    private const long MostBytes = 32 << 20;

    private readonly Lock _lock = new();
    private readonly List<ViewRun> _free = [];
    private bool _closed;

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

    /// <summary>Drops everything; nothing is kept any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _free.Clear();
        }
    }
}
