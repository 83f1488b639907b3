namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>Where the gates of a search start.</summary>
public enum GateStart
{
    /// <summary>
    /// The width that a channel has is ahead of the others by 1. Where it is none of those to choose from, as <see cref="Widest"/>.
    /// </summary>
    Present,

    /// <summary>Every width of p bits with p / (the highest width), as published.</summary>
    Widest,
}
