using System.Text.Json.Serialization;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>What <see cref="SegmentationCatalog.Regions(MaskRegionOptions)"/> finds, and the names of its columns.</summary>
/// <example>
/// <code>
/// MaskRegionOptions options = new() { Labels = [1], ContourLabel = 2, MinimumArea = 10, IdsColumnName = "RegionIds" };
/// IDataView found = ml.Segmentation.Regions(options).Fit(scored).Transform(scored);
/// </code>
/// </example>
public sealed record MaskRegionOptions
{
    /// <summary>The column of class indices, a vector of one byte per pixel, row-major.</summary>
    public string InputColumnName { get; init; } = ImageDataColumns.PredictedLabel;

    /// <summary>The classes to find regions of; null takes all but <see cref="IgnoreIndex"/>, a background class too.</summary>
    public IReadOnlyList<byte>? Labels { get; init; }

    /// <summary>
    /// The class of contours around the only one of <see cref="Labels"/>, so that objects which touch stay apart: regions of the inside grow into it (see
    /// <see cref="MaskRegions.Find(SegmentationMask, byte, byte, PixelConnectivity, int, bool)"/>). Null where there is none.
    /// </summary>
    public byte? ContourLabel { get; init; }

    /// <summary>Whether insides of a <see cref="ContourLabel"/> are taken apart where they are narrow, as predicted contours have gaps; false for masks whose contours are closed.</summary>
    [JsonIgnore]
    public bool SplitAtNecks { get; init; } = true;

    /// <summary>Which pixels are neighbours.</summary>
    public PixelConnectivity Connectivity { get; init; } = PixelConnectivity.Eight;

    /// <summary>Regions with fewer pixels (of the inside, where there are contours) are left out; at least 1.</summary>
    public int MinimumArea { get; init; } = 1;

    /// <summary>The label of pixels without a class.</summary>
    public byte IgnoreIndex { get; init; } = SegmentationMask.DefaultIgnoreIndex;

    /// <summary>The column of the mask's rows, an Int32.</summary>
    public string MaskHeightColumnName { get; init; } = ImageDataColumns.MaskHeight;

    /// <summary>The column of the mask's pixels in a row, an Int32.</summary>
    public string MaskWidthColumnName { get; init; } = ImageDataColumns.MaskWidth;

    /// <summary>Output column of how many regions there are, an Int32.</summary>
    public string CountColumnName { get; init; } = ImageDataColumns.RegionCount;

    /// <summary>Output column of the class of each region, a variable-length vector of bytes.</summary>
    public string LabelsColumnName { get; init; } = ImageDataColumns.RegionLabels;

    /// <summary>Output column of the pixels of each region, a variable-length vector of Int32.</summary>
    public string AreasColumnName { get; init; } = ImageDataColumns.RegionAreas;

    /// <summary>Output column of boxes, a variable-length vector of Int32, four a region: left, top, width, height.</summary>
    public string BoxesColumnName { get; init; } = ImageDataColumns.RegionBoxes;

    /// <summary>Output column of the mean column and row of each region's pixels, a variable-length vector of single, two a region: x, y.</summary>
    public string CentroidsColumnName { get; init; } = ImageDataColumns.RegionCentroids;

    /// <summary>
    /// Output column of the number of each pixel's region (1 for the first one of the other columns; 0 for none), a variable-length vector of Int32, row-major;
    /// null, the default, makes no such column.
    /// </summary>
    public string? IdsColumnName { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MinimumArea, 1);
        if (Labels is { Count: 0 })
        {
            throw new ArgumentException($"{nameof(Labels)} is empty: name at least one class, or null for all.");
        }

        if (ContourLabel is not null && (Labels is not [var inside] || inside == ContourLabel))
        {
            throw new ArgumentException($"{nameof(ContourLabel)} is the contour around one class: give that one, and no other, as {nameof(Labels)}.");
        }
    }
}
