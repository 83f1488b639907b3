using System.Numerics.Tensors;

namespace Microsoft.ML.Binary.Training.Losses;

/// <summary>
/// Weighted cross-entropy of per-pixel logits: the sum over pixels of weight[label] * -log softmax(logits)[label], divided by the sum of
/// the weights; pixels with the ignored label take no part.
/// </summary>
internal sealed class CrossEntropy(float[] classWeights, byte ignoreLabel)
{
    /// <summary>The loss of a batch; sets the gradient of the logits.</summary>
    /// <param name="pass">Threads and buffers.</param>
    /// <param name="logits">[image, class, row, column].</param>
    /// <param name="labels">[image, row, column].</param>
    public double Run(TrainingPass pass, TrainingValue logits, byte[] labels)
    {
        pass.BeginGradient(logits);
        float scale = (float)(1 / Math.Max(TotalWeight(labels), 1e-12));
        double[] losses = new double[logits.Images];
        pass.For(logits.Images, image =>
        {
            float[] highest = new float[logits.Width], sum = new float[logits.Width];
            for (int row = 0; row < logits.Height; row++)
            {
                ReadOnlySpan<byte> rowLabels = labels.AsSpan((image * logits.Height + row) * logits.Width, logits.Width);
                losses[image] += Row(logits, image, row, rowLabels, scale, highest, sum);
            }
        });
        return losses.Sum() * scale;
    }

    private double TotalWeight(byte[] labels)
    {
        long[] counts = new long[256];
        foreach (byte label in labels)
        {
            counts[label]++;
        }

        double total = 0;
        for (int c = 0; c < classWeights.Length; c++)
        {
            total += c == ignoreLabel ? 0 : counts[c] * classWeights[c];
        }

        return total;
    }

    private double Row(TrainingValue logits, int image, int row, ReadOnlySpan<byte> labels, float scale, float[] highest, float[] sum)
    {
        int classes = logits.Channels, start = row * logits.Width;
        logits.Plane(image, 0).Slice(start, logits.Width).CopyTo(highest);
        for (int c = 1; c < classes; c++)
        {
            TensorPrimitives.Max(highest, logits.Plane(image, c).Slice(start, logits.Width), highest);
        }

        Array.Clear(sum);
        for (int c = 0; c < classes; c++)
        {
            Span<float> exponential = logits.GradientPlane(image, c).Slice(start, logits.Width);
            TensorPrimitives.Subtract(logits.Plane(image, c).Slice(start, logits.Width), highest, exponential);
            TensorPrimitives.Exp(exponential, exponential);
            TensorPrimitives.Add(sum, exponential, sum);
        }

        double loss = 0;
        for (int x = 0; x < labels.Length; x++)
        {
            byte label = labels[x];
            if (label == ignoreLabel)
            {
                sum[x] = float.PositiveInfinity;
                continue;
            }

            float weight = classWeights[label];
            loss += weight * (Math.Log(sum[x]) - (logits.Plane(image, label)[start + x] - highest[x]));
            sum[x] /= weight * scale;
        }

        for (int c = 0; c < classes; c++)
        {
            Span<float> gradient = logits.GradientPlane(image, c).Slice(start, logits.Width);
            TensorPrimitives.Divide(gradient, sum, gradient);
        }

        for (int x = 0; x < labels.Length; x++)
        {
            if (labels[x] != ignoreLabel)
            {
                logits.GradientPlane(image, labels[x])[start + x] -= classWeights[labels[x]] * scale;
            }
        }

        return loss;
    }
}
