using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>What training gave.</summary>
/// <param name="Graph">
/// The trainable graph with the averaged weights and statistics estimated for them (with <see cref="TrainingOptions.AverageDecay"/> 0: the last weights and running
/// statistics). Once a step was done, its logits are adjusted already: of saliency multiplied by <see cref="SaliencyTask.Sharpness"/>, of segmentation less what
/// <see cref="SegmentationTask.PriorCorrection"/> says. Freeze it for inference.
/// </param>
/// <param name="Steps">Steps done.</param>
/// <param name="Loss">Mean loss of the last reported interval; NaN if no step was ever taken.</param>
/// <param name="ValidationMetric">The figure of <see cref="TrainingOptions.Validate"/> for this network, or of what <see cref="TrainingOptions.EarlyStopping"/> held out, if there is one.</param>
/// <param name="Elapsed">Training time.</param>
/// <param name="Cancelled">Whether it was cancelled before the budget was used up; the graph is usable all the same.</param>
/// <param name="BestStep">The step whose network this is, where <see cref="TrainingOptions.EarlyStopping"/> chose it; null for the last.</param>
/// <example>
/// <code>
/// TrainingResult result = DenseTrainer.Train(network.Unfreeze().Graph, network.Task, readData);
/// network.WithGraph(result.Graph).Freeze().Save("tuned.mlbn");
/// </code>
/// </example>
public sealed record TrainingResult(DenseGraph Graph, int Steps, double Loss, double? ValidationMetric, TimeSpan Elapsed, bool Cancelled, int? BestStep = null)
{
    /// <summary>
    /// What the loss of each task was multiplied with in the end, in the order of the network's heads: what was given or, with <see cref="TaskWeighting.Uncertainty"/>, what was
    /// learned. Empty where there is one task.
    /// </summary>
    public ImmutableArray<double> TaskWeights { get; init; } = [];

    /// <summary>Passes over the data that were trained on, with a fraction; what <see cref="TrainingOptions.EarlyStopping"/> held out is not among them.</summary>
    public double Epochs { get; init; }
}
