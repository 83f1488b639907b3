using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>A trained network whose probabilities another one learns from. It looks at an image once for as long as that stays in memory.</summary>
internal sealed class Teacher(DenseGraph graph, DenseTask task) : IDisposable
{
    private readonly CompiledNetwork _network = CompiledNetwork.Compile(graph, new InferenceOptions { Threads = 1 });
    private readonly ConditionalWeakTable<TrainingSample, SoftMask> _masks = [];

    public int Channels => _network.LogitChannels;

    /// <summary>The probabilities of a sample; any thread may ask.</summary>
    public SoftMask Of(TrainingSample sample) => _masks.GetValue(sample, Look);

    public void Dispose() => _network.Dispose();

    private SoftMask Look(TrainingSample sample)
    {
        (int width, int height) = (sample.Image.Width, sample.Image.Height);
        float[] probabilities = new float[Channels * width * height];
        if (!task.HasClasses)
        {
            _network.PredictSaliency(sample.Image, probabilities);
        }
        else
        {
            _network.PredictScores(sample.Image, probabilities);
        }

        return new SoftMask(probabilities, Channels, width, height);
    }
}
