using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>Samples that are not trained on but measured on: sample i where (i + 1) share passes an integer that i share does not.</summary>
/// <param name="read">Opens a pass over all samples.</param>
/// <param name="share">Share that is held out.</param>
internal sealed class HeldOutSamples(Func<IEnumerable<TrainingSample>> read, float share)
{
    private readonly List<TrainingSample> _samples = [];
    private bool _isRead;

    /// <summary>Samples held out.</summary>
    public int Count => _samples.Count;

    /// <summary>Opens a pass over the others.</summary>
    public IEnumerable<TrainingSample> ReadOthers()
    {
        bool keeps = !_isRead;
        _isRead = true;
        long index = 0;
        foreach (TrainingSample sample in read())
        {
            bool isHeldOut = Math.Floor((index + 1) * (double)share) > Math.Floor(index * (double)share);
            index++;
            if (!isHeldOut)
            {
                yield return sample;
            }
            else if (keeps)
            {
                _samples.Add(sample);
            }
        }
    }

    /// <summary>The measure of the first head's task.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="task">What its first head learns.</param>
    /// <param name="mask">Which of a sample's masks that is learned from.</param>
    /// <param name="threads">Threads to measure on.</param>
    public double Measure(DenseGraph graph, TrainingTask task, int mask, int threads)
    {
        using CompiledNetwork network = CompiledNetwork.Compile(graph, new InferenceOptions { Threads = threads });
        return task.Measure(network, _samples.Select(sample => mask == 0 ? sample : sample with { Mask = sample.Masks[mask] }));
    }
}
