using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>The user's column names and the like, as they are stored in a saved model.</summary>
/// <param name="Image">Of the input.</param>
/// <param name="Labels">Of the output, as all that follow; null where there is no such column.</param>
/// <param name="Scores">Class probabilities.</param>
/// <param name="Saliency">Saliency.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="ImageSize">The size of all images if the model was fitted to a column of known size.</param>
internal sealed record SavedNames(
    string Image, string? Labels, string? Scores, string? Saliency, string Height, string Width, KnownSize? ImageSize)
{
    public static SavedNames Of(ScoringMap map)
    {
        return new SavedNames(
            map.ImageColumnName, Name(ScoredValue.Labels), Name(ScoredValue.Scores), Name(ScoredValue.Saliency),
            Name(ScoredValue.Height)!, Name(ScoredValue.Width)!, map.ImageSize);

        string? Name(ScoredValue value) => map.Columns.FirstOrDefault(column => column.Value == value)?.Name;
    }

    public SegmentationTransformerOptions ToSegmentationTransformerOptions(ViewOptions views) => new()
    {
        Views = views,
        ImageColumnName = Image,
        PredictedLabelColumnName = Labels!,
        ScoreColumnName = Scores,
        MaskHeightColumnName = Height,
        MaskWidthColumnName = Width,
    };

    public SaliencyTransformerOptions ToSaliencyTransformerOptions(ViewOptions views) => new()
    {
        Views = views,
        ImageColumnName = Image,
        SaliencyColumnName = Saliency!,
        MaskHeightColumnName = Height,
        MaskWidthColumnName = Width,
    };
}
