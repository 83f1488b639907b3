using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>Keeps progress reports, and cancels (or does something else) when told to, on the training thread itself.</summary>
internal sealed class Reports(int cancelAt = int.MaxValue, Action? act = null) : IProgress<TrainingProgress>
{
    private readonly CancellationTokenSource _source = new();

    public List<TrainingProgress> All { get; } = [];

    public CancellationToken Token => _source.Token;

    public void Report(TrainingProgress value)
    {
        All.Add(value);
        if (value.Step == cancelAt)
        {
            (act ?? _source.Cancel)();
        }
    }
}
