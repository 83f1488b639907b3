using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Microsoft.ML.Binary;

/// <summary>The instruments of the meter <c>Microsoft.ML.Binary</c> (docs/web.md), for one predictor.</summary>
internal sealed class PredictorMetrics : IDisposable
{
    public const string MeterName = "Microsoft.ML.Binary";

    // Where no factory made the meter. One of the process would keep the predictor, by what counts its queue, for ever.
    private readonly Meter? _own;
    private readonly Counter<long> _predictions, _pixels, _reloads;
    private readonly Histogram<double> _duration, _waiting;
    private readonly KeyValuePair<string, object?> _predictor;

    /// <param name="predictor">What it is called.</param>
    /// <param name="waiting">Counts the images that wait.</param>
    /// <param name="meters">Makes the meter; null makes one that is the predictor's own.</param>
    public PredictorMetrics(string predictor, Func<long> waiting, IMeterFactory? meters)
    {
        Meter meter = meters?.Create(MeterName) ?? (_own = new(MeterName));
        _predictor = new("predictor", predictor);
        _predictions = meter.CreateCounter<long>("mlbinary.predictions", "{prediction}", "Images that were asked for, by outcome: ok, unusable, busy, cancelled, failed.");
        _pixels = meter.CreateCounter<long>("mlbinary.pixels", "{pixel}", "Pixels of the images that were looked at.");
        _reloads = meter.CreateCounter<long>("mlbinary.reloads", "{reload}", "Times that a changed model was loaded, by outcome: ok, failed.");
        _duration = meter.CreateHistogram<double>("mlbinary.prediction.duration", "s", "Time from the encoded image to the result, waiting included.");
        _waiting = meter.CreateHistogram<double>("mlbinary.prediction.wait", "s", "Time that an image waited for its turn.");
        meter.CreateObservableUpDownCounter("mlbinary.prediction.queue", () => new Measurement<long>(waiting(), _predictor), "{image}", "Images that wait for their turn.");
    }

    public void Waited(long since) => _waiting.Record(Stopwatch.GetElapsedTime(since).TotalSeconds, _predictor);

    public void Looked(long pixels) => _pixels.Add(pixels, _predictor);

    public void Counted(string outcome) => _predictions.Add(1, _predictor, new("outcome", outcome));

    public void Ended(long since, string outcome)
    {
        Counted(outcome);
        _duration.Record(Stopwatch.GetElapsedTime(since).TotalSeconds, _predictor, new("outcome", outcome));
    }

    public void Dispose() => _own?.Dispose();

    public void Reloaded(bool ok) => _reloads.Add(1, _predictor, new("outcome", ok ? "ok" : "failed"));
}
