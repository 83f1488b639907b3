namespace Microsoft.ML.Binary;

/// <summary>Whether the inner convolutions of a network are one-bit or real-valued.</summary>
/// <example>
/// <code>
/// foreach (Precision precision in Enum.GetValues&lt;Precision>())
/// {
///     DenseGraph graph = DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 3, precision));
///     Console.WriteLine($"{precision}: {CostModel.Measure(graph, height: 360, width: 480).Macs.Weighted / 1e6:F0} million multiply-accumulates");
/// }
/// </code>
/// </example>
public enum Precision
{
    /// <summary>Weights and activations of one bit.</summary>
    Binary,

    /// <summary>The full-precision twin: the same graph without signs, float32.</summary>
    Float,
}
