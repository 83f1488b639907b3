namespace Microsoft.ML.Binary.Pipeline;

/// <summary>The user's column names, as they are stored in a saved model.</summary>
internal sealed record SavedNames(string Image, string? Labels, string? Scores, string? Saliency, string Height, string Width)
{
    public static SavedNames Of(ScoringMap map)
    {
        return new SavedNames(
            map.ImageColumnName, Name(ScoredValue.Labels), Name(ScoredValue.Scores), Name(ScoredValue.Saliency),
            Name(ScoredValue.Height)!, Name(ScoredValue.Width)!);

        string? Name(ScoredValue value) => map.Columns.FirstOrDefault(column => column.Value == value)?.Name;
    }

    public SegmentationOptions ToSegmentationOptions() => new()
    {
        ImageColumnName = Image,
        PredictedLabelColumnName = Labels!,
        ScoreColumnName = Scores,
        MaskHeightColumnName = Height,
        MaskWidthColumnName = Width,
    };

    public SaliencyOptions ToSaliencyOptions() => new()
    {
        ImageColumnName = Image,
        SaliencyColumnName = Saliency!,
        MaskHeightColumnName = Height,
        MaskWidthColumnName = Width,
    };
}
