using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>The model of a predictor, which is replaced while it is used when its file changes.</summary>
internal sealed class ModelHolder : IDisposable
{
    private readonly Func<LoadedModel> _load;
    private readonly string? _path;
    private readonly TimeSpan _interval;
    private readonly Action<Exception?>? _reloaded;
    private readonly Timer? _timer;
    private readonly Lock _reloading = new();
    private LoadedModel? _current;
    private FileStamp? _stamp;

    /// <param name="load">Loads the model.</param>
    /// <param name="path">The file to watch; null for none.</param>
    /// <param name="interval">How often to look at it.</param>
    /// <param name="reloaded">Is called after each attempt to load the model anew: with the error, or null.</param>
    public ModelHolder(Func<LoadedModel> load, string? path = null, TimeSpan interval = default, Action<Exception?>? reloaded = null)
    {
        (_load, _path, _interval, _reloaded) = (load, path, interval, reloaded);

        // Before the file is read: what is written meanwhile is seen as a change.
        _stamp = FileStamp.Of(path);
        _current = load();
        if (path is not null)
        {
            // Started when it is known: its first call may come before this thread's next line.
            _timer = new(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            LookLater();
        }
    }

    /// <summary>Why the file of now is not used, where the model is an earlier one.</summary>
    public Exception? Problem { get; private set; }

    /// <summary>The model of now, to be left by <see cref="LoadedModel.Exit"/>.</summary>
    /// <exception cref="ObjectDisposedException">The holder is disposed.</exception>
    public LoadedModel Enter()
    {
        while (true)
        {
            LoadedModel? current = Volatile.Read(ref _current);
            ObjectDisposedException.ThrowIf(current is null, this);
            if (current.TryEnter())
            {
                return current;
            }
        }
    }

    /// <summary>Loads the model anew. Whoever uses the one before goes on with that.</summary>
    public void Reload()
    {
        lock (_reloading)
        {
            LoadedModel next;
            try
            {
                next = _load();
            }
            catch (Exception error)
            {
                Problem = error;
                Tell(error);
                return;
            }

            LoadedModel? before = Volatile.Read(ref _current);
            if (before is null)
            {
                next.Exit();
                return;
            }

            // In this order: whoever sees the model sees no problem of the file before it.
            Problem = null;
            Volatile.Write(ref _current, next);
            before.Exit();
            Tell(null);
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        lock (_reloading)
        {
            Interlocked.Exchange(ref _current, null)?.Exit();
        }
    }

    private void Look()
    {
        try
        {
            FileStamp? now = FileStamp.Of(_path);

            // One that is gone leaves the model as it is.
            if (now is not null && now != _stamp)
            {
                _stamp = now;
                Reload();
                if (Problem is UnauthorizedAccessException or (IOException and not NetworkFileException))
                {
                    // Perhaps still open elsewhere, as one that was just moved into its place by its writer, and readable the next time without a change to be seen.
                    // One with bad content is tried again when it has changed.
                    _stamp = null;
                }
            }
        }
        finally
        {
            LookLater();
        }
    }

    private void Tell(Exception? error)
    {
        try
        {
            _reloaded?.Invoke(error);
        }
        catch (Exception)
        {
            // Of a logger or a listener of metrics. On this thread nobody else catches what would end the process, and the model is what it is.
        }
    }

    private void LookLater()
    {
        try
        {
            _timer!.Change(_interval, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
        }
    }

    /// <summary>What tells one state of a file from another, also where a link to it is changed.</summary>
    private sealed record FileStamp(string Path, long Length, DateTime Written)
    {
        public static FileStamp? Of(string? path)
        {
            try
            {
                if (path is null)
                {
                    return null;
                }

                FileInfo file = new(RealPath.Of(path));
                return file.Exists ? new(file.FullName, file.Length, file.LastWriteTimeUtc) : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }
}
