using System.Text.Json.Serialization;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// A stage that makes something of masks: the user's column names and options, and what it does with a row. It has no state, so that a transformer and a
/// saved model, which runs the same stage, give the same. Saved as JSON: the names of its kinds and properties are part of the format of saved models.
/// </summary>
[JsonDerivedType(typeof(ClassSharesStage), "ClassShares")]
[JsonDerivedType(typeof(RegionsStage), "Regions")]
[JsonDerivedType(typeof(OverlayStage), "Overlay")]
[JsonDerivedType(typeof(SaliencyOverlayStage), "SaliencyOverlay")]
[JsonDerivedType(typeof(CutOutStage), "CutOut")]
[JsonDerivedType(typeof(SaliencyCutOutStage), "SaliencyCutOut")]
[JsonDerivedType(typeof(ResizeMaskStage), "ResizeMask")]
internal abstract record MaskStage
{
    /// <summary>The size of the images it was fitted to, where all have the same.</summary>
    public KnownSize? ImageSize { get; init; }

    /// <summary>The columns that it reads.</summary>
    public abstract StageInputs Inputs { get; }

    /// <summary>What messages call it, with the columns that it is about: "The overlay of 'PredictedLabel' on 'Image'".</summary>
    public abstract string Title { get; }

    /// <summary>The form in which it is saved.</summary>
    public abstract SavedStageForm SavedForm { get; }

    /// <summary>The columns that it adds.</summary>
    /// <param name="input">The schema that it stands on; null where only a shape is known.</param>
    public abstract IEnumerable<StageOutput> OutputsOf(DataViewSchema? input);

    /// <summary>The same stage with what it takes from the annotations of its columns.</summary>
    /// <exception cref="ArgumentException">It lacks something that the columns do not say.</exception>
    public virtual MaskStage FittedTo(DataViewSchema input) => this with { ImageSize = Inputs.ImageOf(input) is { } image ? KnownSize.Of(image) : null };

    /// <exception cref="InvalidDataException">The row does not fit; the message says why, and not which row it is.</exception>
    public void Run(StageInput input, StageResult result)
    {
        try
        {
            Make(input, result);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidDataException or OverflowException)
        {
            throw new InvalidDataException($"{Title} cannot be made: {ErrorText.Of(exception)}", exception);
        }
    }

    protected abstract void Make(StageInput input, StageResult result);
}

/// <summary>The columns that a stage reads; null where it needs none.</summary>
internal sealed record StageInputs
{
    public string? Image { get; init; }

    public string? Labels { get; init; }

    public string? Saliency { get; init; }

    public string? Height { get; init; }

    public string? Width { get; init; }

    public DataViewSchema.Column? ImageOf(DataViewSchema schema) => Image is null ? null : DataColumns.Images(schema, Image);

    public DataViewSchema.Column? LabelsOf(DataViewSchema schema) => Labels is null ? null : DataColumns.Bytes(schema, Labels);

    public DataViewSchema.Column? SaliencyOf(DataViewSchema schema) => Saliency is null ? null : DataColumns.Singles(schema, Saliency);

    public DataViewSchema.Column? HeightOf(DataViewSchema schema) => Height is null ? null : DataColumns.Int32(schema, Height);

    public DataViewSchema.Column? WidthOf(DataViewSchema schema) => Width is null ? null : DataColumns.Int32(schema, Width);

    /// <summary>All of them.</summary>
    /// <exception cref="ArgumentException">One is missing or of another type.</exception>
    public IEnumerable<DataViewSchema.Column> Of(DataViewSchema schema) =>
        new[] { ImageOf(schema), LabelsOf(schema), SaliencyOf(schema), HeightOf(schema), WidthOf(schema) }.OfType<DataViewSchema.Column>();

    /// <exception cref="ArgumentException">One is missing or of another type.</exception>
    public void Check(SchemaShape shape)
    {
        Check(Image, ScoringSchema.CheckImage);
        Check(Labels, ScoringSchema.CheckLabel);
        Check(Saliency, ScoringSchema.CheckSingles);
        Check(Height, ScoringSchema.CheckInt32);
        Check(Width, ScoringSchema.CheckInt32);

        void Check(string? name, Action<SchemaShape, string> check)
        {
            if (name is not null)
            {
                check(shape, name);
            }
        }
    }
}

/// <summary>A column that a stage adds.</summary>
/// <param name="Name">The user's name for it.</param>
/// <param name="Value">What is in it.</param>
/// <param name="Type">Its type if it is a narrower one than that of the value.</param>
/// <param name="Annotations">Its annotations.</param>
internal sealed record StageOutput(string Name, StageValue Value, DataViewType? Type = null, DataViewSchema.Annotations? Annotations = null)
{
    public DataViewType ColumnType => Type ?? Value.Type;
}
