using System.Numerics.Tensors;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Training.Losses;

/// <summary>
/// Binary cross-entropy and absolute error, both the mean over pixels, plus 1 - O for each image; all averaged over images. With p = sigmoid(logit) and
/// g the mask, O = (sum p g + 1) / (sum (p g + w p (1 - g) + m (1 - p) g) + 1) is the Tversky index (Salehi et al., 2017): soft IoU at w = m = 1, the soft
/// F-measure at w = 1 / (1 + beta^2), m = beta^2 / (1 + beta^2) (Zhao et al., ICCV 2019). Cross-entropy with soft IoU is the loss of BASNet (Qin et al.,
/// CVPR 2019) without its structural term; the absolute error is what maps are measured by, and asks for a decision where cross-entropy is content
/// with a doubt. With a teacher, the cross-entropy is to a mixture of the mask and the teacher's probabilities, the rest to the mask alone.
/// </summary>
internal static class SaliencyLoss
{
    private const double Smoothing = 1;

    /// <summary>The loss of a batch; sets the gradient of the logits. The mask is 1 where its gray value is above 128.</summary>
    /// <param name="pass">Threads and buffers.</param>
    /// <param name="logits">[image, 1, row, column].</param>
    /// <param name="masks">[image, row, column].</param>
    /// <param name="betaSquared">That of the soft F-measure, above 0; null takes soft IoU.</param>
    /// <param name="teacher">The teacher's probabilities, as the masks; null where there is none.</param>
    /// <param name="distillationWeight">Its share of the mixture, 0..1.</param>
    public static double Run(
        TrainingPass pass, TrainingValue logits, byte[] masks, float? betaSquared = null, float[]? teacher = null, float distillationWeight = 0)
    {
        double wrong = 1 / (1 + (double?)betaSquared) ?? 1, missed = betaSquared * wrong ?? 1;
        pass.BeginGradient(logits);
        double[] losses = new double[logits.Images];
        pass.For(logits.Images, image => losses[image] = Image(
            logits, image, masks.AsSpan(image * logits.Pixels, logits.Pixels), wrong, missed,
            teacher is null ? [] : teacher.AsSpan(image * logits.Pixels, logits.Pixels), distillationWeight));
        return losses.Sum() / logits.Images;
    }

    private static double Image(
        TrainingValue logits, int image, ReadOnlySpan<byte> mask, double wrong, double missed, ReadOnlySpan<float> teacher, float distillationWeight)
    {
        ReadOnlySpan<float> z = logits.Plane(image, 0);
        Span<float> p = logits.GradientPlane(image, 0);
        TensorPrimitives.Sigmoid(z, p);

        double entropy = 0, error = 0, found = Smoothing, all = Smoothing;
        for (int i = 0; i < mask.Length; i++)
        {
            bool isObject = mask[i] > SaliencyMask.Threshold;
            entropy += Math.Max(z[i], 0) - Target(mask, teacher, distillationWeight, i) * z[i] + Math.Log(1 + Math.Exp(-Math.Abs(z[i])));
            error += isObject ? 1 - p[i] : p[i];
            found += isObject ? p[i] : 0;
            all += isObject ? p[i] + missed * (1 - p[i]) : wrong * p[i];
        }

        double count = mask.Length, onObject = (found * (1 - missed) - all) / (all * all), elsewhere = wrong * found / (all * all);
        for (int i = 0; i < mask.Length; i++)
        {
            bool isObject = mask[i] > SaliencyMask.Threshold;
            double dEntropy = (p[i] - Target(mask, teacher, distillationWeight, i)) / count;
            double dOverlap = isObject ? onObject : elsewhere, dError = (isObject ? -1 : 1) / count;
            p[i] = (float)((dEntropy + (dOverlap + dError) * p[i] * (1 - p[i])) / logits.Images);
        }

        return (entropy + error) / count + 1 - found / all;
    }

    private static float Target(ReadOnlySpan<byte> mask, ReadOnlySpan<float> teacher, float distillationWeight, int pixel)
    {
        float target = mask[pixel] > SaliencyMask.Threshold ? 1 : 0;
        return teacher.IsEmpty ? target : target + distillationWeight * (teacher[pixel] - target);
    }
}
