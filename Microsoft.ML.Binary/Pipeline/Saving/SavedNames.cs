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
}

/// <summary>
/// Column names inside a saved model. They, the members of the classes in <c>SavedRows.cs</c> and the contract names in
/// <c>SavedFactories.cs</c> are part of the format of saved models: never change them, add new ones.
/// </summary>
internal static class SavedColumns
{
    public const string Key = "MlBinary.Key";
    public const string Payload = "MlBinary.Network";
    public const string Image = "MlBinary.Image";
    public const string Pixels = "MlBinary.Pixels";
    public const string Size = "MlBinary.Size";
    public const string Labels = "MlBinary.PredictedLabel";
    public const string Scores = "MlBinary.Score";
    public const string Saliency = "MlBinary.Saliency";
    public const string Height = "MlBinary.MaskHeight";
    public const string Width = "MlBinary.MaskWidth";

    public static string Of(ScoredValue value) => value switch
    {
        ScoredValue.Labels => Labels,
        ScoredValue.Scores => Scores,
        ScoredValue.Saliency => Saliency,
        ScoredValue.Height => Height,
        _ => Width,
    };
}
