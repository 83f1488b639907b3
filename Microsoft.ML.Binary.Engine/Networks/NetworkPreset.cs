namespace Microsoft.ML.Binary;

/// <summary>Ready-made network sizes; see <see cref="Networks.NetworkConfiguration.For"/>.</summary>
/// <example>
/// <code>
/// foreach (NetworkPreset preset in Enum.GetValues&lt;NetworkPreset>())
/// {
///     GraphCost cost = CostModel.Measure(DenseNetworkBuilder.Build(NetworkConfiguration.For(preset, outputs: 3)), height: 360, width: 480);
///     Console.WriteLine($"{preset}: {cost.OneBitParameters / 1e6:F2} million one-bit weights, {cost.Macs.Weighted / 1e6:F0} million multiply-accumulates");
/// }
/// </code>
/// </example>
public enum NetworkPreset
{
    /// <summary>At most a quarter of <see cref="Small"/>: for quick experiments and small devices.</summary>
    Tiny,

    /// <summary>3 to 4 million one-bit weights, 4.5 to 6 G multiply-accumulates at 480x360.</summary>
    Small,

    /// <summary>Two to four times <see cref="Small"/>.</summary>
    Base,
}
