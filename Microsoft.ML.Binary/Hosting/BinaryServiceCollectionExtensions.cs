using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers predictors for dependency injection.</summary>
public static class BinaryServiceCollectionExtensions
{
    /// <summary>
    /// Registers a <see cref="SegmentationPredictor"/>: one for the whole application, thread-safe. The model is loaded when the predictor
    /// is first asked for.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="path">A zip of <c>ml.Model.Save</c> or a network file.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores.</param>
    /// <param name="serviceKey">A key, for applications with several models; null registers without one.</param>
    /// <param name="views">At which size images are looked at, and how often; null for what was saved with the model, or once, as trained.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <remarks>A file that cannot be used is found out when the predictor is resolved, with a message that names it.</remarks>
    /// <example>
    /// <code>
    /// using ServiceProvider provider = services.AddBinarySegmentation("road.zip").BuildServiceProvider();
    /// var predictor = provider.GetRequiredService&lt;SegmentationPredictor&gt;();
    /// </code>
    /// </example>
    public static IServiceCollection AddBinarySegmentation(
        this IServiceCollection services, string path, int threads = 0, object? serviceKey = null, ViewOptions? views = null) =>
        Add(services, path, serviceKey, full => SegmentationPredictor.Load(full, threads, views));

    /// <summary>
    /// Registers a <see cref="SegmentationPredictor"/> with one of the trained networks inside this package: for research and non-commercial use,
    /// see <see cref="PretrainedNetworks.Card"/>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="model">A network for segmentation.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores.</param>
    /// <param name="serviceKey">A key, for applications with several models; null registers without one.</param>
    /// <param name="views">At which size images are looked at, and how often; null for what was saved with the model, or once, as trained.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentException">The network is one for saliency, or there is none of this name.</exception>
    /// <example><code>builder.Services.AddBinarySegmentation(PretrainedModel.RoadScene);</code></example>
    public static IServiceCollection AddBinarySegmentation(
        this IServiceCollection services, PretrainedModel model, int threads = 0, object? serviceKey = null, ViewOptions? views = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        DenseNetwork network = PretrainedStage.Load(model, DenseTask.Segmentation, task => $"AddBinary{task}(PretrainedModel.{model})");
        return services.AddKeyedSingleton(serviceKey, (_, _) => new SegmentationPredictor(network, threads, views));
    }

    /// <summary>
    /// Registers a <see cref="SaliencyPredictor"/>: one for the whole application, thread-safe. The model is loaded when the predictor is
    /// first asked for.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="path">A zip of <c>ml.Model.Save</c> or a network file.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores.</param>
    /// <param name="serviceKey">A key, for applications with several models; null registers without one.</param>
    /// <param name="views">At which size images are looked at, and how often; null for what was saved with the model, or once, as trained.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <remarks>A file that cannot be used is found out when the predictor is resolved, with a message that names it.</remarks>
    /// <example><code>builder.Services.AddBinarySaliency("objects.network");</code></example>
    public static IServiceCollection AddBinarySaliency(
        this IServiceCollection services, string path, int threads = 0, object? serviceKey = null, ViewOptions? views = null) =>
        Add(services, path, serviceKey, full => SaliencyPredictor.Load(full, threads, views));

    /// <summary>
    /// Registers a <see cref="SaliencyPredictor"/> with one of the trained networks inside this package: for research and non-commercial use,
    /// see <see cref="PretrainedNetworks.Card"/>.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="model">A network for saliency.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores.</param>
    /// <param name="serviceKey">A key, for applications with several models; null registers without one.</param>
    /// <param name="views">At which size images are looked at, and how often; null for what was saved with the model, or once, as trained.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="ArgumentException">The network is one for segmentation, or there is none of this name.</exception>
    /// <example><code>builder.Services.AddBinarySaliency(PretrainedModel.Saliency);</code></example>
    public static IServiceCollection AddBinarySaliency(
        this IServiceCollection services, PretrainedModel model, int threads = 0, object? serviceKey = null, ViewOptions? views = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        DenseNetwork network = PretrainedStage.Load(model, DenseTask.Saliency, task => $"AddBinary{task}(PretrainedModel.{model})");
        return services.AddKeyedSingleton(serviceKey, (_, _) => new SaliencyPredictor(network, threads, views));
    }

    private static IServiceCollection Add<T>(IServiceCollection services, string path, object? serviceKey, Func<string, T> load)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(path);

        // Loaded later, when the program may have gone to another folder.
        string full = Path.GetFullPath(path);
        return File.Exists(full)
            ? services.AddKeyedSingleton<T>(serviceKey, (_, _) => load(full))
            : throw new FileNotFoundException($"{full}: the model does not exist.", path);
    }
}
