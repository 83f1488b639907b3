using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.ML.Binary.Tests.Hosting;

/// <summary>The services of an application with one predictor.</summary>
internal static class PredictorServices
{
    /// <param name="model">The file of its model.</param>
    /// <param name="configure">Sets the other options.</param>
    /// <param name="key">Its key; null for none.</param>
    /// <param name="log">Where it logs; null for nowhere.</param>
    public static ServiceProvider Of(string model, Action<PredictorOptions> configure, string? key = null, ILoggerProvider? log = null)
    {
        ServiceCollection services = [];
        services.AddMetrics().AddLogging(logging =>
        {
            if (log is not null)
            {
                logging.AddProvider(log);
            }
        });
        services.AddHealthChecks().AddBinaryPredictors();
        services.AddBinarySegmentation(
            options =>
            {
                options.ModelPath = model;
                configure(options);
            },
            key);
        return services.BuildServiceProvider();
    }
}
