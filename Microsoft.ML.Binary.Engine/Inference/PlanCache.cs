namespace Microsoft.ML.Binary.Inference;

/// <summary>Plans by padded image size; beyond a number of them the least recently used one is dropped. Threads may share it.</summary>
internal sealed class PlanCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly List<((int Height, int Width) Size, InferencePlan Plan)> _recent = [];

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

    /// <summary>The plan of a size, built if need be. Of threads that need the same new size, one builds it and the others wait.</summary>
    public InferencePlan Get<TArgument>((int Height, int Width) size, TArgument argument, Func<(int Height, int Width), TArgument, InferencePlan> build)
    {
        lock (_lock)
        {
            for (int i = _recent.Count - 1; i >= 0; i--)
            {
                if (_recent[i].Size == size)
                {
                    var found = _recent[i];
                    _recent.RemoveAt(i);
                    _recent.Add(found);
                    return found.Plan;
                }
            }

            InferencePlan plan = build(size, argument);
            if (_recent.Count == capacity)
            {
                _recent.RemoveAt(0);
            }

            _recent.Add((size, plan));
            return plan;
        }
    }
}
