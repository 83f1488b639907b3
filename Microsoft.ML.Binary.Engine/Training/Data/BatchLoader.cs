using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>
/// Fills batches with augmented samples. The random stream of a sample depends on seed, batch and place in the batch alone. The samples of the next batch
/// are drawn when this one is filled; with several threads they are also augmented while the network works on this one. What is in it does not depend on that.
/// </summary>
internal sealed class BatchLoader(SampleStream stream, ImmutableArray<TrainedHead> heads, TrainingOptions options, int height, int width, int threads) : IDisposable
{
    private const long EstimationSeed = 0x5EED;

    private readonly Teacher? _teacher = options.Teacher is null ? null : new(options.Teacher, heads[0].Task.Task);
    private readonly Augmentation _augmentation = new(options.Augmentation, height, width);
    private readonly TrainingSample[] _samples = new TrainingSample[options.BatchSize];
    private readonly ParallelOptions _background = new() { MaxDegreeOfParallelism = Math.Max(1, threads / 2) };
    private readonly TrainedHead[] _owners = TrainedHead.Owners(heads);
    private Batch _current = new(heads, options, height, width);
    private Batch? _next;
    private Task? _preparation;
    private long _nextIndex = -1;

    /// <summary>Samples of the set.</summary>
    public int Samples => stream.Count;

    /// <summary>Whether the whole set is in memory.</summary>
    public bool IsCached => stream.IsCached;

    /// <summary>Batches of the whole run, if they are known: none beyond is prepared.</summary>
    public long Batches { get; set; } = long.MaxValue;

    /// <summary>What a head learns of the batch, [image, row, column].</summary>
    public byte[] Targets(int head) => _current.Targets[head];

    /// <summary>The teacher's probabilities, [image, channel, row, column]; null where there is none.</summary>
    public float[]? TeacherProbabilities => _current.TeacherProbabilities;

    /// <summary>Continues after the given number of batches.</summary>
    public void Seek(long batches)
    {
        stream.Seek(batches * options.BatchSize);
        Prepare(batches);
    }

    /// <summary>Loads a batch; they come in order.</summary>
    public void Fill(TrainingNetwork network, long index)
    {
        bool isDrawn = _nextIndex == index;
        if (isDrawn)
        {
            Task preparation = _preparation!;
            (_preparation, _nextIndex) = (null, -1);
            preparation.GetAwaiter().GetResult();
        }
        else
        {
            Draw();
        }

        if (isDrawn && threads > 1)
        {
            (_current, _next) = (_next!, _current);
        }
        else
        {
            network.Pass.For(_samples.Length, i => Augment(_current, options.Seed, index, i, _samples[i], _teacher));
        }

        _current.Planes.CopyTo(network.Image.Data, 0);
        Prepare(index + 1);
    }

    // What it throws is for the step that needs the batch.
    private void Prepare(long index)
    {
        if (index >= Batches)
        {
            return;
        }

        _nextIndex = index;
        if (threads == 1)
        {
            _preparation = new Task(Draw);
            _preparation.RunSynchronously();
            return;
        }

        Batch next = _next ??= new(heads, options, height, width);
        _preparation = Task.Run(() =>
        {
            Draw();
            Parallel.For(0, _samples.Length, _background, i => Augment(next, options.Seed, index, i, _samples[i], _teacher));
        });
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

    private void WaitForPreparation() => Task.WhenAny(_preparation ?? Task.CompletedTask).Wait();

    private void Draw()
    {
        for (int i = 0; i < _samples.Length; i++)
        {
            _samples[i] = stream.Next();
        }
    }

    private void Augment(Batch batch, long seed, long index, int i, TrainingSample sample, Teacher? teacher)
    {
        int pixels = height * width;
        CropWindow window = _augmentation.Apply(
            sample, new RandomStream(seed, index, i + 2), batch.Planes.AsSpan(i * 3 * pixels, 3 * pixels),
            batch.Masks[0].AsSpan(i * pixels, pixels), _owners[0].Task.IgnoredLabel);
        for (int mask = 1; mask < _owners.Length; mask++)
        {
            Augmentation.FillMask(
                window, sample.MoreMasks[mask - 1], sample.Image.Width, batch.Masks[mask].AsSpan(i * pixels, pixels), _owners[mask].Task.IgnoredLabel);
        }

        for (int head = 0; head < heads.Length; head++)
        {
            if (heads[head].Task.HasOwnTarget)
            {
                heads[head].Task.Target(batch.Masks[heads[head].Mask].AsSpan(i * pixels, pixels), width, batch.Targets[head].AsSpan(i * pixels, pixels));
            }
        }

        if (teacher is not null)
        {
            int length = teacher.Channels * pixels;
            teacher.Of(sample).Fill(window, batch.TeacherProbabilities.AsSpan(i * length, length));
        }
    }

    /// <summary>What is prepared of a batch.</summary>
    private sealed class Batch
    {
        public Batch(ImmutableArray<TrainedHead> heads, TrainingOptions options, int height, int width)
        {
            int pixels = options.BatchSize * height * width;
            Planes = new float[3 * pixels];
            Masks = [.. TrainedHead.Owners(heads).Select(_ => new byte[pixels])];
            Targets = [.. heads.Select(head => head.Task.HasOwnTarget ? new byte[pixels] : Masks[head.Mask])];
            TeacherProbabilities = options.Teacher is null ? null : new float[pixels * options.Teacher.LogitChannels];
        }

        /// <summary>[image, channel, row, column].</summary>
        public float[] Planes { get; }

        /// <summary>The masks of each task that has some, [image, row, column].</summary>
        public byte[][] Masks { get; }

        /// <summary>What each head learns, [image, row, column]: its masks, or what is made of them.</summary>
        public byte[][] Targets { get; }

        public float[]? TeacherProbabilities { get; }
    }
}
