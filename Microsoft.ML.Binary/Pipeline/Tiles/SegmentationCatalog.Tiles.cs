namespace Microsoft.ML.Binary;

// Predictions of tiles put together.
public sealed partial class SegmentationCatalog
{
    /// <summary>
    /// A row for each picture of scored tiles: the merged mask, its size in <paramref name="maskHeightColumnName"/> and <paramref name="maskWidthColumnName"/>, and the
    /// single values that the picture had before it was cut (<c>ImagePath</c>, ...) with <c>SourceRow</c>; what stages computed of a tile stays behind, and
    /// so do columns without the annotations of <see cref="TileCatalog.SplitIntoTiles"/>. Overlaps are cut in the middle, so each pixel has the label of the tile that it is deepest in.
    /// </summary>
    /// <param name="tiles">Scored rows of <see cref="TileCatalog.SplitIntoTiles"/>, all tiles of a picture one after the other, as that gives them.</param>
    /// <param name="predictedLabelColumnName">The column of class indices, a vector of bytes.</param>
    /// <param name="maskHeightColumnName">The column of the masks' rows, an Int32.</param>
    /// <param name="maskWidthColumnName">The column of the masks' pixels in a row, an Int32.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">While rows are read: tiles of a picture are missing or not together; the message names it.</exception>
    /// <example>
    /// <code>
    /// IDataView masks = ml.Segmentation.MergeTiles(model.Transform(ml.Data.SplitIntoTiles(photos, 512, 512, overlap: 64)));
    /// </code>
    /// </example>
    public IDataView MergeTiles(
        IDataView tiles,
        string predictedLabelColumnName = ImageDataColumns.PredictedLabel,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        return new MergedTilesDataView<byte>(tiles, predictedLabelColumnName, maskHeightColumnName, maskWidthColumnName);
    }
}
