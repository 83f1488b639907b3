namespace Microsoft.ML.Binary;

/// <summary>Column names and threads of a <see cref="SaliencyTransformer"/>.</summary>
public sealed record SaliencyOptions
{
    /// <summary>The column the images are read from.</summary>
    public string ImageColumnName { get; init; } = ImageDataColumns.Image;

    /// <summary>The output column of saliency 0..1, a variable-length vector of single, row-major, of the image's size.</summary>
    public string SaliencyColumnName { get; init; } = ImageDataColumns.Saliency;

    /// <summary>The output column of the map's rows, an Int32.</summary>
    public string MaskHeightColumnName { get; init; } = ImageDataColumns.MaskHeight;

    /// <summary>The output column of the map's pixels in a row, an Int32.</summary>
    public string MaskWidthColumnName { get; init; } = ImageDataColumns.MaskWidth;

    /// <summary>Threads that work on one image; 0 takes all cores. Not saved with the model: it belongs to the machine.</summary>
    public int Threads { get; init; }
}
