namespace Microsoft.ML.Binary;

/// <summary>Lets a few of many threads work at a time, while the others wait for the disk.</summary>
/// <param name="count">How many work.</param>
internal sealed class WorkTurns(int count)
{
    private readonly SemaphoreSlim _free = new(count);

    /// <summary>Waits for a turn, which ends when it is disposed of.</summary>
    public WorkTurn Take(CancellationToken cancellationToken)
    {
        _free.Wait(cancellationToken);
        return new(_free);
    }
}

/// <summary>A turn of one thread; may be ended more than once.</summary>
internal sealed class WorkTurn(SemaphoreSlim free) : IDisposable
{
    private bool _ended;

    public void Dispose()
    {
        if (!_ended)
        {
            _ended = true;
            free.Release();
        }
    }
}
