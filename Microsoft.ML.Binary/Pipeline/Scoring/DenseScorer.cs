using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>
/// The one place where a network turns an image into columns, for transformers and saved models alike, so that both give the same bits.
/// Thread-safe.
/// </summary>
internal sealed class DenseScorer
{
    // Its threads end by themselves when it is not used, so that nobody has to dispose of a transformer.
    private readonly CompiledNetwork _compiled;

    /// <param name="network">Frozen here if it is not.</param>
    /// <param name="views">At which size it looks at images, and how often.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores.</param>
    public DenseScorer(DenseNetwork network, ViewOptions views, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(network);
        (Network, Views) = (network, views);
        _compiled = CompiledNetwork.Compile(network, new InferenceOptions { Threads = threads, Views = views });
    }

    public DenseNetwork Network { get; }

    public ViewOptions Views { get; }

    /// <param name="image">The image, which may have been decoded smaller than its picture is.</param>
    /// <param name="size">The picture's size, which the result gets.</param>
    /// <param name="values">What is asked for of each head, in their order; of those that are not listed, nothing.</param>
    /// <param name="result">Gets it, in one run of the network.</param>
    public void Score(RgbImage image, (int Width, int Height) size, ReadOnlySpan<DenseValues> values, DensePrediction result) =>
        _compiled.PredictTasks(image, result.Outputs(Network.Heads, size, values), size);
}

/// <summary>What a run of a network shall give of a head.</summary>
[Flags]
internal enum DenseValues
{
    None = 0,

    /// <summary>The most probable class of each pixel.</summary>
    Labels = 1,

    /// <summary>The probabilities of all classes.</summary>
    Scores = 2,

    /// <summary>The one probability of each pixel: saliency, or an edge.</summary>
    Map = 4,
}
