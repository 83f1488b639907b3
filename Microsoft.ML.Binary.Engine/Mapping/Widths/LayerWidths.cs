namespace Microsoft.ML.Binary.Mapping;

/// <summary>Bits of a layer that a search chooses.</summary>
/// <param name="Maps">Of the map that the layer reads, and in the cost of the one that it writes.</param>
/// <param name="Weights">Of its weights.</param>
public readonly record struct LayerWidths(int Maps, int Weights)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Maps}/{Weights}";
}
