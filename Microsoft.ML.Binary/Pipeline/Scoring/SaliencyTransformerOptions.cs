using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>Column names, views and threads of a <see cref="SaliencyTransformer"/>.</summary>
public sealed record SaliencyTransformerOptions
{
    /// <summary>The column the images are read from.</summary>
    public string ImageColumnName { get; init; } = ImageDataColumns.Image;

    /// <summary>The output column of saliency 0..1, a variable-length vector of single, row-major, of the image's size.</summary>
    public string SaliencyColumnName { get; init; } = ImageDataColumns.Saliency;

    /// <summary>The output column of the map's rows, an Int32.</summary>
    public string MaskHeightColumnName { get; init; } = ImageDataColumns.MaskHeight;

    /// <summary>The output column of the map's pixels in a row, an Int32.</summary>
    public string MaskWidthColumnName { get; init; } = ImageDataColumns.MaskWidth;

    /// <summary>
    /// At which size the network looks at images, and how often: by default once, at the size that it was trained at. Output columns have the
    /// image's own size in any case. Saved with the model.
    /// </summary>
    public ViewOptions Views { get; init; } = ViewOptions.AsTrained;

    /// <summary>Threads that work on one image; 0 takes all cores. Not saved with the model: it belongs to the machine.</summary>
    public int Threads { get; init; }
}
