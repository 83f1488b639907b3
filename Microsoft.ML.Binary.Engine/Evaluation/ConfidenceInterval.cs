using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Notebooks;

namespace Microsoft.ML.Binary;

/// <summary>How resampling over images is done.</summary>
/// <example>
/// <code>
/// BootstrapOptions options = new() { Resamples = 10_000, Level = 0.99 };
/// Console.WriteLine(metrics.ConfidenceInterval(SegmentationMeasure.MeanIoU, options));
/// </code>
/// </example>
public sealed record BootstrapOptions
{
    /// <summary>Number of resamples, at least 1; 1,000 by default.</summary>
    public int Resamples { get; init; } = 1000;

    /// <summary>Confidence level, between 0 and 1; 0.95 by default.</summary>
    public double Level { get; init; } = 0.95;

    /// <summary>Seed of the draws: equal seeds give equal results.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>
/// A figure with its bootstrap percentile interval over images (Efron and Tibshirani, An Introduction to the Bootstrap, 1993):
/// what the figure might have been with other images of the same kind. It says nothing of another training run.
/// </summary>
/// <param name="Estimate">The figure on the images as they are.</param>
/// <param name="Lower">Lower end of the interval.</param>
/// <param name="Upper">Upper end of the interval.</param>
/// <param name="Level">Confidence level, 0..1.</param>
/// <example>
/// <code>
/// ConfidenceInterval interval = metrics.ConfidenceInterval(SegmentationMeasure.MeanIoU, new BootstrapOptions { Level = 0.9 });
/// Console.WriteLine($"mIoU {interval.Estimate:F3}, from {interval.Lower:F3} to {interval.Upper:F3}");
/// </code>
/// </example>
public readonly record struct ConfidenceInterval(double Estimate, double Lower, double Upper, double Level)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Figure.Of(Estimate)} [{Figure.Of(Lower)}, {Figure.Of(Upper)}]";
}

/// <summary>Two models on the same images: the difference of a figure, resampled over the images both saw (paired bootstrap).</summary>
/// <param name="First">The figure of the first model.</param>
/// <param name="Second">The figure of the second model.</param>
/// <param name="Difference">Second minus first, with its interval.</param>
/// <param name="PValue">
/// Two-sided bootstrap p: twice the smaller share of resamples in which the difference has the other sign or is zero, each share
/// counted with one resample more than there were, so that it is never 0.
/// </param>
/// <param name="ImageCount">Number of images compared.</param>
/// <example>
/// <code>
/// PairedComparison comparison = before.CompareTo(after, SegmentationMeasure.MeanIoU);      // of the same images
/// Console.WriteLine($"{comparison.Difference}, p {comparison.PValue:F3}");
/// </code>
/// </example>
[TypeFormatterSource]
public sealed record PairedComparison(double First, double Second, ConfidenceInterval Difference, double PValue, int ImageCount)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Figure.Of(First)} -> {Figure.Of(Second)}, difference {Figure.Of(Difference.Estimate, "+0.0000;-0.0000;0.0000")} "
        + $"[{Figure.Of(Difference.Lower)}, {Figure.Of(Difference.Upper)}], p = {Figure.Of(PValue, "0.####")}, {Plural.Of(ImageCount, "image")}";
}
