namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>The part of a search that a step belongs to.</summary>
internal enum SearchPhase
{
    /// <summary>Real weights on signs: nothing is quantised yet.</summary>
    WarmUp,

    /// <summary>Weights are mixtures of all precisions, and the gates are trained.</summary>
    Search,

    /// <summary>Each channel has the width that its gates chose, and only weights are trained.</summary>
    FineTuning,
}
