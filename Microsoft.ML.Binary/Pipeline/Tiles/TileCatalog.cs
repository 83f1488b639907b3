using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>
/// Cuts large pictures into tiles: an extension method of <see cref="MLContext.Data"/>. Stages of a pipeline give one row for each row, so this is a function of
/// data, outside of models: cut, transform with any model, and put together with <c>MergeTiles</c> of the task's catalog.
/// </summary>
public static class TileCatalog
{
    /// <summary>
    /// A row for each tile of each picture. Columns: those of the data, with the tile in place of the image (and of the mask), and <c>SourceRow</c> (Int64, the row that
    /// it comes from, counted from 0), <c>TileX</c>, <c>TileY</c>, <c>SourceHeight</c>, <c>SourceWidth</c> (Int32, where in it the tile is, and its size). Tiles are all of one
    /// size: the last ones of a row or column are moved back to the edge. A picture that is smaller than a tile gives tiles of its own width or height.
    /// </summary>
    /// <remarks>
    /// Lazy; one picture is held decoded at a time. How many rows there are is only known when the pictures have been looked at, they cannot be shuffled, and
    /// pictures that were decoded smaller than they are (<see cref="ImageLoadOptions.NeededLongestSide"/>) are an error.
    /// </remarks>
    /// <param name="catalog"><see cref="MLContext.Data"/>.</param>
    /// <param name="data">Rows with images of any size.</param>
    /// <param name="tileWidth">Pixels in a row of a tile.</param>
    /// <param name="tileHeight">Rows of a tile.</param>
    /// <param name="overlap">Pixels that neighbouring tiles have in common at least; below both sides of a tile. Merging cuts them in the middle.</param>
    /// <param name="imageColumnName">The column of images.</param>
    /// <param name="labelColumnName">A column of masks of the size of their images, to be cut alike (with <c>MaskHeight</c> and <c>MaskWidth</c>), for training; null for none.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or tile or overlap are out of range.</exception>
    /// <example>
    /// <code>
    /// IDataView tiles = ml.Data.SplitIntoTiles(photos, tileWidth: 512, tileHeight: 512, overlap: 64);
    /// IDataView masks = ml.Segmentation.MergeTiles(model.Transform(tiles));
    /// </code>
    /// </example>
    public static IDataView SplitIntoTiles(
        this DataOperationsCatalog catalog,
        IDataView data,
        int tileWidth,
        int tileHeight,
        int overlap = 0,
        string imageColumnName = ImageDataColumns.Image,
        string? labelColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        TileGrid.CheckTile(tileWidth, tileHeight, overlap);
        return new TileDataView(data, new(tileWidth, tileHeight, overlap, imageColumnName, labelColumnName));
    }
}

// Predictions of tiles put together.
public sealed partial class SegmentationCatalog
{
    /// <summary>
    /// A row for each picture of scored tiles: the merged mask, its size in <paramref name="maskHeightColumnName"/> and <paramref name="maskWidthColumnName"/>, and the
    /// single values that the picture had before it was cut (<c>ImagePath</c>, ...) with <c>SourceRow</c>; what stages computed of a tile stays behind, and so do columns without the annotations of <see cref="TileCatalog.SplitIntoTiles"/>. Overlaps are cut in
    /// the middle, so each pixel has the label of the tile that it is deepest in.
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
