namespace Microsoft.ML.Binary.Graph;

/// <summary>What a node of a <see cref="DenseGraph"/> puts out, without fixing the image size.</summary>
/// <param name="Channels">Number of channels, at least 1.</param>
/// <param name="Stride">Input pixels per output pixel along each axis: 1, 2, 4, 8, 16 or 32.</param>
/// <param name="Reduction">
/// Factor by which a token grid is reduced below <paramref name="Stride"/> along each axis; 1 for an ordinary feature map.
/// </param>
/// <param name="Bits">Bits of a value: 1 for signs (+1 and -1), 2 for levels (0 to 3), <see cref="RealBits"/> for real values.</param>
/// <example>
/// <code>
/// FeatureType logits = network.Graph.Types[network.Graph.Logits];
/// Console.WriteLine(logits);                                              // 3 channels at stride 1
/// (int height, int width) = new FeatureType(Channels: 64, Stride: 16, Reduction: 2).SizeAt(imageHeight: 352, imageWidth: 480);         // 11, 15
/// </code>
/// </example>
public readonly record struct FeatureType(int Channels, int Stride, int Reduction = 1, int Bits = FeatureType.RealBits)
{
    /// <summary>Bits of a real value.</summary>
    public const int RealBits = 32;

    /// <summary>Whether every value is +1 or -1.</summary>
    public bool IsSign => Bits == 1;

    /// <summary>Whether values are real: neither signs nor levels.</summary>
    public bool IsReal => Bits == RealBits;

    /// <summary>The same map with real values.</summary>
    internal FeatureType Real => this with { Bits = RealBits };

    /// <summary>
    /// The height and width for an image whose sides are multiples of <see cref="Stride"/>: side / stride, and for a reduced grid
    /// that divided by <see cref="Reduction"/>, rounded to the nearest integer, at least 1.
    /// </summary>
    public (int Height, int Width) SizeAt(int imageHeight, int imageWidth) =>
        (Reduced(imageHeight / Stride), Reduced(imageWidth / Stride));

    private int Reduced(int side) => Reduction == 1 ? side : Math.Max(1, (2 * side + Reduction) / (2 * Reduction));

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Channels} channels at stride {Stride}" + (Reduction == 1 ? "" : $" reduced by {Reduction}") + (IsReal ? "" : IsSign ? " (signs)" : $" (levels of {Bits} bits)");
}
