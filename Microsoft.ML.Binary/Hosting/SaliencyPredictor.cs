using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>
/// Finds the salient object in single images: the saliency of each pixel, a tensor of one channel. One instance serves all requests
/// of a web application; results are those of the transformer, to the last bit.
/// Finds the salient object in single images, without a pipeline. Thread-safe: one instance serves all requests of a web application;
/// what a run needs is pooled, so that nothing but the result is allocated. Results are those of the transformer, to the last bit. The synchronous methods
/// work at once, in the caller's thread; the asynchronous ones take turns and have limits (<see cref="PredictorOptions"/>).
/// </summary>
public sealed class SaliencyPredictor : DensePredictor<ScoreTensor>
{
    private readonly PredictorCore _core;
    private readonly PixelPool _pixels = new();

    /// <summary>Compiles a network.</summary>
    /// <param name="network">A saliency network.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores. Of several callers one has them, and the others work alone.</param>
    /// <param name="views">At which size images are looked at, and how often; null for once, at the size that the network was trained at.</param>
    /// <exception cref="ArgumentException">The network is one for another task, or the number of threads is out of range.</exception>
    public SaliencyPredictor(DenseNetwork network, int threads = 0, ViewOptions? views = null)
        : this(network, new InferenceOptions { Threads = threads, Views = views })
    {
    }

    /// <summary>Compiles a network.</summary>
    /// <param name="network">A saliency network.</param>
    /// <param name="options">Threads, views, and the memory that is kept or may be taken.</param>
    /// <exception cref="ArgumentException">The network is one for another task, or an option is out of range.</exception>
    public SaliencyPredictor(DenseNetwork network, InferenceOptions options)
        : base(network, DenseTask.Saliency, options)
    {
    }

        : this(new PredictorCore(network, options, DenseTask.Saliency))
    {
    }

    internal SaliencyPredictor(PredictorCore core) => _core = core;

    /// <summary>The network.; where the model is loaded anew when its file changes, that of now.</summary>
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
    /// var predictor = SaliencyPredictor.Load("objects.zip");
    /// MaskWriter.Save("mask.png", predictor.Predict(RgbImage.Load("photo.png")).ToMask());
    /// </code>
    /// </example>
    public static SaliencyPredictor Load(string path, int threads = 0, ViewOptions? views = null) =>
        Load(path, new InferenceOptions { Threads = threads, Views = views });

    /// <inheritdoc cref="Load(string, int, ViewOptions?)"/>
    /// <param name="path">A zip of <c>ml.Model.Save</c> or a network file. Other stages of a pipeline (resizing, say) are left out.</param>
    /// <param name="options">Threads, views, and the memory that is kept or may be taken.</param>
    public static SaliencyPredictor Load(string path, InferenceOptions options)
    {
        (DenseNetwork network, InferenceOptions stored) = Stored(path, DenseTask.Saliency, options);
        return new(network, stored);
    }

    private protected override ScoreTensor Predict(RgbImage image, int width, int height)
    {
        float[] saliency = new float[width * height];
        Compiled.PredictSaliency(image, saliency, (width, height));
        return new ScoreTensor(height, width, 1, saliency);
    /// <summary>The saliency of each pixel: a tensor of one channel.</summary>
    public ScoreTensor Predict(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return _core.Use(model => Look(model, image, (image.Width, image.Height), default));
    }

    /// <summary>The saliency of each pixel of an ML.NET image, which is neither changed nor disposed.</summary>
    public ScoreTensor Predict(MLImage image) => _pixels.Use(image, Predict);

    /// <summary>The saliency of each pixel of an encoded image (an upload, say), read from its position to its end.</summary>
    /// <param name="image">A PNG, PGM or PPM file, or any other format that ML.NET reads.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">The image is damaged or of an unknown format.</exception>
    public ScoreTensor Predict(Stream image, string name = "image") => _core.Run(image, name, Look);

    /// <summary>
    /// Finds the salient object of an encoded image (the body of a request, say) when it is its turn. It is read asynchronously, checked before it waits, and decoded in its
    /// turn; see <see cref="PredictorOptions"/> for the limits.
    /// </summary>
    /// <param name="image">An image file of any format that <see cref="ImageReader"/> knows, read from its position to its end.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="cancellationToken">Ends waiting and work within milliseconds: pass the one of the request.</param>
    /// <returns>The saliency of each pixel.</returns>
    /// <exception cref="UnusableImageException">The image is damaged, too large, or none.</exception>
    /// <exception cref="PredictorBusyException">Too many images wait.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <example><code>ScoreTensor map = await predictor.PredictAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);</code></example>
    public Task<ScoreTensor> PredictAsync(Stream image, string name = "image", CancellationToken cancellationToken = default) =>
        _core.RunAsync(image, name, 0, Look, cancellationToken);

    /// <summary>Finds the salient object of an image when it is its turn.</summary>
    /// <inheritdoc cref="PredictAsync(Stream, string, CancellationToken)" path="/returns|/exception"/>
    /// <param name="image">The image, which must not change meanwhile.</param>
    /// <param name="cancellationToken">Ends waiting and work within milliseconds: pass the one of the request.</param>
    public Task<ScoreTensor> PredictAsync(RgbImage image, CancellationToken cancellationToken = default) => _core.RunAsync(image, Look, cancellationToken);

    /// <summary>
    /// Finds the salient object of an encoded image when it is its turn and, in the same turn, makes something of image and mask (a cut-out, say): that too is bounded by
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
        Stream image, Func<PredictedImage<SaliencyMask>, T> then, int longestSide = 0, string name = "image", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(then);
        return _core.RunAsync(
            image, name, longestSide,
            (model, picture, size, token) => then(new(picture, size, Look(model, picture, size, token).ToMask(), model.Network)),
            cancellationToken);
    }

    /// <summary>Gives back the memory and ends the threads that this predictor holds; later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        _core.Dispose();
        _pixels.Clear();
    }

    private static ScoreTensor Look(LoadedModel model, RgbImage image, (int Width, int Height) size, CancellationToken cancellationToken)
    {
        float[] saliency = new float[size.Width * size.Height];
        model.Compiled.PredictSaliency(image, saliency, size, cancellationToken);
        return new ScoreTensor(size.Height, size.Width, 1, saliency);
    }
}
