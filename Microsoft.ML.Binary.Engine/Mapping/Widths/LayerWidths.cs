namespace Microsoft.ML.Binary.Mapping;

/// <summary>Bits of a layer that a search chooses.</summary>
/// <param name="Maps">Of the map that the layer reads, and in the cost of the one that it writes.</param>
/// <param name="Weights">Of its weights.</param>
/// <example>
/// <code>
/// LayerWidths[] widths = [.. quantization.Layers.Select((_, i) => i == 0 ? new LayerWidths(Maps: 8, Weights: 8) : new LayerWidths(Maps: 8, Weights: 4))];
/// byte[] predicted = quantization.Predict(widths, image);
/// </code>
/// </example>
public readonly record struct LayerWidths(int Maps, int Weights)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Maps}/{Weights}";

    /// <exception cref="ArgumentException">There are not as many widths as layers.</exception>
    internal static void CheckCount(int widths, int layers, string name)
    {
        if (widths != layers)
        {
            throw new ArgumentException($"There are widths for {widths} layers, and {layers} layers.", name);
        }
    }
}
