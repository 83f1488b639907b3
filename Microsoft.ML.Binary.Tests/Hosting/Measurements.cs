using System.Diagnostics.Metrics;

namespace Microsoft.ML.Binary.Tests.Hosting;

/// <summary>What the instruments of one predictor tell.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<(string Name, double Value, string Outcome)> _seen = [];

    public Measurements(string predictor)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Microsoft.ML.Binary")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        _listener.Start();

        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string outcome = "";
            bool mine = false;
            foreach ((string key, object? text) in tags)
            {
                outcome = key == "outcome" ? $"{text}" : outcome;
                mine |= key == "predictor" && $"{text}" == predictor;
            }

            if (mine)
            {
                lock (_seen)
                {
                    _seen.Add((instrument.Name, value, outcome));
                }
            }
        }
    }

    public double[] Of(string name)
    {
        lock (_seen)
        {
            return [.. _seen.Where(entry => entry.Name == name).Select(entry => entry.Value)];
        }
    }

    /// <summary>The outcomes that an instrument told, in their order.</summary>
    public string[] OutcomesOf(string name)
    {
        lock (_seen)
        {
            return [.. _seen.Where(entry => entry.Name == name).Select(entry => entry.Outcome)];
        }
    }

    public void Observe() => _listener.RecordObservableInstruments();

    public void Dispose() => _listener.Dispose();
}
