using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Binary.Pipeline;

/// <summary>
/// Column names inside a saved model. They, the members of the classes below and the contract names are part of the format of saved
/// models: never change them, add new ones.
/// </summary>
internal static class SavedColumns
{
    public const string Key = "MlBinary.Key";
    public const string Payload = "MlBinary.Network";
    public const string Image = "MlBinary.Image";
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

/// <summary>No column: the input of a mapping that makes a constant.</summary>
internal sealed class SavedNothing
{
}

/// <summary>A key into the saved table.</summary>
internal sealed class SavedKey
{
    /// <summary>The row of the table with the network file.</summary>
    public const int Network = 0;

    /// <summary>The row of the table with the column names, in JSON.</summary>
    public const int ColumnNames = 1;

    [ColumnName(SavedColumns.Key)]
    public int Key { get; set; }
}

/// <summary>A row of the saved table.</summary>
internal sealed class SavedEntry
{
    public int Key { get; set; }

    public byte[] Value { get; set; } = [];
}

internal sealed class SavedInput
{
    [ColumnName(SavedColumns.Payload)]
    public VBuffer<byte> Payload { get; set; }

    [ColumnName(SavedColumns.Image)]
    public MLImage? Image { get; set; }

    /// <summary>Buffers of the row or cursor that owns this object; no column, as it is not public.</summary>
    internal SavedScoringBuffers Buffers { get; } = new();
}

internal class SavedSegmentation
{
    [ColumnName(SavedColumns.Labels)]
    public VBuffer<byte> Labels { get; set; }

    [ColumnName(SavedColumns.Height)]
    public int Height { get; set; }

    [ColumnName(SavedColumns.Width)]
    public int Width { get; set; }
}

internal sealed class SavedSegmentationWithScores : SavedSegmentation
{
    [ColumnName(SavedColumns.Scores)]
    public VBuffer<float> Scores { get; set; }
}

internal sealed class SavedSaliency
{
    [ColumnName(SavedColumns.Saliency)]
    public VBuffer<float> Saliency { get; set; }

    [ColumnName(SavedColumns.Height)]
    public int Height { get; set; }

    [ColumnName(SavedColumns.Width)]
    public int Width { get; set; }
}

[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedKeyFactory : CustomMappingFactory<SavedNothing, SavedKey>
{
    public const string Contract = "Microsoft.ML.Binary.Key.1";

    // ML.NET makes the factories of a model before it looks at the columns of the mappings, one of which is an image.
    public SavedKeyFactory() => ImageColumn.EnsureRegistered();

    public override Action<SavedNothing, SavedKey> GetMapping() => (_, key) => key.Key = SavedKey.Network;
}

[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedSegmentationFactory : CustomMappingFactory<SavedInput, SavedSegmentation>
{
    public const string Contract = "Microsoft.ML.Binary.Segmentation.1";

    public SavedSegmentationFactory() => ImageColumn.EnsureRegistered();

    public override Action<SavedInput, SavedSegmentation> GetMapping() => new SavedScoring().Segment;
}

[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedSegmentationWithScoresFactory : CustomMappingFactory<SavedInput, SavedSegmentationWithScores>
{
    public const string Contract = "Microsoft.ML.Binary.SegmentationWithScores.1";

    public SavedSegmentationWithScoresFactory() => ImageColumn.EnsureRegistered();

    public override Action<SavedInput, SavedSegmentationWithScores> GetMapping() => new SavedScoring().SegmentWithScores;
}

[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedSaliencyFactory : CustomMappingFactory<SavedInput, SavedSaliency>
{
    public const string Contract = "Microsoft.ML.Binary.Saliency.1";

    public SavedSaliencyFactory() => ImageColumn.EnsureRegistered();

    public override Action<SavedInput, SavedSaliency> GetMapping() => new SavedScoring().FindSalient;
}
