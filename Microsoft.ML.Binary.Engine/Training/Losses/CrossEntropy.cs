using System.Numerics.Tensors;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Training.Losses;

/// <summary>
/// Weighted cross-entropy of per-pixel logits: the sum over pixels of weight[label] * -log softmax(logits)[label], divided by the sum of
/// the weights; pixels with the ignored label take no part. With a teacher, what is learned at a pixel is not its label alone but a mixture
/// of the label and the teacher's probabilities (Hinton et al., arXiv 1503.02531, at temperature 1), weighted as the label.
/// </summary>
internal sealed class CrossEntropy(float[] classWeights, byte ignoreLabel, float distillationWeight = 0)
{
    /// <summary>The loss of a batch; sets the gradient of the logits.</summary>
    /// <param name="pass">Threads and buffers.</param>
    /// <param name="logits">[image, class, row, column].</param>
    /// <param name="labels">[image, row, column].</param>
    /// <param name="teacher">The teacher's probabilities, as the logits; null where there is none.</param>
    public double Run(TrainingPass pass, TrainingValue logits, byte[] labels, float[]? teacher = null)
    {
        pass.BeginGradient(logits);
        float scale = (float)(1 / Math.Max(TotalWeight(labels), 1e-12));
        double[] losses = new double[logits.Images];
        pass.For(logits.Images, image =>
        {
            float[] highest = new float[logits.Width], sum = new float[logits.Width], weight = new float[logits.Width];
            for (int row = 0; row < logits.Height; row++)
            {
                ReadOnlySpan<byte> rowLabels = labels.AsSpan((image * logits.Height + row) * logits.Width, logits.Width);
                losses[image] += Row(logits, image, row, rowLabels, teacher, scale, highest, sum, weight);
            }
        });
        return losses.Sum() * scale;
    }

    private double TotalWeight(byte[] labels)
    {
        long[] counts = SegmentationMask.CountLabels(labels);
        double total = 0;
        for (int c = 0; c < classWeights.Length; c++)
        {
            total += c == ignoreLabel ? 0 : counts[c] * classWeights[c];
        }

        return total;
    }

    private double Row(
        TrainingValue logits, int image, int row, ReadOnlySpan<byte> labels, float[]? teacher, float scale, float[] highest, float[] sum, float[] weight)
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

        // -log softmax(z) = log sum exp(z - highest) + highest - z, and its first two terms do not depend on the class.
        double loss = 0;
        float labelShare = teacher is null ? 1 : 1 - distillationWeight;
        for (int x = 0; x < labels.Length; x++)
        {
            byte label = labels[x];
            if (label == ignoreLabel)
            {
                (sum[x], weight[x]) = (float.PositiveInfinity, 0);
                continue;
            }

            weight[x] = classWeights[label];
            loss += weight[x] * (Math.Log(sum[x]) + highest[x] - labelShare * logits.Plane(image, label)[start + x]);
            sum[x] /= weight[x] * scale;
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
                logits.GradientPlane(image, labels[x])[start + x] -= labelShare * weight[x] * scale;
            }
        }

        return teacher is null ? loss : loss - TakeTeacher(logits, image, start, teacher, scale, weight);
    }

    /// <summary>Subtracts the teacher's part from the gradients; returns its part of the weighted logits.</summary>
    private double TakeTeacher(TrainingValue logits, int image, int start, float[] teacher, float scale, float[] weight)
    {
        TensorPrimitives.Multiply(weight, distillationWeight, weight);
        double learned = 0;
        Span<float> share = new float[weight.Length];
        for (int c = 0; c < logits.Channels; c++)
        {
            TensorPrimitives.Multiply(weight, teacher.AsSpan(logits.PlaneStart(image, c) + start, weight.Length), share);
            learned += TensorPrimitives.Dot(share, logits.Plane(image, c).Slice(start, weight.Length));
            Span<float> gradient = logits.GradientPlane(image, c).Slice(start, weight.Length);
            TensorPrimitives.MultiplyAdd(share, -scale, gradient, gradient);
        }

        return learned;
    }
}
