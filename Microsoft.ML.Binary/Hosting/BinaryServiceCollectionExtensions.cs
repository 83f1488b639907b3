using Microsoft.ML.Binary;

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
        this IServiceCollection services, string path, int threads = 0, object? serviceKey = null) =>
        Add(services, path, serviceKey, () => SegmentationPredictor.Load(path, threads));

    /// <summary>
    /// Registers a <see cref="SaliencyPredictor"/>: one for the whole application, thread-safe. The model is loaded when the predictor is
    /// first asked for.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="path">A zip of <c>ml.Model.Save</c> or a network file.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores.</param>
    /// <param name="serviceKey">A key, for applications with several models; null registers without one.</param>
    /// <returns><paramref name="services"/>.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <remarks>A file that cannot be used is found out when the predictor is resolved, with a message that names it.</remarks>
    /// <example><code>builder.Services.AddBinarySaliency("objects.network");</code></example>
    public static IServiceCollection AddBinarySaliency(
        this IServiceCollection services, string path, int threads = 0, object? serviceKey = null) =>
        Add(services, path, serviceKey, () => SaliencyPredictor.Load(path, threads));

    private static IServiceCollection Add<T>(IServiceCollection services, string path, object? serviceKey, Func<T> load)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return File.Exists(path)
            ? services.AddKeyedSingleton<T>(serviceKey, (_, _) => load())
            : throw new FileNotFoundException($"{Path.GetFullPath(path)}: the model does not exist.", path);
    }
}
