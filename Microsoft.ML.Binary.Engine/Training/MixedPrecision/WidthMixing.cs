namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>What <see cref="Operations.SearchConvolutionOperation"/> makes of weights and gates.</summary>
/// <param name="Phase">Real weights, mixtures, or the width that counts.</param>
/// <param name="Temperature">Of the mixtures.</param>
/// <param name="Sampling">Of the mixtures.</param>
/// <param name="StopsAtZero">Whether the share of no bits keeps its part of the gradient from the weights.</param>
/// <param name="Seed">Of the noise.</param>
/// <param name="Batch">With the seed it decides the noise, so that a resumed run draws the same.</param>
internal readonly record struct WidthMixing(SearchPhase Phase, double Temperature, GateSampling Sampling, bool StopsAtZero, long Seed, long Batch)
{
    /// <summary>The width of each channel that counts.</summary>
    public static WidthMixing Settled { get; } = new(SearchPhase.FineTuning, 1, GateSampling.Soft, false, 0, 0);
}
