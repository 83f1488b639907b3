namespace Microsoft.ML.Binary;

// Predictions of tiles put together.
public sealed partial class SaliencyCatalog
{
    /// <summary>As <see cref="SegmentationCatalog.MergeTiles"/>, for saliency maps: each pixel has the saliency of the tile that it is deepest in.</summary>
    /// <param name="tiles">Scored rows of <see cref="TileCatalog.SplitIntoTiles"/>, all tiles of a picture one after the other, as that gives them.</param>
    /// <param name="saliencyColumnName">The column of saliency, a vector of single.</param>
    /// <param name="maskHeightColumnName">The column of the maps' rows, an Int32.</param>
    /// <param name="maskWidthColumnName">The column of the maps' pixels in a row, an Int32.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">While rows are read: tiles of a picture are missing or not together; the message names it.</exception>
    /// <example>
    /// <code>
    /// SaliencyTransformer model = ml.Saliency.Pretrained().Fit(photos);
    /// IDataView maps = ml.Saliency.MergeTiles(model.Transform(ml.Data.SplitIntoTiles(photos, 512, 512, overlap: 64)));
    /// </code>
    /// </example>
    public IDataView MergeTiles(
        IDataView tiles,
        string saliencyColumnName = ImageDataColumns.Saliency,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        return new MergedTilesDataView<float>(tiles, saliencyColumnName, maskHeightColumnName, maskWidthColumnName);
    }
}
