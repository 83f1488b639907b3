namespace Microsoft.ML.Binary;

/// <summary>
/// Output columns of <see cref="SegmentationCatalog.Regions(MaskRegionOptions)"/> with default names, for <c>PredictionEngine</c> and <c>CreateEnumerable</c>. A class of
/// your own does as well.
/// </summary>
/// <example>
/// <code>
/// IDataView found = ml.Segmentation.Regions(labels: [1]).Fit(scored).Transform(scored);
/// foreach (RegionPrediction row in ml.Data.CreateEnumerable&lt;RegionPrediction&gt;(found, reuseRowObject: false))
///     Console.WriteLine($"{row.RegionCount}, the largest of {row.ToRegions().Max(region => region.Area)} pixels");
/// </code>
/// </example>
public sealed class RegionPrediction
{
    /// <summary>Number of regions.</summary>
    public int RegionCount { get; set; }

    /// <summary>Class of each.</summary>
    public byte[] RegionLabels { get; set; } = [];

    /// <summary>Pixels of each.</summary>
    public int[] RegionAreas { get; set; } = [];

    /// <summary>Left, top, width, height of each.</summary>
    public int[] RegionBoxes { get; set; } = [];

    /// <summary>Mean column and row of the pixels of each.</summary>
    public float[] RegionCentroids { get; set; } = [];

    /// <summary>The same region by region.</summary>
    public IReadOnlyList<MaskRegion> ToRegions() =>
    [
        .. Enumerable.Range(0, RegionCount).Select(i => new MaskRegion(
            i + 1, RegionLabels[i], RegionAreas[i], RegionBoxes[4 * i], RegionBoxes[4 * i + 1], RegionBoxes[4 * i + 2], RegionBoxes[4 * i + 3],
            RegionCentroids[2 * i], RegionCentroids[2 * i + 1])),
    ];
}
