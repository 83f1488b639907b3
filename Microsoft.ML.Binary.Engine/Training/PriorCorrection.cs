using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// Takes class weights back out of a trained segmentation network. Weighted cross-entropy learns how probable each class would be if
/// classes were as much more frequent as their weights say; subtracting log(weight) from a class's logit gives the probabilities of the world
/// that the images come from (Menon et al., Long-tail learning via logit adjustment, arXiv 2007.07314; for networks of any kind Saerens et al.,
/// Neural Computation 2002). Training has had the weights' help in finding rare classes by then, and their bias towards them goes.
/// </summary>
internal static class PriorCorrection
{
    /// <summary>Subtracts a share, 0..1, of log(weight) from the bias of each class; a class of weight 0 stays as it is.</summary>
    public static void Apply(Parameter bias, ReadOnlySpan<float> classWeights, float share)
    {
        for (int c = 0; c < classWeights.Length; c++)
        {
            bias.Values[c] -= classWeights[c] > 0 ? (float)(share * Math.Log(classWeights[c])) : 0;
        }
    }
}
