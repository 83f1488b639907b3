using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>Looks at one image.</summary>
/// <typeparam name="T">The result.</typeparam>
/// <param name="model">The model.</param>
/// <param name="picture">The image.</param>
/// <param name="size">The size that the result is to have.</param>
/// <param name="cancellationToken">Ends it.</param>
internal delegate T Look<T>(LoadedModel model, Picture picture, (int Width, int Height) size, CancellationToken cancellationToken);

/// <summary>
/// What all predictors have in common: the model, turns and queue, limits, metrics and log. An encoded image is decoded in its turn, so that memory is
/// bounded by the number of turns; each turn has a thread of its own, since the pool's are needed by those who serve requests.
/// </summary>
internal sealed class PredictorCore : IDisposable
{
    private readonly PredictorOptions _options;
    private readonly string _name;
    private readonly ILogger _logger;
    private readonly PredictorMetrics _metrics = null!;
    private readonly ConcurrencyLimiter _turns;
    private volatile bool _isDisposed;

    /// <summary>A predictor of an application.</summary>
    /// <param name="options">Its options, already checked.</param>
    /// <param name="task">What it is for; null for networks of several tasks.</param>
    /// <param name="name">What logs and metrics call it.</param>
    /// <param name="logger">Where it logs.</param>
    /// <param name="meters">Makes its meter.</param>
    public PredictorCore(PredictorOptions options, DenseTask? task, string name, ILogger? logger, IMeterFactory? meters)
        : this(options, name, logger)
    {
        // Loaded again later, when the program may have gone to another folder.
        string? path = options.GivenPath is { } given ? Path.GetFullPath(given) : null;
        string model = path ?? $"{options.Pretrained}";
        Models = new(() => Load(path, task, model), options.ReloadOnChange ? path : null, options.ReloadInterval, error =>
        {
            _metrics?.Reloaded(error is null);      // made once the first model is there
            if (error is null)
            {
                PredictorLog.Reloaded(_logger, _name, model);
            }
            else
            {
                PredictorLog.ReloadFailed(_logger, _name, model, error);
            }
        });

        // A model that cannot be loaded leaves no instrument behind: the meter would keep it, and this.
        _metrics = new(name, () => Waiting, meters);
    }

    /// <summary>A predictor of a network.</summary>
    public PredictorCore(DenseNetwork network, InferenceOptions options, DenseTask? task)
        : this(new(), NameOf(task).ToLowerInvariant(), null)
    {
        SavedNetwork.CheckTask(network, task);
        Models = new(() => new(network, options));
        _metrics = new(_name, () => Waiting, null);
    }

    private PredictorCore(PredictorOptions options, string name, ILogger? logger)
    {
        (_options, _name, _logger) = (options, name, logger ?? NullLogger.Instance);
        _turns = new(new()
        {
            PermitLimit = options.Concurrency,
            QueueLimit = options.MaxQueueLength,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    /// <summary>What predictors of a task are called.</summary>
    public static string NameOf(DenseTask? task) => task?.ToString() ?? "MultiTask";

    public ModelHolder Models { get; } = null!;

    /// <summary>Whether no more images may wait.</summary>
    public bool IsFull => Waiting >= _options.MaxQueueLength && _options.MaxQueueLength > 0;

    /// <summary>Images that wait for their turn.</summary>
    public long Waiting
    {
        get
        {
            try
            {
                return _turns.GetStatistics()?.CurrentQueuedCount ?? 0;
            }
            catch (ObjectDisposedException)
            {
                return 0;
            }
        }
    }

    /// <summary>Uses the model at once, in the caller's thread.</summary>
    public T Use<T>(Func<LoadedModel, T> use)
    {
        LoadedModel model = Models.Enter();
        try
        {
            return use(model);
        }
        finally
        {
            model.Exit();
        }
    }

    /// <summary>Decodes an image and looks at it, at once.</summary>
    public T Run<T>(Stream image, string name, Look<T> look) => Use(model =>
    {
        LoadedImage picture = ImageReader.Load(image, name, ImageReadOptions.Default with { NeededLongestSide = model.Compiled.NeededLongestSide });
        return look(model, new(picture.Image), (picture.FullWidth, picture.FullHeight), default);
    });

    /// <summary>Looks at an image in its turn.</summary>
    public async Task<T> RunAsync<T>(RgbImage image, Look<T> look, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(image);
        return await InTurn(
            check: () => UploadedImage.CheckPixels(image.Width, image.Height, _options),
            work: model => look(model, new(image), (image.Width, image.Height), cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads an encoded image, and decodes it and looks at it in its turn.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="image">Read from its position to its end.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="longestSide">The longest side that the result is to have at most; 0 for that of the image.</param>
    /// <param name="look">Looks at it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<T> RunAsync<T>(Stream image, string name, int longestSide, Look<T> look, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfNegative(longestSide);
        UploadedImage file = await ReadAsync(image, name, cancellationToken).ConfigureAwait(false);
        return await InTurn(check: file.Check, work: Decode, cancellationToken).ConfigureAwait(false);

        T Decode(LoadedModel model)
        {
            // All pixels, unless both the network and the caller need fewer.
            LoadedImage picture = file.Decode(model.Compiled.NeededLongestSide is 0 ? 0 : Math.Max(model.Compiled.NeededLongestSide, longestSide), cancellationToken);
            (int, int) size = longestSide == 0 || longestSide >= Math.Max(picture.FullWidth, picture.FullHeight)
                ? (picture.FullWidth, picture.FullHeight)
                : WorkingSize.Of(Math.Min(longestSide, WorkingSize.MaxSide)).Fit(picture.FullWidth, picture.FullHeight);
            return look(model, new(picture.Image, needed => file.Decode(needed, cancellationToken).Image), size, cancellationToken);
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        Models.Dispose();
        _turns.Dispose();
        _metrics.Dispose();
    }

    /// <summary>Runs the network once, at its working size, so that the first image finds all code and memory ready.</summary>
    private static void WarmUp(LoadedModel model)
    {
        int longest = model.Compiled.WorkingSize is { IsOwn: false } size ? size.LongestSide : 256;
        RgbImage image = new(longest, Math.Max(1, longest * 3 / 4));
        byte[] result = new byte[image.Width * image.Height];
        TaskHead head = model.Network.Heads[0];
        model.Compiled.PredictTasks(image, [head.Task.HasClasses ? TaskOutput.Labels(head.Name, result) : TaskOutput.Gray(head.Name, result)]);
    }

    private LoadedModel Load(string? path, DenseTask? task, string name)
    {
        long start = Stopwatch.GetTimestamp();
        InferenceOptions options = _options.Inference;
        LoadedModel model;
        if (path is null)
        {
            DenseNetwork network = PretrainedNetworks.Load(_options.Pretrained!.Value);
            SavedNetwork.CheckTask(network, task);
            model = new(network, options);
        }
        else
        {
            StoredModel saved = ModelFile.Load(path, task);
            model = new(saved.Network, options with { Views = options.Views ?? saved.Views });
        }

        try
        {
            if (_options.WarmUp)
            {
                WarmUp(model);
            }
        }
        catch
        {
            model.Exit();
            throw;
        }

        PredictorLog.Loaded(_logger, _name, name, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return model;
    }

    /// <summary>An image whose upload ends early was asked for too; how long that took says nothing of the predictor.</summary>
    private async Task<UploadedImage> ReadAsync(Stream image, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await UploadedImage.ReadAsync(image, name, _options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _metrics.Counted(OutcomeOf(e));
            throw;
        }
    }

    // The check gives the pixels of the image.
    private async Task<T> InTurn<T>(Func<long> check, Func<LoadedModel, T> work, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        string outcome = "ok";
        try
        {
            long pixels = check();
            using RateLimitLease turn = await _turns.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
            if (!turn.IsAcquired)
            {
                // The limiter tells who waits while it is disposed what it tells who finds the queue full.
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                throw new PredictorBusyException(_options.MaxQueueLength);
            }

            _metrics.Waited(start);

            T result = await Task.Factory.StartNew(
                () => UseFor(work), cancellationToken, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).ConfigureAwait(false);
            _metrics.Looked(pixels);
            return result;
        }
        catch (Exception e)
        {
            outcome = OutcomeOf(e);
            if (e is UnusableImageException)
            {
                PredictorLog.Refused(_logger, _name, e.Message);
            }
            else if (e is PredictorBusyException)
            {
                PredictorLog.Busy(_logger, _name, Waiting);
            }

            throw;
        }
        finally
        {
            _metrics.Ended(start, outcome);
        }
    }

    /// <exception cref="UnusableImageException">The network would need more memory for the image than it may take.</exception>
    private T UseFor<T>(Func<LoadedModel, T> work)
    {
        try
        {
            return Use(work);
        }
        catch (ImageTooLargeException e)
        {
            throw new UnusableImageException(ImageProblem.TooLarge, e.Message, e);
        }
    }

    private static string OutcomeOf(Exception e) => e switch
    {
        UnusableImageException => "unusable",
        PredictorBusyException => "busy",
        OperationCanceledException => "cancelled",
        _ => "failed",
    };
}
