using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>
/// The training samples in random order, each once an epoch. A set whose decoded samples fit into the cache is kept and permuted; a
/// larger one is read anew each epoch through a shuffle buffer of the cache's size. The order depends on the seed and the epoch alone, so
/// a resumed run sees what the interrupted one would have seen.
/// </summary>
internal sealed class SampleStream : IDisposable
{
    private readonly Func<IEnumerable<TrainingSample>> _read;
    private readonly long _cacheBytes, _seed;
    private readonly List<TrainingSample> _buffer = [];
    private IEnumerator<TrainingSample>? _source;
    private int[] _order = [];
    private RandomStream _random;

    /// <summary>Reads the whole set once, before training starts.</summary>
    /// <exception cref="InvalidDataException">The set is empty.</exception>
    public SampleStream(Func<IEnumerable<TrainingSample>> read, long cacheBytes, long seed)
    {
        (_read, _cacheBytes, _seed, IsCached) = (read, cacheBytes, seed, true);
        long bytes = 0;
        foreach (TrainingSample sample in read())
        {
            Count++;
            bytes += SizeOf(sample);
            IsCached &= bytes <= cacheBytes;
            if (IsCached)
            {
                _buffer.Add(sample);
            }
            else
            {
                _buffer.Clear();
            }
        }

        if (Count == 0)
        {
            throw new InvalidDataException("The training data is empty; at least one image with its mask is needed.");
        }

        StartEpoch();
    }

    /// <summary>Samples of a pass.</summary>
    public int Count { get; }

    /// <summary>Whether the whole set is in memory, and so its order is one of the whole set.</summary>
    public bool IsCached { get; }

    /// <summary>Passes completed.</summary>
    public int Epoch { get; private set; }

    /// <summary>Samples handed out in this pass.</summary>
    public int Position { get; private set; }

    /// <summary>
    /// Goes to where so many calls of <see cref="Next"/> lead from the beginning, which for a whole number of epochs is the end of the last
    /// one. Samples before it in the epoch are read and passed over.
    /// </summary>
    public void Seek(long samples)
    {
        (Epoch, Position) = ((int)(Math.Max(0, samples - 1) / Count), 0);
        StartEpoch();
        for (long i = samples - (long)Epoch * Count; i > 0; i--)
        {
            Next();
        }
    }

    /// <summary>The next sample, going on to the next epoch where one ends.</summary>
    /// <exception cref="InvalidDataException">A later pass has fewer samples than the first.</exception>
    public TrainingSample Next()
    {
        if (Position == Count)
        {
            (Epoch, Position) = (Epoch + 1, 0);
            StartEpoch();
        }

        return IsCached ? _buffer[_order[Position++]] : NextFromSource();
    }

    /// <summary>A sample that is in memory, for uses that do not count as training; any index gives one.</summary>
    public TrainingSample Peek(int index)
    {
        if (_buffer.Count == 0)
        {
            StartEpoch();
        }

        return IsCached ? _buffer[_order[index % _buffer.Count]] : _buffer[index % _buffer.Count];
    }

    public void Dispose() => _source?.Dispose();

    private TrainingSample NextFromSource()
    {
        if (_buffer.Count == 0)
        {
            throw new InvalidDataException(
                $"Pass {Epoch + 1} over the training data ended after {Position} samples; the first pass had {Count}. The data must stay as it is while training.");
        }

        int slot = _random.NextInt(_buffer.Count);
        TrainingSample sample = _buffer[slot];
        if (_source!.MoveNext())
        {
            _buffer[slot] = _source.Current;
        }
        else
        {
            _buffer[slot] = _buffer[^1];
            _buffer.RemoveAt(_buffer.Count - 1);
        }

        Position++;
        return sample;
    }

    private void StartEpoch()
    {
        _random = new RandomStream(_seed, Epoch, 1);
        if (IsCached)
        {
            _order = [.. Enumerable.Range(0, _buffer.Count)];
            for (int i = _order.Length - 1; i > 0; i--)
            {
                int j = _random.NextInt(i + 1);
                (_order[i], _order[j]) = (_order[j], _order[i]);
            }

            return;
        }

        _source?.Dispose();
        _source = _read().GetEnumerator();
        _buffer.Clear();
        for (long bytes = 0; bytes < _cacheBytes && _source.MoveNext(); bytes += SizeOf(_source.Current))
        {
            _buffer.Add(_source.Current);
        }
    }

    private static long SizeOf(TrainingSample sample) => sample.Image.Pixels.Length + sample.Mask.Length + sample.MoreMasks.Sum(mask => (long)mask.Length);
}
