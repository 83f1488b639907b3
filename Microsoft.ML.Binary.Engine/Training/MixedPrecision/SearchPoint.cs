using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>A network that a search found.</summary>
/// <param name="Strength">The weight of the cost in the loss; null where there was a limit.</param>
/// <param name="Result">The trained network, trainable, with <see cref="MixedConvolution"/> nodes; freeze it to use it.</param>
/// <param name="Cost">Its cost, in units of the cost that was kept low.</param>
/// <param name="Layers">The widths of each convolution.</param>
/// <example>
/// <code>
/// DenseNetwork start = network.Unfreeze();
/// foreach (SearchPoint point in MixedPrecisionSearch.Run(start.Graph, new SegmentationTask(), readData, new() { Strengths = [1, 3, 10] }))
/// {
///     start.WithGraph(point.Graph).Freeze().Save($"strength-{point.Strength}.mlbn");
///     Console.WriteLine($"{point.Strength}: {point.Cost / 8e3:F0} kB, {point.Layers[0]}");
/// }
/// </code>
/// </example>
public sealed record SearchPoint(double? Strength, TrainingResult Result, double Cost, ImmutableArray<ConvolutionWidths> Layers)
{
    /// <summary>The network.</summary>
    public DenseGraph Graph => Result.Graph;
}

/// <summary>How far a search has come.</summary>
/// <param name="Point">The point that is being trained, from 0 on.</param>
/// <param name="Points">Points of the front.</param>
/// <param name="Training">Progress of that.</param>
/// <example>
/// <code>
/// Progress&lt;SearchProgress> progress = new(p => Console.WriteLine($"network {p.Point + 1} of {p.Points}: {p.Training.Fraction:P0}, loss {p.Training.Loss:F3}"));
/// var found = MixedPrecisionSearch.Run(network.Unfreeze().Graph, new SegmentationTask(), readData, new() { Strengths = [1, 3] }, progress);
/// </code>
/// </example>
public sealed record SearchProgress(int Point, int Points, TrainingProgress Training);
