using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Pipeline;

/// <summary>
/// The one place where a network turns an image into labels, scores or saliency, for transformers, saved models and predictors alike, so
/// that all give the same bits. Thread-safe.
/// </summary>
internal sealed class DenseScorer
{
    private readonly DenseGraph _graph;

    /// <param name="network">Frozen here if it is not.</param>
    /// <param name="threads">Threads for one image; 0 takes all cores.</param>
    public DenseScorer(DenseNetwork network, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        Network = network;
        Threads = threads;
        _graph = network.Freeze().Graph;
    }

    public DenseNetwork Network { get; }

    public int Threads { get; }

    public void Score(RgbImage image, DenseValues values, DensePrediction result)
    {
        (int height, int width) = _graph.PaddedSize(image.Height, image.Width);
        FeatureMap logits = ReferenceInterpreter.Run(_graph, Pad(image, height, width))[_graph.Logits];
        result.Resize(image.Height, image.Width, logits.Channels, values);
        float[] pixel = new float[logits.Channels];
        for (int i = 0; i < image.Height * image.Width; i++)
        {
            for (int c = 0; c < pixel.Length; c++)
            {
                pixel[c] = logits[c, i / image.Width, i % image.Width];
            }

            if (values.HasFlag(DenseValues.Labels))
            {
                result.Labels[i] = (byte)pixel.AsSpan().IndexOf(pixel.Max());
            }

            if (values.HasFlag(DenseValues.Saliency))
            {
                result.Saliency[i] = Exponential.Sigmoid(pixel[0]);
            }

            if (values.HasFlag(DenseValues.Scores))
            {
                Softmax(pixel, result.Scores.Slice(i * pixel.Length, pixel.Length));
            }
        }
    }

    private static void Softmax(ReadOnlySpan<float> logits, Span<float> probabilities)
    {
        float highest = logits[0];
        foreach (float logit in logits)
        {
            highest = Math.Max(highest, logit);
        }

        float sum = 0;
        for (int c = 0; c < logits.Length; c++)
        {
            probabilities[c] = Exponential.Exp(logits[c] - highest);
            sum += probabilities[c];
        }

        for (int c = 0; c < logits.Length; c++)
        {
            probabilities[c] /= sum;
        }
    }

    // Edges are replicated: a black border would be an object.
    private static FeatureMap Pad(RgbImage image, int height, int width)
    {
        FeatureMap map = new(3, height, width);
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                int from = 3 * (Math.Min(row, image.Height - 1) * image.Width + Math.Min(column, image.Width - 1));
                for (int c = 0; c < 3; c++)
                {
                    map[c, row, column] = image.Pixels[from + c];
                }
            }
        }

        return map;
    }
}
