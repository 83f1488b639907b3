using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Reporting;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli.Predictions;

/// <summary>What a network of several tasks predicts for labelled images, at each image's own size, all heads in one run.</summary>
internal sealed class TaskPredictions(DenseNetwork network, TaskData data, ViewOptions? views = null)
{
    /// <summary>Measures the tasks of the data; images are the unit of parallel work.</summary>
    /// <param name="threads">Images at a time.</param>
    /// <param name="only">The name of the only task; null for all.</param>
    /// <param name="evaluated">Is told how many images are done.</param>
    /// <param name="failures">Gets images that cannot be measured; those that it has already are left out. Null makes them errors.</param>
    public MultiTaskMetrics Measure(int threads, string? only = null, Action<int>? evaluated = null, Failures? failures = null)
    {
        LearnedTask[] tasks = [.. data.Tasks.Where(task => only is null || task.Name == only)];
        Failures errors = failures ?? new(endsAtFirst: true);
        using CompiledNetwork compiled = Compile();
        TaskMetricsAccumulator[] all = New();
        errors.All([.. data.Without(errors)], threads, image => image.ImagePath, Of, Merge, evaluated);
        return new([.. all.Select(task => task.ToMetrics())]);

        TaskMetricsAccumulator[] New() => [.. tasks.Select(task => task.Resolve(data.Tasks).NewAccumulator(network.Head(task.Name)))];

        void Merge(TaskMetricsAccumulator[] one)
        {
            for (int i = 0; i < all.Length; i++)
            {
                all[i].Merge(one[i]);
            }
        }

        TaskMetricsAccumulator[] Of(TaskImage image)
        {
            (TrainingSample sample, TaskResult[] results) = Predict(compiled, image, tasks);
            TaskMetricsAccumulator[] own = New();
            for (int i = 0; i < tasks.Length; i++)
            {
                byte[] mask = data.MaskOf(sample, tasks[i]);
                if (results[i].Labels is { } labels)
                {
                    own[i].Add(image.Name, labels, mask, sample.FullWidth, sample.FullHeight);
                }
                else
                {
                    own[i].Add(image.Name, results[i].Map!, mask, sample.FullWidth, sample.FullHeight);
                }
            }

            return own;
        }
    }

    /// <summary>The pictures of an image: what is true and what is predicted of each task.</summary>
    public TaskExample Example(TaskImage image)
    {
        using CompiledNetwork compiled = Compile();
        (TrainingSample sample, TaskResult[] results) = Predict(compiled, image, [.. data.Tasks]);
        (int width, int height) = (sample.FullWidth, sample.FullHeight);
        RgbImage picture = RgbImage.Load(image.ImagePath);
        return new(image.Name, picture, [.. data.Tasks.Select((task, i) =>
        {
            byte[] mask = data.MaskOf(sample, task);
            TaskHead head = network.Head(task.Name);
            if (results[i].Labels is { } labels)
            {
                OverlayOptions options = new() { Palette = Palette.Of(head.Palette) };
                return (task.Name, Overlay.Segmentation(picture, new(width, height, mask), options), Overlay.Segmentation(picture, new(width, height, labels), options));
            }

            TrainingTask learned = task.Resolve(data.Tasks);
            return (task.Name, Draw(new(width, height, learned.Shown(mask, width))), Draw(SaliencyMask.FromProbabilities(width, height, results[i].Map!)));

            RgbImage Draw(SaliencyMask map) => learned.IsShownOnImage ? Overlay.Saliency(picture, map) : map.ToImage();
        })]);
    }

    private CompiledNetwork Compile() => CompiledNetwork.Compile(network, new() { Views = views ?? ViewOptions.AsTrained });

    private (TrainingSample Sample, TaskResult[] Results) Predict(CompiledNetwork compiled, TaskImage image, LearnedTask[] tasks)
    {
        TrainingSample sample = data.Read(image, compiled.NeededLongestSide);
        int pixels = sample.FullWidth * sample.FullHeight;
        TaskResult[] results = [.. tasks.Select(task => network.Head(task.Name).Task.HasClasses ? new TaskResult(new byte[pixels], null) : new(null, new float[pixels]))];
        TaskOutput[] outputs = [.. tasks.Select((task, i) => results[i].Labels is { } labels ? TaskOutput.Labels(task.Name, labels) : TaskOutput.Probabilities(task.Name, results[i].Map))];
        compiled.PredictTasks(sample.Image, outputs, (sample.FullWidth, sample.FullHeight));
        return (sample, results);
    }

    private sealed record TaskResult(byte[]? Labels, float[]? Map);
}
