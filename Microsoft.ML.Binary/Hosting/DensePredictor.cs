using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// Looks at single images, without a pipeline. Thread-safe: one instance serves all requests of a web application; what a run needs is
/// pooled, so that nothing but the result is allocated. Results for an image in memory are those of the transformer, to the last bit. An encoded image is decoded no larger than the network sees it
/// (<see cref="CompiledNetwork.NeededLongestSide"/>): its results are those of a pipeline that loads it so (<see cref="ImageLoadOptions.NeededLongestSide"/>). The synchronous methods work at once, in
/// the caller's thread; the asynchronous ones take turns and have limits (<see cref="PredictorOptions"/>).
/// </summary>
/// <typeparam name="TResult">What is predicted of an image.</typeparam>
public abstract class DensePredictor<TResult> : IDisposable
{
    private static readonly InferenceOptions AllCores = new() { Threads = 0 };

    private readonly PredictorCore _core;
    private readonly PixelPool _pixels = new();

    private protected DensePredictor(DenseNetwork network, DenseTask? task, InferenceOptions? options)
        : this(new PredictorCore(network, options ?? AllCores, task))
    {
    }

    private protected DensePredictor(PredictorCore core) => _core = core;

    /// <summary>The network, with class names and palette; where the model is loaded anew when its file changes, that of now.</summary>
    public DenseNetwork Network => _core.Use(model => model.Network);

    /// <summary>What there is to say of each pixel.</summary>
    public TResult Predict(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Use(network => Predict(network, image, (image.Width, image.Height), default));
    }

    /// <summary>What there is to say of each pixel of an ML.NET image, which is neither changed nor disposed.</summary>
    public TResult Predict(MLImage image) =>
        _pixels.Use(image, (pixels, width, height) => Use(network => Predict(network, pixels, (width, height), default)));

    /// <summary>What there is to say of each pixel of an encoded image (an upload, say), read from its position to its end.</summary>
    /// <param name="image">An image file of any format that <see cref="ImageReader"/> knows.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">The image is damaged or of an unknown format.</exception>
    public TResult Predict(Stream image, string name = "image") =>
        _core.Run(image, name, (model, picture, size, token) => Predict(model.Compiled, picture.Decoded, size, token));

    /// <summary>Looks at an image when it is its turn.</summary>
    /// <param name="image">The image, which must not change meanwhile.</param>
    /// <param name="cancellationToken">Ends waiting and work within milliseconds: pass the one of the request.</param>
    /// <returns>What there is to say of each pixel.</returns>
    /// <exception cref="UnusableImageException">The image is too large.</exception>
    /// <exception cref="PredictorBusyException">Too many images wait.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<TResult> PredictAsync(RgbImage image, CancellationToken cancellationToken = default) =>
        _core.RunAsync(image, (model, picture, size, token) => Predict(model.Compiled, picture.Decoded, size, token), cancellationToken);

    /// <summary>
    /// Looks at an encoded image (the body of a request, say) when it is its turn. It is read asynchronously, checked before it waits, and decoded in its
    /// turn; see <see cref="PredictorOptions"/> for the limits.
    /// </summary>
    /// <param name="image">An image file of any format that <see cref="ImageReader"/> knows, read from its position to its end.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="cancellationToken">Ends waiting and work within milliseconds: pass the one of the request.</param>
    /// <returns>What there is to say of each pixel.</returns>
    /// <exception cref="UnusableImageException">The image is damaged, too large, or none.</exception>
    /// <exception cref="PredictorBusyException">Too many images wait.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <example><code>SegmentationMask mask = await predictor.PredictAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);</code></example>
    public Task<TResult> PredictAsync(Stream image, string name = "image", CancellationToken cancellationToken = default) =>
        PredictAsync(image, seen => seen.Result, 0, name, cancellationToken);

    /// <summary>
    /// Looks at an encoded image when it is its turn and, in the same turn, makes something of image and result (an overlay, say): that too is bounded by
    /// <see cref="PredictorOptions.MaxConcurrency"/>.
    /// </summary>
    /// <typeparam name="T">What is made.</typeparam>
    /// <param name="image">An image file of any format that <see cref="ImageReader"/> knows, read from its position to its end.</param>
    /// <param name="then">Gets the image and the result.</param>
    /// <param name="longestSide">The longest side that both have at most, in pixels; 0 for that of the image. The network sees as much as without it.</param>
    /// <param name="name">What messages call the image.</param>
    /// <param name="cancellationToken">Ends waiting and work.</param>
    /// <exception cref="UnusableImageException">The image is damaged, too large, or none.</exception>
    /// <exception cref="PredictorBusyException">Too many images wait.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <example>
    /// <code>
    /// byte[] png = await predictor.PredictAsync(request.Body, seen =>
    /// {
    ///     using MemoryStream file = new();
    ///     MaskWriter.Save(file, seen.Result);
    ///     return file.ToArray();
    /// });
    /// </code>
    /// </example>
    public Task<T> PredictAsync<T>(
        Stream image, Func<PredictedImage<TResult>, T> then, int longestSide = 0, string name = "image", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(then);
        return _core.RunAsync(
            image, name, longestSide,
            (model, picture, size, token) => then(new(picture, size, PredictWithin(model.Compiled, picture.Decoded, size, token), model.Network)),
            cancellationToken);
    }

    /// <summary>Gives back the memory and ends the threads that this predictor holds; later calls throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        _core.Dispose();
        _pixels.Clear();
    }

    /// <summary>The result for an image that may have been decoded smaller than it is.</summary>
    private protected abstract TResult Predict(CompiledNetwork network, RgbImage image, (int Width, int Height) size, CancellationToken cancellationToken);

    /// <summary>A result in another size.</summary>
    private protected abstract TResult Resize(TResult result, (int Width, int Height) size);

    /// <summary>Uses the network at once.</summary>
    private protected T Use<T>(Func<CompiledNetwork, T> use) => _core.Use(model => use(model.Compiled));

    // A network that sees images as they are would see one of the size of the result.
    private TResult PredictWithin(CompiledNetwork network, RgbImage image, (int Width, int Height) size, CancellationToken cancellationToken) =>
        network.NeededLongestSide > 0 || (image.Width, image.Height) == size
            ? Predict(network, image, size, cancellationToken)
            : Resize(Predict(network, image, (image.Width, image.Height), cancellationToken), size);

    /// <summary>A model's network and the options with its views, where none are given.</summary>
    private protected static (DenseNetwork Network, InferenceOptions Options) Stored(string path, DenseTask? task, InferenceOptions? options)
    {
        StoredModel saved = ModelFile.Load(path, task);
        options ??= AllCores;
        return (saved.Network, options with { Views = options.Views ?? saved.Views });
    }
}
