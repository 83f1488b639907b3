using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers predictors for dependency injection.</summary>
public static class BinaryServiceCollectionExtensions
{
    /// <summary>
    /// Registers a <see cref="SegmentationPredictor"/>: one for the whole application, thread-safe. It is loaded when the host starts, or when it is first
    /// asked for where there is no host or <see cref="PredictorOptions.WarmUp"/> is false. Of several registrations of one key the last counts, alone.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <param name="serviceKey">A key, for applications with several models; null registers without one. Two that read alike but for case are an <see cref="ArgumentException"/>.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>Options that cannot be used are an <see cref="OptionsValidationException"/>, and a file that cannot be used a <see cref="NetworkFileException"/>: the first when the host starts, the other when the predictor is loaded.</remarks>
    /// <example>
    /// <code>
    /// builder.Services.AddBinarySegmentation(options => { options.ModelPath = "road.zip"; options.ReloadOnChange = true; });
    /// builder.Services.AddHealthChecks().AddBinaryPredictors();
    /// </code>
    /// </example>
    public static IServiceCollection AddBinarySegmentation(this IServiceCollection services, Action<PredictorOptions> configure, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, DenseTask.Segmentation, serviceKey, core => new SegmentationPredictor(core), options => options.Configure(configure));
    }

    /// <summary>Registers a <see cref="SegmentationPredictor"/> whose options come from the application's configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section with the members of <see cref="PredictorOptions"/>.</param>
    /// <param name="serviceKey">A key, for applications with several models; null registers without one. Two that read alike but for case are an <see cref="ArgumentException"/>.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <example><code>builder.Services.AddBinarySegmentation(builder.Configuration.GetSection("Segmentation"));   // { "ModelPath": "road.zip" }</code></example>
    public static IServiceCollection AddBinarySegmentation(this IServiceCollection services, IConfiguration section, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, DenseTask.Segmentation, serviceKey, core => new SegmentationPredictor(core), options => options.Bind(section, Strict));
    }

    /// <summary>Registers a <see cref="SegmentationPredictor"/> of a file.</summary>
    /// <param name="services">The services.</param>
    /// <param name="path">A zip of <c>ml.Model.Save</c> or a network file.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores.</param>
    /// <param name="serviceKey">A key, for applications with several models; null registers without one. Two that read alike but for case are an <see cref="ArgumentException"/>.</param>
    /// <param name="views">At which size images are looked at, and how often; null for what was saved with the model, or once, as trained.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <remarks>A file that cannot be used is found out when the host starts or the predictor is resolved, with a message that names it.</remarks>
    /// <example>
    /// <code>
    /// using ServiceProvider provider = services.AddBinarySegmentation("road.zip").BuildServiceProvider();
    /// var predictor = provider.GetRequiredService&lt;SegmentationPredictor&gt;();
    /// </code>
    /// </example>
    public static IServiceCollection AddBinarySegmentation(
        this IServiceCollection services, string path, int threads = 0, object? serviceKey = null, ViewOptions? views = null) =>
        services.AddBinarySegmentation(OfFile(path, threads, views), serviceKey);

    /// <summary>Registers a <see cref="SegmentationPredictor"/> with a pretrained network; see <see cref="PretrainedNetworks.Card"/> for its terms.</summary>
    /// <param name="services">The services.</param>
    /// <param name="model">A network for the task.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores.</param>
    /// <param name="serviceKey">A key, for applications with several models; null registers without one. Two that read alike but for case are an <see cref="ArgumentException"/>.</param>
    /// <param name="views">At which size images are looked at, and how often; null for once, as trained.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentException">The network is one for another task, or there is none of this name.</exception>
    /// <exception cref="FileNotFoundException">The network is not in this program; the message names the package that has it.</exception>
    /// <example><code>builder.Services.AddBinarySegmentation(PretrainedModel.RoadScene);</code></example>
    public static IServiceCollection AddBinarySegmentation(
        this IServiceCollection services, PretrainedModel model, int threads = 0, object? serviceKey = null, ViewOptions? views = null)
    {
        PretrainedStage.Load(model, DenseTask.Segmentation, task => $"AddBinary{task}(PretrainedModel.{model})");
        return services.AddBinarySegmentation(OfModel(model, threads, views), serviceKey);
    }

    /// <summary>
    /// Registers a <see cref="SaliencyPredictor"/>: one for the whole application, thread-safe. It is loaded when the host starts, or when it is first asked
    /// for where there is no host or <see cref="PredictorOptions.WarmUp"/> is false. Of several registrations of one key the last counts, alone.
    /// </summary>
    /// <inheritdoc cref="AddBinarySegmentation(IServiceCollection, Action{PredictorOptions}, object?)" path="/*[not(self::summary or self::example)]"/>
    /// <example><code>builder.Services.AddBinarySaliency(options => options.ModelPath = "objects.zip");</code></example>
    public static IServiceCollection AddBinarySaliency(this IServiceCollection services, Action<PredictorOptions> configure, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, DenseTask.Saliency, serviceKey, core => new SaliencyPredictor(core), options => options.Configure(configure));
    }

    /// <summary>Registers a <see cref="SaliencyPredictor"/> whose options come from the application's configuration.</summary>
    /// <inheritdoc cref="AddBinarySegmentation(IServiceCollection, IConfiguration, object?)" path="/*[not(self::summary or self::example)]"/>
    /// <example><code>builder.Services.AddBinarySaliency(builder.Configuration.GetSection("Saliency"));</code></example>
    public static IServiceCollection AddBinarySaliency(this IServiceCollection services, IConfiguration section, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, DenseTask.Saliency, serviceKey, core => new SaliencyPredictor(core), options => options.Bind(section, Strict));
    }

    /// <summary>Registers a <see cref="SaliencyPredictor"/> of a file.</summary>
    /// <inheritdoc cref="AddBinarySegmentation(IServiceCollection, string, int, object?, ViewOptions?)" path="/*[not(self::summary or self::example)]"/>
    /// <example><code>builder.Services.AddBinarySaliency("objects.network");</code></example>
    public static IServiceCollection AddBinarySaliency(
        this IServiceCollection services, string path, int threads = 0, object? serviceKey = null, ViewOptions? views = null) =>
        services.AddBinarySaliency(OfFile(path, threads, views), serviceKey);

    /// <summary>Registers a <see cref="SaliencyPredictor"/> with a pretrained network; see <see cref="PretrainedNetworks.Card"/> for its terms.</summary>
    /// <inheritdoc cref="AddBinarySegmentation(IServiceCollection, PretrainedModel, int, object?, ViewOptions?)" path="/*[not(self::summary or self::example)]"/>
    /// <example><code>builder.Services.AddBinarySaliency(PretrainedModel.Saliency);</code></example>
    public static IServiceCollection AddBinarySaliency(
        this IServiceCollection services, PretrainedModel model, int threads = 0, object? serviceKey = null, ViewOptions? views = null)
    {
        PretrainedStage.Load(model, DenseTask.Saliency, task => $"AddBinary{task}(PretrainedModel.{model})");
        return services.AddBinarySaliency(OfModel(model, threads, views), serviceKey);
    }

    /// <summary>
    /// Registers a <see cref="MultiTaskPredictor"/>, for all tasks of a network: one for the whole application, thread-safe. It is loaded when the host starts, or
    /// when it is first asked for where there is no host or <see cref="PredictorOptions.WarmUp"/> is false. Of several registrations of one key the last counts, alone.
    /// </summary>
    /// <inheritdoc cref="AddBinarySegmentation(IServiceCollection, Action{PredictorOptions}, object?)" path="/*[not(self::summary or self::example)]"/>
    /// <example><code>builder.Services.AddBinaryMultiTask(options => options.ModelPath = "street.zip");</code></example>
    public static IServiceCollection AddBinaryMultiTask(this IServiceCollection services, Action<PredictorOptions> configure, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, null, serviceKey, core => new MultiTaskPredictor(core), options => options.Configure(configure));
    }

    /// <summary>Registers a <see cref="MultiTaskPredictor"/> whose options come from the application's configuration.</summary>
    /// <inheritdoc cref="AddBinarySegmentation(IServiceCollection, IConfiguration, object?)" path="/*[not(self::summary or self::example)]"/>
    /// <example><code>builder.Services.AddBinaryMultiTask(builder.Configuration.GetSection("Street"));</code></example>
    public static IServiceCollection AddBinaryMultiTask(this IServiceCollection services, IConfiguration section, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, null, serviceKey, core => new MultiTaskPredictor(core), options => options.Bind(section, Strict));
    }

    /// <summary>Registers a <see cref="MultiTaskPredictor"/> of a file.</summary>
    /// <inheritdoc cref="AddBinarySegmentation(IServiceCollection, string, int, object?, ViewOptions?)" path="/*[not(self::summary or self::example)]"/>
    /// <example><code>builder.Services.AddBinaryMultiTask("street.zip");</code></example>
    public static IServiceCollection AddBinaryMultiTask(
        this IServiceCollection services, string path, int threads = 0, object? serviceKey = null, ViewOptions? views = null) =>
        services.AddBinaryMultiTask(OfFile(path, threads, views), serviceKey);

    /// <summary>
    /// Adds a health check of all predictors: unhealthy if a model cannot be used; degraded if one that changed cannot (and the one before goes on), or no
    /// more images may wait.
    /// </summary>
    /// <param name="builder">What <c>services.AddHealthChecks()</c> gives.</param>
    /// <param name="name">What the check is called.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IHealthChecksBuilder AddBinaryPredictors(this IHealthChecksBuilder builder, string name = "binary predictors")
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddCheck<PredictorHealthCheck>(name);
    }

    private static void Strict(BinderOptions options) => options.ErrorOnUnknownConfiguration = true;

    private static Action<PredictorOptions> OfFile(string path, int threads, ViewOptions? views)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);

        // Loaded later, when the program may have gone to another folder.
        string full = Path.GetFullPath(path);
        return File.Exists(full)
            ? options => (options.ModelPath, options.Threads, options.Views) = (full, threads, views)
            : throw new FileNotFoundException($"{full}: the model does not exist.", path);
    }

    private static Action<PredictorOptions> OfModel(PretrainedModel model, int threads, ViewOptions? views) =>
        options => (options.Pretrained, options.Threads, options.Views) = (model, threads, views);

    private static IServiceCollection Add<T>(
        IServiceCollection services, DenseTask? task, object? serviceKey, Func<PredictorCore, T> predictor, Action<OptionsBuilder<PredictorOptions>> configure)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(services);
        string kind = PredictorCore.NameOf(task), name = (serviceKey is null ? kind : $"{kind}:{serviceKey}").ToLowerInvariant();
        TakeBack(services, name, serviceKey);
        int others = services.Count;
        OptionsBuilder<PredictorOptions> options = services.AddOptions<PredictorOptions>(name);
        configure(options);
        services.AddSingleton<IValidateOptions<PredictorOptions>>(new PredictorOptionsValidation(name, $"AddBinary{kind}"));
        options.ValidateOnStart();

        services.AddKeyedSingleton(name, (provider, _) => new PredictorCore(
            Options(provider), task, name, provider.GetService<ILoggerFactory>()?.CreateLogger<T>(), provider.GetService<IMeterFactory>()));
        services.AddKeyedSingleton(serviceKey, (provider, _) => predictor(Core(provider)));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, PredictorWarmUp>());
        services.AddSingleton(new PredictorRegistration(name, serviceKey, provider => Options(provider).WarmUp, Core, [.. services.Skip(others)]));
        return services;

        PredictorOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptionsMonitor<PredictorOptions>>().Get(name);

        PredictorCore Core(IServiceProvider provider) => provider.GetRequiredKeyedService<PredictorCore>(name);
    }

    /// <summary>Makes room for a predictor: the last registration counts, as of all services, where the options of both would be mixed.</summary>
    /// <exception cref="ArgumentException">Another key reads alike.</exception>
    private static void TakeBack(IServiceCollection services, string name, object? serviceKey)
    {
        if (services.FirstOrDefault(service => service.ServiceType == typeof(PredictorRegistration) && service.ImplementationInstance is PredictorRegistration other && other.Name == name)
            is not { ImplementationInstance: PredictorRegistration taken } descriptor)
        {
            return;
        }

        if (!Equals(taken.Key, serviceKey))
        {
            throw new ArgumentException(
                $"The key '{serviceKey}' ({serviceKey?.GetType().Name}) reads like '{taken.Key}' ({taken.Key?.GetType().Name}), which another predictor has: both would be '{name}' in options, logs and metrics. "
                + "Keys must read differently, and not in case alone.", nameof(serviceKey));
        }

        foreach (ServiceDescriptor service in taken.Services.Append(descriptor))
        {
            services.Remove(service);
        }
    }
}
