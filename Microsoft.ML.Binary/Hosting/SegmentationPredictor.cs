using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// Segments single images, without a pipeline. Thread-safe: one instance serves all requests of a web application; what a run needs is
/// pooled, so that nothing but the result is allocated. Results are those of the transformer, to the last bit.
/// </summary>
public sealed class SegmentationPredictor : IDisposable
{
    private readonly CompiledNetwork _compiled;
    private readonly PixelPool _pixels = new();

    /// <summary>Compiles a network.</summary>
    /// <param name="network">A segmentation network.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores. Of several callers one has them, and the others work alone.</param>
    /// <param name="views">At which size images are looked at, and how often; null for once, at the size that the network was trained at.</param>
    /// <exception cref="ArgumentException">The network is one for saliency, or the number of threads is out of range.</exception>
    public SegmentationPredictor(DenseNetwork network, int threads = 0, ViewOptions? views = null)
        : this(network, new InferenceOptions { Threads = threads, Views = views })
    {
    }

    /// <summary>Compiles a network.</summary>
    /// <param name="network">A segmentation network.</param>
    /// <param name="options">Threads, views, and the memory that is kept or may be taken.</param>
    /// <exception cref="ArgumentException">The network is one for saliency, or an option is out of range.</exception>
    public SegmentationPredictor(DenseNetwork network, InferenceOptions options)
    {
        SavedNetwork.CheckTask(network, DenseTask.Segmentation);
        Network = network;
        _compiled = CompiledNetwork.Compile(network, options);
    }

    /// <summary>The network, with class names and palette.</summary>
    public DenseNetwork Network { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="path">A zip of <c>ml.Model.Save</c> or a network file. Other stages of a pipeline (resizing, say) are left out.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores.</param>
    /// <param name="views">At which size images are looked at, and how often; null for what was saved with the model.</param>
    /// <exception cref="NetworkFileException">The file cannot be used; the message says why.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <example>
    /// <code>
    /// var predictor = SegmentationPredictor.Load("road.zip");
    /// SegmentationMask mask = predictor.Predict(RgbImage.Load("street.png"));
    /// </code>
    /// </example>
    public static SegmentationPredictor Load(string path, int threads = 0, ViewOptions? views = null)
    {
        StoredModel saved = ModelFile.Load(path, DenseTask.Segmentation);
        return new(saved.Network, threads, views ?? saved.Views);
    }

    /// <inheritdoc cref="Load(string, int, ViewOptions?)"/>
    /// <param name="path">A zip of <c>ml.Model.Save</c> or a network file. Other stages of a pipeline (resizing, say) are left out.</param>
    /// <param name="options">Threads, views, and the memory that is kept or may be taken.</param>
    public static SegmentationPredictor Load(string path, InferenceOptions options)
    {
        StoredModel saved = ModelFile.Load(path, DenseTask.Segmentation);
        return new(saved.Network, options with { Views = options.Views ?? saved.Views });
    }

    /// <summary>The most probable class of each pixel.</summary>
    public SegmentationMask Predict(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Predict(image, image.Width, image.Height);
    }

    /// <summary>The most probable class of each pixel of an ML.NET image, which is neither changed nor disposed.</summary>
    public SegmentationMask Predict(MLImage image) => _pixels.Use(image, Predict);

    /// <summary>The most probable class of each pixel of an encoded image (an upload, say), read from its position to its end.</summary>
    /// <param name="image">A PNG, PGM or PPM file, or any other format that ML.NET reads.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">The image is damaged or of an unknown format.</exception>
    public SegmentationMask Predict(Stream image, string name = "image")
    {
        LoadedImage picture = ImageReader.Load(image, name, ImageReadOptions.Default with { NeededLongestSide = _compiled.NeededLongestSide });
        return Predict(picture.Image, picture.FullWidth, picture.FullHeight);
    }

    /// <summary>The probability of each class for each pixel.</summary>
    public ScoreTensor PredictScores(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        float[] scores = new float[checked(image.Width * image.Height * _compiled.LogitChannels)];
        _compiled.PredictScores(image, scores);
        return new ScoreTensor(image.Height, image.Width, _compiled.LogitChannels, scores);
    }

    /// <summary>Gives back the memory and ends the threads that this predictor holds; later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        _compiled.Dispose();
        _pixels.Clear();
    }

    private SegmentationMask Predict(RgbImage image, int width, int height)
    {
        byte[] labels = new byte[width * height];
        _compiled.PredictLabels(image, labels, (width, height));
        return new SegmentationMask(width, height, labels);
    }
}
