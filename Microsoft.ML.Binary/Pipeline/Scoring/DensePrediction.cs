using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>The results of a run, in buffers that are used again for the next image.</summary>
internal sealed class DensePrediction
{
    private HeadPrediction[] _heads = [];
    private TaskOutput[] _outputs = [];

    public int Height { get; private set; }

    public int Width { get; private set; }

    /// <summary>The results of a head.</summary>
    public HeadPrediction this[int head] => _heads[head];

    /// <summary>Makes room for an image, and says what is wanted of it.</summary>
    public ReadOnlySpan<TaskOutput> Outputs(ImmutableArray<TaskHead> heads, (int Width, int Height) size, ReadOnlySpan<DenseValues> values)
    {
        (Width, Height) = size;
        if (_heads.Length < values.Length)
        {
            _heads = [.. heads.Take(values.Length).Select(head => new HeadPrediction(head))];
            _outputs = new TaskOutput[values.Length];
        }

        int count = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] != DenseValues.None)
            {
                _outputs[count++] = _heads[i].Output(size, values[i]);
            }
        }

        return _outputs.AsSpan(0, count);
    }
}

/// <summary>The results of one head.</summary>
internal sealed class HeadPrediction(TaskHead head)
{
    private byte[] _labels = [];
    private float[] _values = [];
    private int _pixels;
    private int _channels;

    /// <summary>Class indices, row-major.</summary>
    public ReadOnlySpan<byte> Labels => _labels.AsSpan(0, _pixels);

    /// <summary>Probabilities: row, column, class; where there are no classes, row and column.</summary>
    public ReadOnlySpan<float> Values => _values.AsSpan(0, _pixels * _channels);

    public TaskOutput Output((int Width, int Height) size, DenseValues values)
    {
        (_pixels, _channels) = (size.Width * size.Height, head.Channels);
        Memory<byte> labels = Room(ref _labels, values.HasFlag(DenseValues.Labels) ? _pixels : 0);
        Memory<float> probabilities = Room(ref _values, values is DenseValues.Labels ? 0 : MLImageConversion.LengthOf(size.Width, size.Height, _channels));
        return values.HasFlag(DenseValues.Scores) ? TaskOutput.Scores(head.Name, probabilities, labels)
            : values.HasFlag(DenseValues.Map) ? TaskOutput.Probabilities(head.Name, probabilities)
            : TaskOutput.Labels(head.Name, labels);
    }

    private static Memory<T> Room<T>(ref T[] values, int length)
    {
        if (values.Length < length)
        {
            values = new T[length];
        }

        return values.AsMemory(0, length);
    }
}
