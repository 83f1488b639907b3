namespace Microsoft.ML.Binary.Graph;

/// <summary>Where the gates of a search start.</summary>
/// <example>
/// <code>
/// // Channels keep the one bit that they have until the search finds better; as published all would begin near 8.
/// DenseGraph search = WidthGraphs.ToSearch(network.Unfreeze().Graph, precisions: [0, 1, 2], start: GateStart.Present);
/// </code>
/// </example>
public enum GateStart
{
    /// <summary>
    /// The width that a channel has is ahead of the others by 1. Where it is none of those to choose from, as <see cref="Widest"/>.
    /// </summary>
    Present,

    /// <summary>Every width of p bits with p / (the highest width), as published.</summary>
    Widest,
}
