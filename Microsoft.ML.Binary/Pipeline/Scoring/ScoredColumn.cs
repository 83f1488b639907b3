using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>What an output column holds.</summary>
internal enum ScoredValue
{
    Labels,
    Scores,
    Saliency,
    Height,
    Width,
}

/// <summary>An output column of a transformer.</summary>
internal sealed record ScoredColumn(string Name, ScoredValue Value, DataViewSchema.Annotations? Annotations = null)
{
    public DataViewType Type => Value switch
    {
        ScoredValue.Labels => new VectorDataViewType(NumberDataViewType.Byte),
        ScoredValue.Scores or ScoredValue.Saliency => new VectorDataViewType(NumberDataViewType.Single),
        _ => NumberDataViewType.Int32,
    };

    /// <summary>What the network has to compute for it; an image's size needs no network.</summary>
    public DenseValues Needs => Value switch
    {
        ScoredValue.Labels => DenseValues.Labels,
        ScoredValue.Scores => DenseValues.Scores,
        ScoredValue.Saliency => DenseValues.Saliency,
        _ => DenseValues.None,
    };
}
