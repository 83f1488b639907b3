using System.Numerics.Tensors;

namespace Microsoft.ML.Binary.Training.Losses;

/// <summary>
/// Binary cross-entropy and absolute error, both the mean over pixels, plus soft IoU, 1 - (sum p g + 1) / (sum (p + g - p g) + 1) for each
/// image; all averaged over images. p = sigmoid(logit), g the mask. Cross-entropy with soft IoU is the loss of BASNet (Qin et al., CVPR 2019)
/// without its structural term; the absolute error is what maps are measured by, and asks for a decision where cross-entropy is content
/// with a doubt. With a teacher, the cross-entropy is to a mixture of the mask and the teacher's probabilities, the rest to the mask alone.
/// </summary>
internal static class SaliencyLoss
{
    private const double Smoothing = 1;

    /// <summary>The loss of a batch; sets the gradient of the logits. The mask is 1 where its gray value is above 128.</summary>
    /// <param name="pass">Threads and buffers.</param>
    /// <param name="logits">[image, 1, row, column].</param>
    /// <param name="masks">[image, row, column].</param>
    /// <param name="teacher">The teacher's probabilities, as the masks; null where there is none.</param>
    /// <param name="distillationWeight">Its share of the mixture, 0..1.</param>
    public static double Run(TrainingPass pass, TrainingValue logits, byte[] masks, float[]? teacher = null, float distillationWeight = 0)
    {
        pass.BeginGradient(logits);
        double[] losses = new double[logits.Images];
        pass.For(logits.Images, image => losses[image] = Image(
            logits, image, masks.AsSpan(image * logits.Pixels, logits.Pixels),
            teacher is null ? [] : teacher.AsSpan(image * logits.Pixels, logits.Pixels), distillationWeight));
        return losses.Sum() / logits.Images;
    }

    private static double Image(TrainingValue logits, int image, ReadOnlySpan<byte> mask, ReadOnlySpan<float> teacher, float distillationWeight)
    {
        ReadOnlySpan<float> z = logits.Plane(image, 0);
        Span<float> p = logits.GradientPlane(image, 0);
        TensorPrimitives.Sigmoid(z, p);

        double entropy = 0, error = 0, intersection = Smoothing, union = Smoothing;
        for (int i = 0; i < mask.Length; i++)
        {
            bool isObject = mask[i] > ObjectThreshold;
            entropy += Math.Max(z[i], 0) - Target(mask, teacher, distillationWeight, i) * z[i] + Math.Log(1 + Math.Exp(-Math.Abs(z[i])));
            error += isObject ? 1 - p[i] : p[i];
            intersection += isObject ? p[i] : 0;
            union += isObject ? 1 : p[i];
        }

        double count = mask.Length;
        for (int i = 0; i < mask.Length; i++)
        {
            bool isObject = mask[i] > ObjectThreshold;
            double dEntropy = (p[i] - Target(mask, teacher, distillationWeight, i)) / count;
            double dOverlap = isObject ? -1 / union : intersection / (union * union), dError = (isObject ? -1 : 1) / count;
            p[i] = (float)((dEntropy + (dOverlap + dError) * p[i] * (1 - p[i])) / logits.Images);
        }

        return (entropy + error) / count + 1 - intersection / union;
    }

    private static float Target(ReadOnlySpan<byte> mask, ReadOnlySpan<float> teacher, float distillationWeight, int pixel)
    {
        float target = mask[pixel] > ObjectThreshold ? 1 : 0;
        return teacher.IsEmpty ? target : target + distillationWeight * (teacher[pixel] - target);
    }

    private const byte ObjectThreshold = 128;
}
