namespace Microsoft.ML.Binary.Graph;

/// <summary>Multiply-accumulates of two kinds.</summary>
/// <param name="Float">Multiply-accumulates of real values.</param>
/// <param name="Binary">Multiply-accumulates of a one-bit weight (or key) and a one-bit activation; one of more bits counts as the product of both widths.</param>
/// <example>
/// <code>
/// MacCount macs = CostModel.Measure(network.Graph, height: 360, width: 480).Macs;
/// Console.WriteLine($"{macs.Binary / 1e6:F0} million of one bit and {macs.Float / 1e6:F0} million of real values, which costs as much as {macs.Weighted / 1e6:F0} million of real values");
/// </code>
/// </example>
public readonly record struct MacCount(long Float, long Binary)
{
    /// <summary>
    /// One-bit multiply-accumulates that count as one real-valued one in <see cref="Weighted"/>: the bits of a machine word
    /// (XNOR-Net, arXiv 1603.05279).
    /// </summary>
    public const int BinaryPerFloat = 64;

    /// <summary>Both kinds, each counted as one.</summary>
    public long Total => Float + Binary;

    /// <summary>Real-valued ones, and one-bit ones as a 64th each.</summary>
    public double Weighted => Float + Binary / (double)BinaryPerFloat;

    /// <summary>The sum of each kind.</summary>
    public static MacCount operator +(MacCount a, MacCount b) => new(a.Float + b.Float, a.Binary + b.Binary);

    internal static MacCount Of(long count, bool binary) => binary ? new(0, count) : new(count, 0);

    /// <summary>So many times as many of each kind.</summary>
    internal MacCount Times(long count) => new(count * Float, count * Binary);
}
