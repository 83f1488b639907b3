namespace Microsoft.ML.Binary.Graph;

/// <summary>What the logits of a <see cref="DenseNetwork"/> mean.</summary>
public enum DenseTask
{
    /// <summary>One logit a class and pixel; the class of the largest one is predicted.</summary>
    Segmentation,

    /// <summary>One logit a pixel; its sigmoid is the saliency.</summary>
    Saliency,
}
