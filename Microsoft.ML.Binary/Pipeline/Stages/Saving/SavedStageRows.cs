using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>The key into the saved table of a stage.</summary>
internal sealed class SavedStageKey
{
    [ColumnName(SavedStageColumns.Key)]
    public int Key { get; set; }
}

/// <summary>
/// Column names inside a saved stage, beside those of <see cref="StageValue"/>. They, the members of the classes below and the contract names in
/// <c>SavedStageForms.cs</c> are part of the format of saved models: never change them, add new ones.
/// </summary>
internal static class SavedStageColumns
{
    public const string Key = "MlBinary.StageKey";
    public const string Stage = "MlBinary.Stage";
    public const string Image = "MlBinary.StageImage";
    public const string Pixels = "MlBinary.StagePixels";
    public const string Labels = "MlBinary.StageLabels";
    public const string Saliency = "MlBinary.StageSaliency";
    public const string Height = "MlBinary.StageHeight";
    public const string Width = "MlBinary.StageWidth";
}

/// <summary>What a saved stage reads. One object serves all rows of a cursor, so it also holds what they use again.</summary>
internal abstract class SavedStageInput
{
    [ColumnName(SavedStageColumns.Stage)]
    public VBuffer<byte> Stage { get; set; }

    internal StageInput Values { get; } = new();

    internal StageResult Result { get; } = new();

    internal abstract void Fill(MaskStage stage);
}

internal sealed class SavedLabels : SavedStageInput
{
    [ColumnName(SavedStageColumns.Labels)]
    public VBuffer<byte> Labels { get; set; }

    internal override void Fill(MaskStage stage) => Values.SetLabels(Labels);
}

internal abstract class SavedSized : SavedStageInput
{
    [ColumnName(SavedStageColumns.Height)]
    public int Height { get; set; }

    [ColumnName(SavedStageColumns.Width)]
    public int Width { get; set; }

    internal override void Fill(MaskStage stage) => (Values.Height, Values.Width) = (Height, Width);
}

internal class SavedSizedLabels : SavedSized
{
    [ColumnName(SavedStageColumns.Labels)]
    public VBuffer<byte> Labels { get; set; }

    internal override void Fill(MaskStage stage)
    {
        base.Fill(stage);
        Values.SetLabels(Labels);
    }
}

internal class SavedSizedSaliency : SavedSized
{
    [ColumnName(SavedStageColumns.Saliency)]
    public VBuffer<float> Saliency { get; set; }

    internal override void Fill(MaskStage stage)
    {
        base.Fill(stage);
        Values.SetSaliency(Saliency);
    }
}

internal sealed class SavedLabelsOfImage : SavedSizedLabels
{
    [ColumnName(SavedStageColumns.Image)]
    public MLImage? Image { get; set; }

    internal override void Fill(MaskStage stage)
    {
        base.Fill(stage);
        Values.SetImage(Image, stage.Inputs.Image!);
    }
}

internal sealed class SavedSaliencyOfImage : SavedSizedSaliency
{
    [ColumnName(SavedStageColumns.Image)]
    public MLImage? Image { get; set; }

    internal override void Fill(MaskStage stage)
    {
        base.Fill(stage);
        Values.SetImage(Image, stage.Inputs.Image!);
    }
}

/// <summary>Of an image of known size, which ML.NET binds to no member of a class: see <see cref="SavedPixelInput"/>.</summary>
internal sealed class SavedLabelsOfPixels : SavedSizedLabels
{
    [ColumnName(SavedStageColumns.Pixels)]
    public VBuffer<byte> Pixels { get; set; }

    internal override void Fill(MaskStage stage)
    {
        base.Fill(stage);
        Values.SetPixels(Pixels, stage.ImageSize!);
    }
}

/// <summary>As <see cref="SavedLabelsOfPixels"/>.</summary>
internal sealed class SavedSaliencyOfPixels : SavedSizedSaliency
{
    [ColumnName(SavedStageColumns.Pixels)]
    public VBuffer<byte> Pixels { get; set; }

    internal override void Fill(MaskStage stage)
    {
        base.Fill(stage);
        Values.SetPixels(Pixels, stage.ImageSize!);
    }
}

/// <summary>What a saved stage gives.</summary>
internal interface ISavedStageOutput
{
    void Take(StageResult result);
}

/// <summary>The shares of as many classes as there can be: ML.NET gives a vector from a mapping no size but one that its class has.</summary>
internal sealed class SavedShares : ISavedStageOutput
{
    [ColumnName("MlBinary.ClassShares")]
    [VectorType(ClassSharesStage.MaxClasses)]
    public VBuffer<float> Shares { get; set; }

    public void Take(StageResult result)
    {
        float[] all = new float[ClassSharesStage.MaxClasses];
        result.Shares.CopyTo(all, 0);
        Shares = new(all.Length, all);
    }
}

internal sealed class SavedRegions : ISavedStageOutput
{
    [ColumnName("MlBinary.RegionCount")]
    public int Count { get; set; }

    [ColumnName("MlBinary.RegionLabels")]
    public byte[] Labels { get; set; } = [];

    [ColumnName("MlBinary.RegionAreas")]
    public int[] Areas { get; set; } = [];

    [ColumnName("MlBinary.RegionBoxes")]
    public int[] Boxes { get; set; } = [];

    [ColumnName("MlBinary.RegionCentroids")]
    public float[] Centroids { get; set; } = [];

    [ColumnName("MlBinary.RegionIds")]
    public int[] Ids { get; set; } = [];

    public void Take(StageResult result)
    {
        Count = result.Regions.Length;
        Labels = StageValue.LabelsOf(result);
        Areas = StageValue.AreasOf(result);
        Boxes = StageValue.BoxesOf(result);
        Centroids = StageValue.CentroidsOf(result);
        Ids = result.RegionIds;
    }
}

internal sealed class SavedPicture : ISavedStageOutput
{
    [ColumnName("MlBinary.Picture")]
    public MLImage? Picture { get; set; }

    public void Take(StageResult result) => Picture = result.NewPicture();
}

internal sealed class SavedResizedLabels : ISavedStageOutput
{
    [ColumnName("MlBinary.Labels")]
    public byte[] Labels { get; set; } = [];

    [ColumnName("MlBinary.Height")]
    public int Height { get; set; }

    [ColumnName("MlBinary.Width")]
    public int Width { get; set; }

    public void Take(StageResult result) => (Labels, Height, Width) = (result.Labels, result.Height, result.Width);
}

internal sealed class SavedResizedSaliency : ISavedStageOutput
{
    [ColumnName("MlBinary.Saliency")]
    public float[] Saliency { get; set; } = [];

    [ColumnName("MlBinary.Height")]
    public int Height { get; set; }

    [ColumnName("MlBinary.Width")]
    public int Width { get; set; }

    public void Take(StageResult result) => (Saliency, Height, Width) = (result.Saliency, result.Height, result.Width);
}
