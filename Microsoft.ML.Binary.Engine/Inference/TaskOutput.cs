using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Inference;

/// <summary>A result that is wanted of one head of a network, and where it goes (<see cref="CompiledNetwork.PredictTasks"/>).</summary>
/// <example>
/// <code>
/// byte[] classes = new byte[image.Width * image.Height];
/// float[] edges = new float[image.Width * image.Height];
/// using CompiledNetwork street = CompiledNetwork.Compile(DenseNetwork.Load("street.mlbn"));
/// street.PredictTasks(image, [TaskOutput.Labels("classes", classes), TaskOutput.Probabilities("edges", edges)]);       // one run
/// </code>
/// </example>
public readonly struct TaskOutput
{
    private TaskOutput(string head, ResultKind kind, Memory<float> values, Memory<byte> labels) => (Head, Kind, Values, LabelValues) = (head, kind, values, labels);

    /// <summary>The name of the head.</summary>
    public string Head { get; }

    internal ResultKind Kind { get; }

    internal Memory<float> Values { get; }

    internal Memory<byte> LabelValues { get; }

    internal bool IsOfBytes => Kind is ResultKind.Labels or ResultKind.GraySaliency;

    /// <summary>The class with the highest logit for each pixel; of equal ones the lowest class.</summary>
    /// <param name="head">The name of a head with classes.</param>
    /// <param name="labels">Receives width times height class indices, row-major.</param>
    public static TaskOutput Labels(string head, Memory<byte> labels) => new(head, ResultKind.Labels, default, labels);

    /// <summary>The probability of each class for each pixel: softmax over the logits.</summary>
    /// <param name="head">The name of a head with classes.</param>
    /// <param name="scores">Receives height times width times classes values in this order (H, W, C).</param>
    /// <param name="labels">Receives the class indices too; may be empty.</param>
    public static TaskOutput Scores(string head, Memory<float> scores, Memory<byte> labels = default) => new(head, ResultKind.Scores, scores, labels);

    /// <summary>The logistic function of the logit, 0..1: how salient a pixel is, or how likely an edge.</summary>
    /// <param name="head">The name of a head without classes.</param>
    /// <param name="map">Receives width times height values, row-major.</param>
    public static TaskOutput Probabilities(string head, Memory<float> map) => new(head, ResultKind.Saliency, map, default);

    /// <summary><see cref="Probabilities"/> as gray values, 0 to 255, for a quarter of the memory.</summary>
    /// <param name="head">The name of a head without classes.</param>
    /// <param name="gray">Receives width times height values, row-major.</param>
    public static TaskOutput Gray(string head, Memory<byte> gray) => new(head, ResultKind.GraySaliency, default, gray);

    /// <summary>The logits; of several views their mean.</summary>
    /// <param name="head">The name of a head.</param>
    /// <param name="logits">Receives channels times height times width values in this order (C, H, W).</param>
    public static TaskOutput Logits(string head, Memory<float> logits) => new(head, ResultKind.Logits, logits, default);

    /// <exception cref="ArgumentException">The head has no such result.</exception>
    internal void CheckFor(TaskHead head)
    {
        bool needsClasses = Kind is ResultKind.Labels or ResultKind.Scores;
        if (Kind != ResultKind.Logits && needsClasses != head.Task.HasClasses)
        {
            throw new ArgumentException(
                $"'{head.Name}' is a head for {head.Task.Name}: take {(head.Task.HasClasses ? $"{nameof(Labels)} or {nameof(Scores)}" : nameof(Probabilities))} or {nameof(Logits)} of it.");
        }
    }
}
