namespace Microsoft.ML.Binary;

/// <summary>What a run of a network shall give.</summary>
[Flags]
internal enum DenseValues
{
    None = 0,

    /// <summary>The most probable class of each pixel.</summary>
    Labels = 1,

    /// <summary>The probabilities of all classes.</summary>
    Scores = 2,

    /// <summary>The saliency of each pixel.</summary>
    Saliency = 4,
}

/// <summary>The result of a run, in buffers that are used again for the next image.</summary>
internal sealed class DensePrediction
{
    private byte[] _labels = [];
    private float[] _scores = [];
    private float[] _saliency = [];
    private int _classes;

    public int Height { get; private set; }

    public int Width { get; private set; }

    /// <summary>Class indices, row-major.</summary>
    public Span<byte> Labels => _labels.AsSpan(0, Height * Width);

    /// <summary>Probabilities: row, column, class.</summary>
    public Span<float> Scores => _scores.AsSpan(0, Height * Width * _classes);

    /// <summary>Saliency 0..1, row-major.</summary>
    public Span<float> Saliency => _saliency.AsSpan(0, Height * Width);

    public void Resize(int height, int width, int classes, DenseValues values)
    {
        (Height, Width, _classes) = (height, width, classes);
        Grow(ref _labels, values.HasFlag(DenseValues.Labels) ? height * width : 0);
        Grow(ref _scores, values.HasFlag(DenseValues.Scores) ? checked(height * width * classes) : 0);
        Grow(ref _saliency, values.HasFlag(DenseValues.Saliency) ? height * width : 0);
    }

    private static void Grow<T>(ref T[] values, int length)
    {
        if (values.Length < length)
        {
            values = new T[length];
        }
    }
}
