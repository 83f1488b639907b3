namespace Microsoft.ML.Binary;

/// <summary>Options of <see cref="SaliencyTrainers.BinaryDenseNet(SaliencyTrainerOptions)"/>. Masks hold gray values, object above 128.</summary>
public sealed record SaliencyTrainerOptions : DenseTrainerOptions
{
    /// <summary>Output column of the trained transformer: saliency 0..1.</summary>
    public string SaliencyColumnName { get; init; } = ImageDataColumns.Saliency;

    internal SaliencyTransformerOptions ToTransformerOptions() => new()
    {
        ImageColumnName = ImageColumnName,
        SaliencyColumnName = SaliencyColumnName,
        MaskHeightColumnName = MaskHeightColumnName,
        MaskWidthColumnName = MaskWidthColumnName,
        Threads = Threads ?? 0,
    };
}
