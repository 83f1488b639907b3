using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>
/// Predicts all tasks of a network for single images, in one run: classes, saliency, edges. One instance serves all requests of a web application; results for an image in
/// memory are those of the transformer, to the last bit.
/// </summary>
public sealed class MultiTaskPredictor : DensePredictor<MultiTaskPrediction>
{
    /// <summary>Compiles a network.</summary>
    /// <param name="network">A network of one or several heads.</param>
    /// <param name="options">
    /// Threads, views, and the memory that is kept or may be taken; null, the default, takes all cores for one image, of which one of several callers has them and the others work alone.
    /// (<see cref="InferenceOptions.Threads"/> is 1 where options are given and do not say it.)
    /// </param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public MultiTaskPredictor(DenseNetwork network, InferenceOptions? options = null)
        : base(network, null, options)
    {
    }

    internal MultiTaskPredictor(PredictorCore core)
        : base(core)
    {
    }

    /// <summary>Loads a model.</summary>
    /// <param name="path">A zip of <c>ml.Model.Save</c> or a network file. Other stages of a pipeline (resizing, say) are left out.</param>
    /// <param name="options">As for the constructor; views that are null are those that were saved with the model.</param>
    /// <exception cref="NetworkFileException">The file cannot be used; the message says why.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <example>
    /// <code>
    /// var predictor = MultiTaskPredictor.Load("street.zip");
    /// MultiTaskPrediction seen = predictor.Predict(RgbImage.Load("street.png"));
    /// MaskWriter.Save("edges.png", seen.Map("edges").ToMask());
    /// </code>
    /// </example>
    public static MultiTaskPredictor Load(string path, InferenceOptions? options = null)
    {
        (DenseNetwork network, InferenceOptions stored) = Stored(path, null, options);
        return new(network, stored);
    }

    private protected override MultiTaskPrediction Predict(CompiledNetwork network, RgbImage image, (int Width, int Height) size, CancellationToken cancellationToken)
    {
        int pixels = size.Width * size.Height;
        byte[][] labels = [.. network.Heads.Select(head => new byte[head.Task.HasClasses ? pixels : 0])];
        float[][] maps = [.. network.Heads.Select(head => new float[head.Task.HasClasses ? 0 : pixels])];
        TaskOutput[] outputs = [.. network.Heads.Select((head, i) => head.Task.HasClasses ? TaskOutput.Labels(head.Name, labels[i]) : TaskOutput.Probabilities(head.Name, maps[i]))];
        network.PredictTasks(image, outputs, size, cancellationToken);
        return new(network.Heads, size, labels, maps);
    }

    private protected override MultiTaskPrediction Resize(MultiTaskPrediction result, (int Width, int Height) size) => result.Resize(size);
}

/// <summary>What a network of several tasks predicts for an image.</summary>
/// <example>
/// <code>
/// using MultiTaskPredictor street = new(network);
/// MultiTaskPrediction seen = street.Predict(image);
/// foreach (TaskHead head in seen.Heads)
/// {
///     if (head.Task.HasClasses)
///     {
///         MaskWriter.Save($"{head.Name}.png", seen.Labels(head.Name));
///     }
///     else
///     {
///         MaskWriter.Save($"{head.Name}.png", seen.Map(head.Name).ToMask());
///     }
/// }
/// </code>
/// </example>
public sealed class MultiTaskPrediction
{
    private readonly byte[][] _labels;
    private readonly float[][] _maps;

    internal MultiTaskPrediction(ImmutableArray<TaskHead> heads, (int Width, int Height) size, byte[][] labels, float[][] maps) =>
        (Heads, Width, Height, _labels, _maps) = (heads, size.Width, size.Height, labels, maps);

    /// <summary>The tasks.</summary>
    public ImmutableArray<TaskHead> Heads { get; }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The most probable class of each pixel.</summary>
    /// <param name="task">The name of a task with classes; case makes no difference.</param>
    /// <exception cref="ArgumentException">There is no task of that name, or it has no classes.</exception>
    public SegmentationMask Labels(string task) => new(Width, Height, _labels[Find(task, hasClasses: true)]);

    /// <summary>The probability of each pixel, a tensor of one channel: how salient it is, or how likely an edge.</summary>
    /// <param name="task">The name of a task without classes; case makes no difference.</param>
    /// <exception cref="ArgumentException">There is no task of that name, or it has classes.</exception>
    public ScoreTensor Map(string task) => new(Height, Width, 1, _maps[Find(task, hasClasses: false)]);

    internal MultiTaskPrediction Resize((int Width, int Height) size)
    {
        return new(Heads, size, [.. _labels.Select(Resized)], [.. _maps.Select(Resized)]);

        T[] Resized<T>(T[] values) => values.Length == 0 ? values : NearestResampler.Resize<T>(values, Width, Height, size.Width, size.Height);
    }

    private int Find(string task, bool hasClasses)
    {
        for (int i = 0; i < Heads.Length; i++)
        {
            if (Heads[i].Name.Equals(task, StringComparison.OrdinalIgnoreCase))
            {
                return Heads[i].Task.HasClasses == hasClasses
                    ? i
                    : throw new ArgumentException($"'{task}' is a head for {Heads[i].Task.Name}: take {(hasClasses ? nameof(Map) : nameof(Labels))} of it.", nameof(task));
            }
        }

        throw new ArgumentException($"The network has no head '{task}'; it has {string.Join(", ", Heads.Select(head => $"'{head.Name}'"))}.", nameof(task));
    }
}
