namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>How a search mixes the precisions of a channel.</summary>
/// <example>
/// <code>
/// MixedPrecisionOptions options = new() { Sampling = GateSampling.Gumbel, FirstTemperature = 5, LastTemperature = 0.1 };
/// </code>
/// </example>
public enum GateSampling
{
    /// <summary>By their shares.</summary>
    Soft,

    /// <summary>The one with the largest share alone; gradients pass as if all took part.</summary>
    Hard,

    /// <summary>As <see cref="Hard"/>, by shares of logits with noise from a Gumbel distribution, which seed and step decide.</summary>
    Gumbel,
}
