namespace Microsoft.ML.Runtime;

/// <summary>Checks what it is told and shows it to no one: nothing listens to the progress of an <see cref="MLContext"/>.</summary>
internal sealed class ProgressChannel : IProgressChannel
{
    private ProgressHeader _header = new();

    public IProgressChannel StartProgressChannel(string name) => new ProgressChannel();

    public void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction) => _header = header ?? throw new ArgumentNullException(nameof(header));

    public void Checkpoint(params double?[] values)
    {
        if (values.Length > _header.MetricNames.Count + (2 * _header.UnitNames.Count))
        {
            throw new InvalidOperationException("Too many values provided in Checkpoint");
        }
    }

    public void Dispose()
    {
    }
}
