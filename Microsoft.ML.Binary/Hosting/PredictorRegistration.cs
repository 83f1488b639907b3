using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Microsoft.ML.Binary;

/// <summary>A predictor of the application, for what looks after all of them.</summary>
/// <param name="Name">What logs, metrics and health checks call it.</param>
/// <param name="Key">The key that it is registered with; null for none.</param>
/// <param name="WarmUp">Whether it is loaded when the host starts.</param>
/// <param name="Core">Loads it, the first time.</param>
/// <param name="Services">What was registered for it.</param>
internal sealed record PredictorRegistration(
    string Name, object? Key, Func<IServiceProvider, bool> WarmUp, Func<IServiceProvider, PredictorCore> Core, IReadOnlyList<ServiceDescriptor> Services);

/// <summary>Loads the predictors when the host starts, so that the first request waits for nothing and a model that cannot be used ends the start.</summary>
internal sealed class PredictorWarmUp(IServiceProvider services, IEnumerable<PredictorRegistration> predictors) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (PredictorRegistration predictor in predictors.Where(predictor => predictor.WarmUp(services)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            predictor.Core(services);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Unhealthy if a model cannot be used; degraded if a changed one cannot, or no more images may wait.</summary>
internal sealed class PredictorHealthCheck(IServiceProvider services, IEnumerable<PredictorRegistration> predictors) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        List<string> degraded = [];
        Dictionary<string, object> data = [];
        foreach (PredictorRegistration predictor in predictors)
        {
            try
            {
                PredictorCore core = predictor.Core(services);
                data[$"{predictor.Name}.waiting"] = core.Waiting;
                if (core.Models.Problem is { } problem)
                {
                    degraded.Add($"{predictor.Name}: the changed model cannot be used, and the one before goes on: {problem.Message}");
                }

                if (core.IsFull)
                {
                    degraded.Add($"{predictor.Name}: {core.Waiting} images wait, and no more may.");
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                return Task.FromResult(new HealthCheckResult(context.Registration.FailureStatus, $"{predictor.Name}: {e.Message}", e, data));
            }
        }

        return Task.FromResult(degraded.Count == 0
            ? HealthCheckResult.Healthy(data: data)
            : HealthCheckResult.Degraded(string.Join(' ', degraded), data: data));
    }
}
