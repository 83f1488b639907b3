namespace Microsoft.ML.Binary;

/// <summary>What is counted at one threshold; pixels of several images add up.</summary>
/// <param name="MatchedLabels">Edge pixels of the annotations with a partner in the predicted map, over all annotators.</param>
/// <param name="Labels">Edge pixels of the annotations, over all annotators.</param>
/// <param name="MatchedPredictions">Predicted edge pixels with a partner in at least one annotation.</param>
/// <param name="Predictions">Predicted edge pixels, thinned.</param>
/// <example>
/// <code>
/// EdgeCounts first = new(MatchedLabels: 80, Labels: 100, MatchedPredictions: 90, Predictions: 120), second = new(10, 100, 15, 30);
/// Console.WriteLine($"{first.F:F3}, {second.F:F3}, both {(first + second).F:F3}");             // 0.774, 0.167, both 0.548
/// </code>
/// </example>
public readonly record struct EdgeCounts(long MatchedLabels, long Labels, long MatchedPredictions, long Predictions)
{
    /// <summary>Share of the labelled pixels that were found, 0..1; 0 where nothing is labelled, as in the benchmark.</summary>
    public double Recall => Labels > 0 ? (double)MatchedLabels / Labels : 0;

    /// <summary>Share of the predicted pixels that are labelled, 0..1; 0 where nothing is predicted, as in the benchmark.</summary>
    public double Precision => Predictions > 0 ? (double)MatchedPredictions / Predictions : 0;

    /// <summary>Harmonic mean of precision and recall, 0..1; 0 where both are 0.</summary>
    public double F => Precision + Recall > 0 ? 2 * Precision * Recall / (Precision + Recall) : 0;

    /// <summary>Adds the pixels of two images or sets.</summary>
    public static EdgeCounts operator +(EdgeCounts a, EdgeCounts b) =>
        new(a.MatchedLabels + b.MatchedLabels, a.Labels + b.Labels, a.MatchedPredictions + b.MatchedPredictions, a.Predictions + b.Predictions);
}
