using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <param name="Options">What counts as a region, and the columns.</param>
internal sealed record RegionsStage(MaskRegionOptions Options) : MaskStage
{
    /// <summary><see cref="MaskRegionOptions.SplitAtNecks"/>. Here, so that stages which were saved before there was this keep finding what they found.</summary>
    public bool SplitAtNecks { get; init; }

    public override StageInputs Inputs => new() { Labels = Options.InputColumnName, Height = Options.MaskHeightColumnName, Width = Options.MaskWidthColumnName };

    public override string Title => $"The regions of '{Options.InputColumnName}'";

    public override SavedStageForm SavedForm => SavedStageForm.Regions;

    public override IEnumerable<StageOutput> OutputsOf(DataViewSchema? input)
    {
        yield return new(Options.CountColumnName, StageValue.RegionCount);
        yield return new(Options.LabelsColumnName, StageValue.RegionLabels);
        yield return new(Options.AreasColumnName, StageValue.RegionAreas);
        yield return new(Options.BoxesColumnName, StageValue.RegionBoxes);
        yield return new(Options.CentroidsColumnName, StageValue.RegionCentroids);
        if (Options.IdsColumnName is not null)
        {
            yield return new(Options.IdsColumnName, StageValue.RegionIds);
        }
    }

    protected override void Make(StageInput input, StageResult result)
    {
        SegmentationMask mask = input.Mask();
        MaskRegions found = Options.ContourLabel is { } contour
            ? MaskRegions.Find(mask, Options.Labels![0], contour, Options.Connectivity, Options.MinimumArea, SplitAtNecks)
            : MaskRegions.Find(mask, Options.Labels ?? AllBut(Options.IgnoreIndex), Options.Connectivity, Options.MinimumArea);
        result.Regions = found.Regions;
        if (Options.IdsColumnName is not null)
        {
            result.RegionIds = found.Ids.ToArray();
        }
    }

    private static IEnumerable<byte> AllBut(byte ignored) => Enumerable.Range(0, 256).Select(label => (byte)label).Where(label => label != ignored);
}
