namespace Microsoft.ML.Binary.Inference;

/// <summary>Starts threads where a system may have no more of them: limits of users, services and containers count threads, and each takes memory.</summary>
internal static class ThreadStarter
{
    /// <summary>Starts a thread; false if the system has none left, and then it never runs.</summary>
    /// <param name="thread">The thread.</param>
    /// <param name="start">Starts it; null for <see cref="Thread.Start()"/>.</param>
    public static bool TryStart(Thread thread, Action<Thread>? start)
    {
        try
        {
            (start ?? (static thread => thread.Start()))(thread);
            return true;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            return false;
        }
    }
}
