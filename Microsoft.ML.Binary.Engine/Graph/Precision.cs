namespace Microsoft.ML.Binary;

/// <summary>Whether the inner convolutions of a network are one-bit or real-valued.</summary>
public enum Precision
{
    /// <summary>Weights and activations of one bit.</summary>
    Binary,

    /// <summary>The full-precision twin: the same graph without signs, float32.</summary>
    Float,
}
