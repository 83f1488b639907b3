using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>Work on the items of a long list in parallel, with results in order and only a few of them in memory.</summary>
/// <example>
/// <code>
/// IEnumerable&lt;(string Path, ImageInfo Info)> infos = OrderedParallel.Map(ImageFolder.ListImages("photos"), threads: 8, path => (path, ImageReader.ReadInfo(path)));
/// foreach ((string path, ImageInfo info) in infos)                        // in the order of the list; eight at a time are in memory
/// {
///     Console.WriteLine($"{path}: {info.Width}x{info.Height}");
/// }
/// </code>
/// </example>
public static class OrderedParallel
{
    /// <summary>
    /// Maps items to results on up to <paramref name="threads"/> threads. An error appears where its item's result would, that of reading the next item too. However the walk
    /// ends, no work goes on after it: what was begun is waited for. The threads are the walk's own, so that work which waits (for a disk, say) keeps none of the thread pool's.
    /// Where the system starts fewer, they do the work, and the caller where it starts none.
    /// </summary>
    /// <param name="items">The items; read as far as work has begun.</param>
    /// <param name="threads">At least 1.</param>
    /// <param name="map">Makes the result of an item; called on several threads.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is below 1.</exception>
    public static IEnumerable<TResult> Map<T, TResult>(IEnumerable<T> items, int threads, Func<T, TResult> map)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentNullException.ThrowIfNull(map);
        return Walk(items, threads, map, start: null);
    }

    /// <summary>What <see cref="Map"/> does, with threads that are started as <paramref name="start"/> does it, unless that is null.</summary>
    internal static IEnumerable<TResult> Walk<T, TResult>(IEnumerable<T> items, int threads, Func<T, TResult> map, Action<Thread>? start)
    {
        Queue<Item<TResult>> running = new();
        List<Thread> workers = [];
        WaitingQueue<Item<TResult>> begun = new();
        ExceptionDispatchInfo? fault;
        bool starts = true;
        try
        {
            using (IEnumerator<T> source = items.GetEnumerator())
            {
                while (TryRead(source, out T? item, out fault))
                {
                    if (running.Count == threads)
                    {
                        yield return running.Dequeue().Wait();
                    }

                    Item<TResult> next = new(() => map(item));
                    running.Enqueue(next);
                    starts = starts && (workers.Count == threads || TryStart(begun, workers, start));
                    if (workers.Count > 0)
                    {
                        begun.Add(next);
                    }
                    else
                    {
                        next.Run();
                    }
                }
            }

            while (running.TryDequeue(out Item<TResult>? next))
            {
                yield return next.Wait();
            }

            fault?.Throw();
        }
        finally
        {
            begun.End();
            workers.ForEach(worker => worker.Join());
        }
    }

    private static bool TryRead<T>(IEnumerator<T> source, [MaybeNullWhen(false)] out T item, out ExceptionDispatchInfo? fault)
    {
        (item, fault) = (default, null);
        try
        {
            bool isThere = source.MoveNext();
            item = isThere ? source.Current : default;
            return isThere;
        }
        catch (Exception e)
        {
            fault = ExceptionDispatchInfo.Capture(e);
            return false;
        }
    }

    private static bool TryStart<TResult>(WaitingQueue<Item<TResult>> begun, List<Thread> workers, Action<Thread>? start)
    {
        Thread worker = new(() =>
        {
            while (begun.Take() is { } item)
            {
                item.Run();
            }
        })
        {
            IsBackground = true,
            Name = nameof(OrderedParallel),
        };
        if (!ThreadStarter.TryStart(worker, start))
        {
            return false;
        }

        workers.Add(worker);
        return true;
    }

    /// <summary>Those who wait sleep at once. What .NET has for this spins first, which many threads that wait for a disk take from those that compute.</summary>
    private sealed class WaitingQueue<T> where T : class
    {
        private readonly Queue<T> _items = new();
        private bool _ended;

        public void Add(T item)
        {
            lock (_items)
            {
                _items.Enqueue(item);
                Monitor.Pulse(_items);
            }
        }

        /// <summary>Nothing is added any more.</summary>
        public void End()
        {
            lock (_items)
            {
                _ended = true;
                Monitor.PulseAll(_items);
            }
        }

        /// <summary>The next; null when there is none and will be none.</summary>
        public T? Take()
        {
            lock (_items)
            {
                while (_items.Count == 0 && !_ended)
                {
                    Monitor.Wait(_items);
                }

                return _items.TryDequeue(out T? item) ? item : null;
            }
        }
    }

    private sealed class Item<TResult>(Func<TResult> work)
    {
        private readonly object _gate = new();
        private TResult? _result;
        private ExceptionDispatchInfo? _fault;
        private bool _isDone;

        public void Run()
        {
            try
            {
                _result = work();
            }
            catch (Exception e)
            {
                _fault = ExceptionDispatchInfo.Capture(e);
            }

            lock (_gate)
            {
                _isDone = true;
                Monitor.Pulse(_gate);
            }
        }

        public TResult Wait()
        {
            lock (_gate)
            {
                while (!_isDone)
                {
                    Monitor.Wait(_gate);
                }
            }

            _fault?.Throw();
            return _result!;
        }
    }
}
