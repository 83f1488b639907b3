using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// The convolutions at the start of a network that are done together, a band of rows at a time: a strided 3x3 one of the image, a strided
/// depthwise 3x3 one, a pointwise one. Each of the first two may be followed by an affine map and RPReLU.
/// </summary>
/// <param name="Normalize">What is done to the image first.</param>
/// <param name="First">The dense convolution.</param>
/// <param name="Depthwise">The depthwise one.</param>
internal sealed record Stem(Affine Normalize, Stem.Stage First, Stem.Stage Depthwise)
{
    /// <summary>A convolution and what follows it.</summary>
    internal sealed record Stage(Convolution Convolution, Affine? Affine, RPReLU? Activation);
}
