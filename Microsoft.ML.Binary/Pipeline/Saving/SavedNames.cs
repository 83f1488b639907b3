using System.Text.Json.Serialization;

namespace Microsoft.ML.Binary;

/// <summary>The user's column names and the like, as they are stored in a saved model.</summary>
/// <param name="Image">Of the input.</param>
/// <param name="Labels">Of the output, as all that follow; null where there is no such column.</param>
/// <param name="Scores">Class probabilities.</param>
/// <param name="Saliency">Saliency.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="ImageSize">The size of all images if the model was fitted to a column of known size.</param>
/// <param name="Tasks">The tasks that columns are named by; null where they have names of their own, those above.</param>
/// <param name="ScoredTasks">The tasks whose probabilities are a column.</param>
internal sealed record SavedNames(
    string Image, string? Labels, string? Scores, string? Saliency, string Height, string Width, KnownSize? ImageSize,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Tasks = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? ScoredTasks = null)
{
    public static SavedNames Of(ScoringMap map)
    {
        SavedNames common = new(map.ImageColumnName, null, null, null, Name(ScoredValue.Height)!, Name(ScoredValue.Width)!, map.ImageSize);
        return map.IsOfTasks
            ? common with
            {
                Tasks = [.. map.Columns.Where(column => column.Value is ScoredValue.Labels or ScoredValue.Map).Select(Task)],
                ScoredTasks = [.. map.Columns.Where(column => column.Value == ScoredValue.Scores).Select(Task)],
            }
            : common with { Labels = Name(ScoredValue.Labels), Scores = Name(ScoredValue.Scores), Saliency = Name(ScoredValue.Map) };

        string? Name(ScoredValue value) => map.Columns.FirstOrDefault(column => column.Value == value)?.Name;

        string Task(ScoredColumn column) => map.Network.Heads[column.Head].Name;
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
    public const string Wanted = "MlBinary.Wanted";
    public const string Packed = "MlBinary.Packed";
    public const string Part = "MlBinary.Part";

    public static string Of(ScoredValue value) => value switch
    {
        ScoredValue.Labels => Labels,
        ScoredValue.Scores => Scores,
        ScoredValue.Map => Saliency,
        ScoredValue.Height => Height,
        _ => Width,
    };
}
