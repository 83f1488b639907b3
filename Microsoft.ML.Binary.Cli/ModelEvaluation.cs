using Microsoft.ML.Binary.Evaluation;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli;

/// <summary>
/// Measures a network on labelled images at their own sizes. Images are the unit of parallel work, each on one thread: that keeps all
/// cores busy where parts of one image would have to wait for each other.
/// </summary>
internal sealed class ModelEvaluation(DenseGraph graph, IReadOnlyList<ImagePair> pairs, int threads, Action<int>? evaluated = null)
{
    /// <summary>Metrics of a segmentation network.</summary>
    public SegmentationMetrics Segmentation(IReadOnlyList<string> classNames, SegmentationMetricsOptions? options = null)
    {
        SegmentationMetricsAccumulator all = new(classNames, options);
        ForEach(DenseTask.Segmentation, Measure, all.Merge);
        return all.ToMetrics();

        SegmentationMetricsAccumulator Measure(CompiledNetwork network, string name, TrainingSample sample)
        {
            byte[] labels = new byte[sample.Mask.Length];
            network.PredictLabels(sample.Image, labels);
            SegmentationMetricsAccumulator one = new(classNames, options);
            one.Add(name, sample.Mask, labels, sample.Image.Width, sample.Image.Height);
            return one;
        }
    }

    /// <summary>Metrics of a saliency network.</summary>
    public SaliencyMetrics Saliency(SaliencyMetricsOptions? options = null)
    {
        SaliencyMetricsAccumulator all = new(options);
        ForEach(DenseTask.Saliency, Measure, all.Merge);
        return all.ToMetrics();

        SaliencyMetricsAccumulator Measure(CompiledNetwork network, string name, TrainingSample sample)
        {
            float[] saliency = new float[sample.Mask.Length];
            network.PredictSaliency(sample.Image, saliency);
            SaliencyMetricsAccumulator one = new(options);
            one.Add(name, saliency, sample.Mask, sample.Image.Width, sample.Image.Height);
            return one;
        }
    }

    private void ForEach<T>(DenseTask task, Func<CompiledNetwork, string, TrainingSample, T> measure, Action<T> merge)
    {
        using CompiledNetwork network = CompiledNetwork.Compile(graph);
        int done = 0;
        foreach (T one in OrderedParallel.Map(
            pairs, threads, pair => measure(network, pair.Name, LabelledImages.Read(pair, task, graph.LogitChannels))))
        {
            merge(one);
            evaluated?.Invoke(++done);
        }
    }
}
