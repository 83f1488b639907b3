using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// Segments single images, without a pipeline. Thread-safe: one instance serves all requests of a web application; what a run needs is
/// pooled, so that nothing but the result is allocated. Results are those of the transformer, to the last bit. The synchronous methods work at once, in
/// the caller's thread; the asynchronous ones take turns and have limits (<see cref="PredictorOptions"/>).
/// </summary>
public sealed class SegmentationPredictor : IDisposable
{
    private readonly PredictorCore _core;
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
        : this(new PredictorCore(network, options, DenseTask.Segmentation))
    {
    }

    internal SegmentationPredictor(PredictorCore core) => _core = core;

    /// <summary>The network, with class names and palette.; where the model is loaded anew when its file changes, that of now.</summary>
    public DenseNetwork Network
    {
        get
        {
            LoadedModel model = _core.Models.Enter();
            try
            {
                return model.Network;
            }
            finally
            {
                model.Exit();
            }
        }
    }

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
        return _core.Use(model => Look(model, image, (image.Width, image.Height), default));
    }

    /// <summary>The most probable class of each pixel of an ML.NET image, which is neither changed nor disposed.</summary>
    public SegmentationMask Predict(MLImage image) => _pixels.Use(image, Predict);

    /// <summary>The most probable class of each pixel of an encoded image (an upload, say), read from its position to its end.</summary>
    /// <param name="image">A PNG, PGM or PPM file, or any other format that ML.NET reads.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">The image is damaged or of an unknown format.</exception>
    public SegmentationMask Predict(Stream image, string name = "image") => _core.Run(image, name, Look);

    /// <summary>The probability of each class for each pixel.</summary>
    public ScoreTensor PredictScores(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return _core.Use(model =>
        {
            CompiledNetwork network = model.Compiled;
            float[] scores = new float[checked(image.Width * image.Height * network.LogitChannels)];
            network.PredictScores(image, scores);
            return new ScoreTensor(image.Height, image.Width, network.LogitChannels, scores);
        });
    }

    /// <summary>
    /// Segments an encoded image (the body of a request, say) when it is its turn. It is read asynchronously, checked before it waits, and decoded in its turn; see
    /// <see cref="PredictorOptions"/> for the limits.
    /// </summary>
    /// <param name="image">An image file of any format that <see cref="ImageReader"/> knows, read from its position to its end.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="cancellationToken">Ends waiting and work within milliseconds: pass the one of the request.</param>
    /// <returns>The most probable class of each pixel.</returns>
    /// <exception cref="UnusableImageException">The image is damaged, too large, or none.</exception>
    /// <exception cref="PredictorBusyException">Too many images wait.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <example><code>SegmentationMask mask = await predictor.PredictAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);</code></example>
    public Task<SegmentationMask> PredictAsync(Stream image, string name = "image", CancellationToken cancellationToken = default) =>
        _core.RunAsync(image, name, 0, Look, cancellationToken);

    /// <summary>Segments an image when it is its turn.</summary>
    /// <inheritdoc cref="PredictAsync(Stream, string, CancellationToken)" path="/returns|/exception"/>
    /// <param name="image">The image, which must not change meanwhile.</param>
    /// <param name="cancellationToken">Ends waiting and work within milliseconds: pass the one of the request.</param>
    public Task<SegmentationMask> PredictAsync(RgbImage image, CancellationToken cancellationToken = default) => _core.RunAsync(image, Look, cancellationToken);

    /// <summary>
    /// Segments an encoded image when it is its turn and, in the same turn, makes something of image and mask (an overlay, say): that too is bounded by
    /// <see cref="PredictorOptions.MaxConcurrency"/>.
    /// </summary>
    /// <inheritdoc cref="PredictAsync(Stream, string, CancellationToken)" path="/exception"/>
    /// <typeparam name="T">What is made.</typeparam>
    /// <param name="image">An image file of any format that <see cref="ImageReader"/> knows, read from its position to its end.</param>
    /// <param name="then">Gets the image and its mask.</param>
    /// <param name="longestSide">The longest side that both have at most, in pixels; 0 for that of the image.</param>
    /// <param name="name">What messages call the image.</param>
    /// <param name="cancellationToken">Ends waiting and work.</param>
    /// <example>
    /// <code>
    /// byte[] png = await predictor.PredictAsync(request.Body, seen =>
    /// {
    ///     using MemoryStream file = new();
    ///     MaskWriter.Save(file, seen.Mask);
    ///     return file.ToArray();
    /// });
    /// </code>
    /// </example>
    public Task<T> PredictAsync<T>(
        Stream image, Func<PredictedImage<SegmentationMask>, T> then, int longestSide = 0, string name = "image", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(then);
        return _core.RunAsync(
            image, name, longestSide,
            (model, picture, size, token) => then(new(picture, size, Look(model, picture, size, token), model.Network)),
            cancellationToken);
    }

    /// <summary>Gives back the memory and ends the threads that this predictor holds; later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        _core.Dispose();
        _pixels.Clear();
    }

    private static SegmentationMask Look(LoadedModel model, RgbImage image, (int Width, int Height) size, CancellationToken cancellationToken)
    {
        byte[] labels = new byte[size.Width * size.Height];
        model.Compiled.PredictLabels(image, labels, size, cancellationToken);
        return new SegmentationMask(size.Width, size.Height, labels);
    }
}
