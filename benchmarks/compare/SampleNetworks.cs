using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Compare;

/// <summary>Networks to measure and to compare.</summary>
internal static class SampleNetworks
{
    /// <summary>A preset with initial weights.</summary>
    public static DenseNetwork Initial(NetworkPreset preset, int classes, Precision precision)
    {
        DenseGraph graph = DenseNetworkBuilder.Build(NetworkConfiguration.For(preset, classes, precision));
        return new DenseNetwork(graph, DenseTask.Segmentation, [.. Enumerable.Range(0, classes).Select(i => $"class {i}")]);
    }

    /// <summary>A preset after a few steps of training: good for nothing but to compare results on values as they occur in use.</summary>
    public static DenseNetwork BrieflyTrained(NetworkPreset preset, Precision precision, IReadOnlyList<TrainingSample> samples, int steps)
    {
        int classes = Math.Max(2, 1 + samples.Max(sample => sample.Mask.Max(label => label == 255 ? 0 : label)));
        DenseNetwork network = Initial(preset, classes, precision);
        TrainingOptions options = new() { Budget = TrainingBudget.OfSteps(steps), BatchSize = 4, AverageDecay = 0.8f };
        return network.WithGraph(DenseTrainer.Train(network.Graph, network.Task, () => samples, options).Graph).Freeze();
    }
}
