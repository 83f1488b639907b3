using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// The one place where a network turns an image into columns, for transformers and saved models alike, so that both give the same bits.
/// Thread-safe.
/// </summary>
internal sealed class DenseScorer
{
    // Its threads end by themselves when it is not used, so that nobody has to dispose of a transformer.
    private readonly CompiledNetwork _compiled;

    /// <param name="network">Frozen here if it is not.</param>
    /// <param name="views">At which size it looks at images, and how often.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores.</param>
    public DenseScorer(DenseNetwork network, ViewOptions views, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(network);
        (Network, Views) = (network, views);
        _compiled = CompiledNetwork.Compile(network, new InferenceOptions { Threads = threads, Views = views });
    }

    public DenseNetwork Network { get; }

    public ViewOptions Views { get; }

    /// <param name="image">The image, which may have been decoded smaller than its picture is.</param>
    /// <param name="size">The picture's size, which the result gets.</param>
    /// <param name="values">What is asked for.</param>
    /// <param name="result">Gets it.</param>
    public void Score(RgbImage image, (int Width, int Height) size, DenseValues values, DensePrediction result)
    {
        result.Resize(size.Height, size.Width, _compiled.LogitChannels, values);
        if (values.HasFlag(DenseValues.Labels | DenseValues.Scores))
        {
            _compiled.PredictLabelsAndScores(image, result.Labels, result.Scores, size);
        }
        else if (values.HasFlag(DenseValues.Labels))
        {
            _compiled.PredictLabels(image, result.Labels, size);
        }
        else if (values.HasFlag(DenseValues.Scores))
        {
            _compiled.PredictScores(image, result.Scores, size);
        }
        else
        {
            _compiled.PredictSaliency(image, result.Saliency, size);
        }
    }
}

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

/// <summary>What an output column holds.</summary>
internal enum ScoredValue
{
    Labels,
    Scores,
    Saliency,
    Height,
    Width,
}

/// <summary>An output column of a transformer.</summary>
internal sealed record ScoredColumn(string Name, ScoredValue Value, DataViewSchema.Annotations? Annotations = null)
{
    public DataViewType Type => Value switch
    {
        ScoredValue.Labels => new VectorDataViewType(NumberDataViewType.Byte),
        ScoredValue.Scores or ScoredValue.Saliency => new VectorDataViewType(NumberDataViewType.Single),
        _ => NumberDataViewType.Int32,
    };

    /// <summary>What the network has to compute for it; an image's size needs no network.</summary>
    public DenseValues Needs => Value switch
    {
        ScoredValue.Labels => DenseValues.Labels,
        ScoredValue.Scores => DenseValues.Scores,
        ScoredValue.Saliency => DenseValues.Saliency,
        _ => DenseValues.None,
    };
}
