using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// Finds the salient object in single images, without a pipeline. Thread-safe: one instance serves all requests of a web application;
/// what a run needs is pooled, so that nothing but the result is allocated. Results are those of the transformer, to the last bit.
/// </summary>
public sealed class SaliencyPredictor : IDisposable
{
    private readonly CompiledNetwork _compiled;
    private readonly PixelPool _pixels = new();

    /// <summary>Compiles a network.</summary>
    /// <param name="network">A saliency network.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores. Of several callers one has them, and the others work alone.</param>
    /// <param name="views">At which size images are looked at, and how often; null for once, at the size that the network was trained at.</param>
    /// <exception cref="ArgumentException">The network is one for segmentation, or the number of threads is out of range.</exception>
    public SaliencyPredictor(DenseNetwork network, int threads = 0, ViewOptions? views = null)
        : this(network, new InferenceOptions { Threads = threads, Views = views })
    {
    }

    /// <summary>Compiles a network.</summary>
    /// <param name="network">A saliency network.</param>
    /// <param name="options">Threads, views, and the memory that is kept or may be taken.</param>
    /// <exception cref="ArgumentException">The network is one for segmentation, or an option is out of range.</exception>
    public SaliencyPredictor(DenseNetwork network, InferenceOptions options)
    {
        SavedNetwork.CheckTask(network, DenseTask.Saliency);
        Network = network;
        _compiled = CompiledNetwork.Compile(network, options);
    }

    /// <summary>The network.</summary>
    public DenseNetwork Network { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="path">A zip of <c>ml.Model.Save</c> or a network file. Other stages of a pipeline (resizing, say) are left out.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores.</param>
    /// <param name="views">At which size images are looked at, and how often; null for what was saved with the model.</param>
    /// <exception cref="NetworkFileException">The file cannot be used; the message says why.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <example>
    /// <code>
    /// var predictor = SaliencyPredictor.Load("objects.zip");
    /// MaskWriter.Save("mask.png", predictor.Predict(RgbImage.Load("photo.png")).ToMask());
    /// </code>
    /// </example>
    public static SaliencyPredictor Load(string path, int threads = 0, ViewOptions? views = null)
    {
        StoredModel saved = ModelFile.Load(path, DenseTask.Saliency);
        return new(saved.Network, threads, views ?? saved.Views);
    }

    /// <inheritdoc cref="Load(string, int, ViewOptions?)"/>
    /// <param name="path">A zip of <c>ml.Model.Save</c> or a network file. Other stages of a pipeline (resizing, say) are left out.</param>
    /// <param name="options">Threads, views, and the memory that is kept or may be taken.</param>
    public static SaliencyPredictor Load(string path, InferenceOptions options)
    {
        StoredModel saved = ModelFile.Load(path, DenseTask.Saliency);
        return new(saved.Network, options with { Views = options.Views ?? saved.Views });
    }

    /// <summary>The saliency of each pixel: a tensor of one channel.</summary>
    public ScoreTensor Predict(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Predict(image, image.Width, image.Height);
    }

    /// <summary>The saliency of each pixel of an ML.NET image, which is neither changed nor disposed.</summary>
    public ScoreTensor Predict(MLImage image) => _pixels.Use(image, Predict);

    /// <summary>The saliency of each pixel of an encoded image (an upload, say), read from its position to its end.</summary>
    /// <param name="image">A PNG, PGM or PPM file, or any other format that ML.NET reads.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">The image is damaged or of an unknown format.</exception>
    public ScoreTensor Predict(Stream image, string name = "image")
    {
        LoadedImage picture = ImageReader.Load(image, name, ImageReadOptions.Default with { NeededLongestSide = _compiled.NeededLongestSide });
        return Predict(picture.Image, picture.FullWidth, picture.FullHeight);
    }

    /// <summary>Gives back the memory and ends the threads that this predictor holds; later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        _compiled.Dispose();
        _pixels.Clear();
    }

    private ScoreTensor Predict(RgbImage image, int width, int height)
    {
        float[] saliency = new float[width * height];
        _compiled.PredictSaliency(image, saliency, (width, height));
        return new ScoreTensor(height, width, 1, saliency);
    }
}
