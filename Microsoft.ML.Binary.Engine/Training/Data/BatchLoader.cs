using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>
/// Fills batches with augmented samples. The random stream of a sample depends on seed, batch and place in the batch alone. With several threads
/// the next batch is prepared while the network works on this one; what is in it does not depend on that.
/// </summary>
internal sealed class BatchLoader(SampleStream stream, TrainingTask task, TrainingOptions options, int height, int width, int threads) : IDisposable
{
    private const long EstimationSeed = 0x5EED;

    private readonly Teacher? _teacher = options.Teacher is null ? null : new(options.Teacher, task.Task);
    private readonly Augmentation _augmentation = new(options.Augmentation, height, width);
    private readonly TrainingSample[] _samples = new TrainingSample[options.BatchSize];
    private readonly ParallelOptions _background = new() { MaxDegreeOfParallelism = Math.Max(1, threads / 2) };
    private Batch _current = new(options, height, width);
    private Batch? _next;
    private Task? _preparation;
    private long _nextIndex = -1;

    /// <summary>Samples of the set.</summary>
    public int Samples => stream.Count;

    /// <summary>Whether the whole set is in memory.</summary>
    public bool IsCached => stream.IsCached;

    /// <summary>Batches of the whole run, if they are known: none beyond is prepared.</summary>
    public long Batches { get; set; } = long.MaxValue;

    /// <summary>The masks of the batch, [image, row, column].</summary>
    public byte[] Masks => _current.Masks;

    /// <summary>The teacher's probabilities, [image, channel, row, column]; null where there is none.</summary>
    public float[]? TeacherProbabilities => _current.TeacherProbabilities;

    /// <summary>Continues after the given number of batches.</summary>
    public void Seek(long batches) => stream.Seek(batches * options.BatchSize);

    /// <summary>Loads a batch; they come in order.</summary>
    public void Fill(TrainingNetwork network, long index)
    {
        if (_nextIndex == index)
        {
            (Task preparation, Batch prepared) = (_preparation!, _next!);
            (_preparation, _nextIndex) = (null, -1);
            preparation.GetAwaiter().GetResult();
            (_current, _next) = (prepared, _current);
        }
        else
        {
            Draw();
            network.Pass.For(_samples.Length, i => Augment(_current, options.Seed, index, i, _teacher));
        }

        _current.Planes.CopyTo(network.Image.Data, 0);
        if (threads > 1 && index + 1 < Batches)
        {
            Batch next = _next ??= new(options, height, width);
            _nextIndex = index + 1;
            _preparation = Task.Run(() =>
            {
                Draw();
                Parallel.For(0, _samples.Length, _background, i => Augment(next, options.Seed, index + 1, i, _teacher));
            });
        }
    }

    /// <summary>
    /// Loads a batch for estimating statistics, without moving on in the stream: it takes samples that are in memory when the next batch has been
    /// drawn, so that it does not matter how far its preparation is.
    /// </summary>
    public void FillForEstimation(TrainingNetwork network, int batch)
    {
        WaitForPreparation();
        TrainingSample[] samples = [.. Enumerable.Range(0, _samples.Length).Select(i => stream.Peek(batch * _samples.Length + i))];
        network.Pass.For(samples.Length, i => Augment(_current, options.Seed ^ EstimationSeed, batch, i, samples[i], teacher: null));
        _current.Planes.CopyTo(network.Image.Data, 0);
    }

    public void Dispose()
    {
        WaitForPreparation();
        stream.Dispose();
        _teacher?.Dispose();
    }

    // What it throws is for the step that needs the batch.
    private void WaitForPreparation() => Task.WhenAny(_preparation ?? Task.CompletedTask).Wait();

    private void Draw()
    {
        for (int i = 0; i < _samples.Length; i++)
        {
            _samples[i] = stream.Next();
        }
    }

    private void Augment(Batch batch, long seed, long index, int i, Teacher? teacher) => Augment(batch, seed, index, i, _samples[i], teacher);

    private void Augment(Batch batch, long seed, long index, int i, TrainingSample sample, Teacher? teacher)
    {
        int pixels = height * width;
        CropWindow window = _augmentation.Apply(
            sample, new RandomStream(seed, index, i + 2), batch.Planes.AsSpan(i * 3 * pixels, 3 * pixels),
            batch.Masks.AsSpan(i * pixels, pixels), task.IgnoredLabel);
        if (teacher is not null)
        {
            int length = teacher.Channels * pixels;
            teacher.Of(sample).Fill(window, batch.TeacherProbabilities.AsSpan(i * length, length));
        }
    }

    /// <summary>What is prepared of a batch.</summary>
    private sealed class Batch(TrainingOptions options, int height, int width)
    {
        /// <summary>[image, channel, row, column].</summary>
        public float[] Planes { get; } = new float[options.BatchSize * 3 * height * width];

        public byte[] Masks { get; } = new byte[options.BatchSize * height * width];

        public float[]? TeacherProbabilities { get; } =
            options.Teacher is null ? null : new float[options.BatchSize * options.Teacher.LogitChannels * height * width];
    }
}
