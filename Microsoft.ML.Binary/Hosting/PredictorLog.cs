using Microsoft.Extensions.Logging;

namespace Microsoft.ML.Binary;

/// <summary>What predictors log.</summary>
internal static partial class PredictorLog
{
    [LoggerMessage(1, LogLevel.Information, "{Predictor}: loaded {Model} in {Milliseconds:0} ms")]
    public static partial void Loaded(ILogger logger, string predictor, string model, double milliseconds);

    [LoggerMessage(2, LogLevel.Information, "{Predictor}: {Model} changed, and is used from now on")]
    public static partial void Reloaded(ILogger logger, string predictor, string model);

    [LoggerMessage(3, LogLevel.Warning, "{Predictor}: {Model} changed, and cannot be used; the model before goes on")]
    public static partial void ReloadFailed(ILogger logger, string predictor, string model, Exception error);

    [LoggerMessage(4, LogLevel.Information, "{Predictor}: refused an image: {Reason}")]
    public static partial void Refused(ILogger logger, string predictor, string reason);

    [LoggerMessage(5, LogLevel.Warning, "{Predictor}: busy: {Waiting} images wait")]
    public static partial void Busy(ILogger logger, string predictor, long waiting);
}
