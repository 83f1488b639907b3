using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// Looks at single images, without a pipeline. Thread-safe: one instance serves all requests of a web application; what a run needs is
/// pooled, so that nothing but the result is allocated. Results are those of the transformer, to the last bit.
/// </summary>
/// <typeparam name="TResult">What is predicted of an image.</typeparam>
public abstract class DensePredictor<TResult> : IDisposable
{
    private readonly PixelPool _pixels = new();

    private protected DensePredictor(DenseNetwork network, DenseTask task, InferenceOptions options)
    {
        SavedNetwork.CheckTask(network, task);
        Network = network;
        Compiled = CompiledNetwork.Compile(network, options);
    }

    /// <summary>The network, with class names and palette.</summary>
    public DenseNetwork Network { get; }

    private protected CompiledNetwork Compiled { get; }

    /// <summary>What there is to say of each pixel.</summary>
    public TResult Predict(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Predict(image, image.Width, image.Height);
    }

    /// <summary>What there is to say of each pixel of an ML.NET image, which is neither changed nor disposed.</summary>
    public TResult Predict(MLImage image) => _pixels.Use(image, Predict);

    /// <summary>What there is to say of each pixel of an encoded image (an upload, say), read from its position to its end.</summary>
    /// <param name="image">A PNG, PGM or PPM file, or any other format that ML.NET reads.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">The image is damaged or of an unknown format.</exception>
    public TResult Predict(Stream image, string name = "image")
    {
        LoadedImage picture = ImageReader.Load(image, name, ImageReadOptions.Default with { NeededLongestSide = Compiled.NeededLongestSide });
        return Predict(picture.Image, picture.FullWidth, picture.FullHeight);
    }

    /// <summary>Gives back the memory and ends the threads that this predictor holds; later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        Compiled.Dispose();
        _pixels.Clear();
    }

    /// <summary>The result for an image that may have been decoded smaller than it is.</summary>
    private protected abstract TResult Predict(RgbImage image, int width, int height);

    /// <summary>A model's network and the options with its views, where none are given.</summary>
    private protected static (DenseNetwork Network, InferenceOptions Options) Stored(string path, DenseTask task, InferenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        StoredModel saved = ModelFile.Load(path, task);
        return (saved.Network, options with { Views = options.Views ?? saved.Views });
    }
}
