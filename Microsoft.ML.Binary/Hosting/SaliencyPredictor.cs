using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>
/// Finds the salient object in single images: the saliency of each pixel, a tensor of one channel. One instance serves all requests
/// of a web application; results for an image in memory are those of the transformer, to the last bit.
/// </summary>
public sealed class SaliencyPredictor : DensePredictor<ScoreTensor>
{
    /// <summary>Compiles a network.</summary>
    /// <param name="network">A saliency network.</param>
    /// <param name="options">
    /// Threads, views, and the memory that is kept or may be taken; null, the default, takes all cores for one image, of which one of several callers has them and the others work alone.
    /// (<see cref="InferenceOptions.Threads"/> is 1 where options are given and do not say it.)
    /// </param>
    /// <exception cref="ArgumentException">The network is one for another task, or an option is out of range.</exception>
    public SaliencyPredictor(DenseNetwork network, InferenceOptions? options = null)
        : base(network, DenseTask.Saliency, options)
    {
    }

    internal SaliencyPredictor(PredictorCore core)
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
    /// var predictor = SaliencyPredictor.Load("objects.zip");
    /// MaskWriter.Save("mask.png", predictor.Predict(RgbImage.Load("photo.png")).ToMask());
    /// </code>
    /// </example>
    public static SaliencyPredictor Load(string path, InferenceOptions? options = null)
    {
        (DenseNetwork network, InferenceOptions stored) = Stored(path, DenseTask.Saliency, options);
        return new(network, stored);
    }

    private protected override ScoreTensor Predict(CompiledNetwork network, RgbImage image, (int Width, int Height) size, CancellationToken cancellationToken)
    {
        float[] saliency = new float[size.Width * size.Height];
        network.PredictSaliency(image, saliency, size, cancellationToken);
        return new ScoreTensor(size.Height, size.Width, 1, saliency);
    }

    private protected override ScoreTensor Resize(ScoreTensor result, (int Width, int Height) size) =>
        new(size.Height, size.Width, 1, NearestResampler.Resize(result.Values, result.Width, result.Height, size.Width, size.Height));
}
