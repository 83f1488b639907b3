using System.Numerics.Tensors;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>Probabilities of the pixels of an image.</summary>
/// <example>
/// <code>
/// ScoreTensor scores = predictor.PredictScores(image);                   // of SegmentationPredictor; SaliencyPredictor gives one channel
/// float road = scores.AsTensorSpan()[120, 200, 1];                       // row, column, class
/// </code>
/// </example>
public sealed class ScoreTensor
{
    private readonly float[] _values;

    internal ScoreTensor(int height, int width, int channels, float[] values) => (Height, Width, Channels, _values) = (height, width, channels, values);

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Classes for segmentation, 1 for saliency.</summary>
    public int Channels { get; }

    /// <summary>The probabilities, 0..1, in the order row, column, channel.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>The probabilities as a tensor [<see cref="Height"/>, <see cref="Width"/>, <see cref="Channels"/>]; nothing is copied.</summary>
    /// <example><code>float p = predictor.PredictScores(image).AsTensorSpan()[120, 200, 1];</code></example>
    public ReadOnlyTensorSpan<float> AsTensorSpan() => new(_values, [Height, Width, Channels]);

    /// <summary>Saliency as the gray values of a mask, round(255 p).</summary>
    /// <exception cref="InvalidOperationException">There is more than one channel.</exception>
    public SaliencyMask ToMask() => Channels == 1
        ? SaliencyMask.FromProbabilities(Width, Height, _values)
        : throw new InvalidOperationException($"These are probabilities of {Channels} classes; only saliency, of one channel, is a mask of gray values.");
}
