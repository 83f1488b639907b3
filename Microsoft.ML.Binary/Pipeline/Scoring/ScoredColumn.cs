using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>What an output column holds.</summary>
internal enum ScoredValue
{
    Labels,
    Scores,
    Map,
    Height,
    Width,
}

/// <summary>An output column of a transformer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What it holds.</param>
/// <param name="Annotations">What is said of it.</param>
/// <param name="Head">The index of the head that it comes from.</param>
internal sealed record ScoredColumn(string Name, ScoredValue Value, DataViewSchema.Annotations? Annotations = null, int Head = 0)
{
    public DataViewType Type => Value switch
    {
        ScoredValue.Labels => new VectorDataViewType(NumberDataViewType.Byte),
        ScoredValue.Scores or ScoredValue.Map => new VectorDataViewType(NumberDataViewType.Single),
        _ => NumberDataViewType.Int32,
    };

    /// <summary>What the network has to compute for it; an image's size needs no network.</summary>
    public DenseValues Needs => Value switch
    {
        ScoredValue.Labels => DenseValues.Labels,
        ScoredValue.Scores => DenseValues.Scores,
        ScoredValue.Map => DenseValues.Map,
        _ => DenseValues.None,
    };

    /// <summary>A column of predicted classes, annotated with their names and colours.</summary>
    public static ScoredColumn OfLabels(string name, TaskHead? head, int index = 0) => new(name, ScoredValue.Labels, head is null ? null : Annotate(head), index);

    private static DataViewSchema.Annotations Annotate(TaskHead head)
    {
        DataViewSchema.Annotations.Builder annotations = new();
        annotations.AddTexts(SegmentationTransformer.ClassNamesAnnotation, head.ClassNames);
        if (!head.Palette.IsEmpty)
        {
            annotations.AddTexts(SegmentationTransformer.PaletteAnnotation, head.Palette);
        }

        return annotations.ToAnnotations();
    }
}
