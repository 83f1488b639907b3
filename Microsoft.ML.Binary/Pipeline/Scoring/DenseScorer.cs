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

    public void Score(RgbImage image, DenseValues values, DensePrediction result)
    {
        result.Resize(image.Height, image.Width, _compiled.LogitChannels, values);
        if (values.HasFlag(DenseValues.Labels | DenseValues.Scores))
        {
            _compiled.PredictLabelsAndScores(image, result.Labels, result.Scores);
        }
        else if (values.HasFlag(DenseValues.Labels))
        {
            _compiled.PredictLabels(image, result.Labels);
        }
        else if (values.HasFlag(DenseValues.Scores))
        {
            _compiled.PredictScores(image, result.Scores);
        }
        else
        {
            _compiled.PredictSaliency(image, result.Saliency);
        }
    }
}
