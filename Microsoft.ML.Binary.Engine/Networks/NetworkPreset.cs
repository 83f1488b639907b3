namespace Microsoft.ML.Binary;

/// <summary>Ready-made network sizes; see <see cref="Networks.NetworkConfiguration.For"/>.</summary>
public enum NetworkPreset
{
    /// <summary>At most a quarter of <see cref="Small"/>: for quick experiments and small devices.</summary>
    Tiny,

    /// <summary>3 to 4 million one-bit weights, 4.5 to 6 G multiply-accumulates at 480x360.</summary>
    Small,

    /// <summary>Two to four times <see cref="Small"/>.</summary>
    Base,
}
