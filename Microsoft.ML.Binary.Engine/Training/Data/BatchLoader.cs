using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>Fills batches with augmented samples. The random stream of a sample depends on seed, step and place in the batch alone.</summary>
internal sealed class BatchLoader(SampleStream stream, DenseTask task, TrainingOptions options, int height, int width) : IDisposable
{
    private const long EstimationSeed = 0x5EED;

    private readonly Teacher? _teacher = options.Teacher is null ? null : new(options.Teacher, task);
    private readonly Augmentation _augmentation = new(options.Augmentation, height, width);
    private readonly TrainingSample[] _batch = new TrainingSample[options.BatchSize];

    /// <summary>Samples of the set.</summary>
    public int Samples => stream.Count;

    /// <summary>Whether the whole set is in memory.</summary>
    public bool IsCached => stream.IsCached;

    /// <summary>The masks of the batch, [image, row, column].</summary>
    public byte[] Masks { get; } = new byte[options.BatchSize * height * width];

    /// <summary>The teacher's probabilities, [image, channel, row, column]; null where there is none.</summary>
    public float[]? TeacherProbabilities { get; } =
        options.Teacher is null ? null : new float[options.BatchSize * options.Teacher.LogitChannels * height * width];

    /// <summary>Continues behind the given number of steps.</summary>
    public void Seek(int step) => stream.Seek((long)step * options.BatchSize);

    /// <summary>Loads the batch of a step.</summary>
    public void Fill(TrainingNetwork network, int step)
    {
        for (int i = 0; i < _batch.Length; i++)
        {
            _batch[i] = stream.Next();
        }

        Augment(network, options.Seed, step, _teacher);
    }

    /// <summary>Loads a batch for estimating statistics, without moving on in the stream: it takes samples that are in memory.</summary>
    public void FillForEstimation(TrainingNetwork network, int batch)
    {
        for (int i = 0; i < _batch.Length; i++)
        {
            _batch[i] = stream.Peek(batch * _batch.Length + i);
        }

        Augment(network, options.Seed ^ EstimationSeed, batch, teacher: null);
    }

    public void Dispose()
    {
        stream.Dispose();
        _teacher?.Dispose();
    }

    private void Augment(TrainingNetwork network, long seed, int step, Teacher? teacher)
    {
        int pixels = height * width;
        byte? outside = task == DenseTask.Segmentation ? options.IgnoreLabel : null;
        network.Pass.For(_batch.Length, i =>
        {
            CropWindow window = _augmentation.Apply(
                _batch[i], new RandomStream(seed, step, i + 2), network.Image.Data.AsSpan(i * 3 * pixels, 3 * pixels),
                Masks.AsSpan(i * pixels, pixels), outside);
            if (teacher is not null)
            {
                int length = teacher.Channels * pixels;
                teacher.Of(_batch[i]).Fill(window, TeacherProbabilities.AsSpan(i * length, length));
            }
        });
    }
}
