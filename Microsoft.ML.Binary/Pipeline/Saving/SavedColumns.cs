namespace Microsoft.ML.Binary;

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
