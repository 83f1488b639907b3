using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training;

namespace MultiTask;

/// <summary>What a network reaches on the images held out; the first figure of each head is the one that networks are compared by.</summary>
internal static class Figures
{
    /// <summary>Figures by head.</summary>
    public static Dictionary<string, Dictionary<string, double>> Of(DenseNetwork network, TaskSet set)
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = 1 });
        return network.Heads.ToDictionary(head => head.Name, head => head.Task switch
        {
            DenseTask.Segmentation => Classes(compiled, head, set),
            DenseTask.Saliency => Saliency(compiled, head, set),
            _ => Edges(compiled, head, set),
        });
    }

    private static Dictionary<string, double> Classes(CompiledNetwork network, TaskHead head, TaskSet set)
    {
        SegmentationMetricsAccumulator metrics = new(head.ClassNames, new() { KeepImages = false });
        foreach (TrainingSample sample in set.Val)
        {
            byte[] labels = new byte[sample.Mask.Length];
            network.PredictTasks(sample.Image, [TaskOutput.Labels(head.Name, labels)]);
            metrics.Add(sample.Name, sample.Mask, labels, sample.Image.Width, sample.Image.Height);
        }

        return new() { ["mIoU"] = metrics.ToMetrics().MeanIoU };
    }

    private static Dictionary<string, double> Saliency(CompiledNetwork network, TaskHead head, TaskSet set)
    {
        SaliencyMetricsAccumulator metrics = new(new() { KeepImages = false, Measures = SaliencyMeasures.ErrorAndF });
        foreach (TrainingSample sample in set.Val)
        {
            metrics.Add(sample.Name, Map(network, head, sample), TaskSet.MaskOf(sample, head), sample.Image.Width, sample.Image.Height);
        }

        SaliencyMetrics all = metrics.ToMetrics();
        return new() { ["max F"] = all.MaxF, ["MAE"] = all.MeanAbsoluteError };
    }

    private static Dictionary<string, double> Edges(CompiledNetwork network, TaskHead head, TaskSet set)
    {
        EdgesTask task = new() { Source = EdgeSource.Classes };
        EdgeMetricsAccumulator metrics = new(new() { NumberOfThresholds = 33 });
        foreach (TrainingSample sample in set.Val)
        {
            (byte[] edges, byte[] ignored) = task.Annotation(sample.Mask, sample.Image.Width);
            metrics.Add(sample.Name, Map(network, head, sample), [edges], sample.Image.Width, sample.Image.Height, ignored);
        }

        EdgeMetrics all = metrics.ToMetrics();
        return new() { ["ODS F"] = all.OdsF, ["OIS F"] = all.OisF, ["AP"] = all.AveragePrecision };
    }

    private static float[] Map(CompiledNetwork network, TaskHead head, TrainingSample sample)
    {
        float[] map = new float[sample.Mask.Length];
        network.PredictTasks(sample.Image, [TaskOutput.Probabilities(head.Name, map)]);
        return map;
    }
}
