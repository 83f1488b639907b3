using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>
/// Segments single images: the most probable class of each pixel, and on request the probabilities of all classes. One instance serves all requests
/// of a web application; results for an image in memory are those of the transformer, to the last bit.
/// </summary>
public sealed class SegmentationPredictor : DensePredictor<SegmentationMask>
{
    /// <summary>Compiles a network.</summary>
    /// <param name="network">A segmentation network.</param>
    /// <param name="options">
    /// Threads, views, and the memory that is kept or may be taken; null, the default, takes all cores for one image, of which one of several callers has them and the others work alone.
    /// (<see cref="InferenceOptions.Threads"/> is 1 where options are given and do not say it.)
    /// </param>
    /// <exception cref="ArgumentException">The network is one for another task, or an option is out of range.</exception>
    public SegmentationPredictor(DenseNetwork network, InferenceOptions? options = null)
        : base(network, DenseTask.Segmentation, options)
    {
    }

    internal SegmentationPredictor(PredictorCore core)
        : base(core)
    {
    }

    /// <summary>Loads a model.</summary>
    /// <param name="path">A zip of <c>ml.Model.Save</c> or a network file. Other stages of a pipeline (resizing, say) are left out.</param>
    /// <param name="options">As for the constructor; views that are null are those that were saved with the model.</param>
    /// <exception cref="NetworkFileException">The file cannot be used; the message says why.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <example>
    /// <code>
    /// var predictor = SegmentationPredictor.Load("road.zip");
    /// SegmentationMask mask = predictor.Predict(RgbImage.Load("street.png"));
    /// </code>
    /// </example>
    public static SegmentationPredictor Load(string path, InferenceOptions? options = null)
    {
        (DenseNetwork network, InferenceOptions stored) = Stored(path, DenseTask.Segmentation, options);
        return new(network, stored);
    }

    /// <summary>The probability of each class for each pixel.</summary>
    /// <exception cref="ArgumentException">The image has more pixels than an array of all probabilities holds.</exception>
    public ScoreTensor PredictScores(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Use(network =>
        {
            float[] scores = new float[MLImageConversion.LengthOf(image.Width, image.Height, network.LogitChannels)];
            network.PredictScores(image, scores);
            return new ScoreTensor(image.Height, image.Width, network.LogitChannels, scores);
        });
    }

    private protected override SegmentationMask Predict(CompiledNetwork network, RgbImage image, (int Width, int Height) size, CancellationToken cancellationToken)
    {
        byte[] labels = new byte[size.Width * size.Height];
        network.PredictLabels(image, labels, size, cancellationToken);
        return new SegmentationMask(size.Width, size.Height, labels);
    }

    private protected override SegmentationMask Resize(SegmentationMask result, (int Width, int Height) size) => result.Resize(size.Width, size.Height);
}
