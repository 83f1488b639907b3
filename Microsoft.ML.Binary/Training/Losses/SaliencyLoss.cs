using System.Numerics.Tensors;

namespace Microsoft.ML.Binary.Training.Losses;

/// <summary>
/// Binary cross-entropy (mean over pixels) plus soft IoU, 1 - (sum p g + 1) / (sum (p + g - p g) + 1) for each image, both averaged over
/// images (as in BASNet, Qin et al., CVPR 2019, without its structural term). p = sigmoid(logit), g the mask.
/// </summary>
internal static class SaliencyLoss
{
    private const double Smoothing = 1;

    /// <summary>The loss of a batch; sets the gradient of the logits. The mask is 1 where its gray value is above 128.</summary>
    public static double Run(TrainingPass pass, TrainingValue logits, byte[] masks)
    {
        pass.BeginGradient(logits);
        double[] losses = new double[logits.Images];
        pass.For(logits.Images, image => losses[image] = Image(logits, image, masks.AsSpan(image * logits.Pixels, logits.Pixels)));
        return losses.Sum() / logits.Images;
    }

    private static double Image(TrainingValue logits, int image, ReadOnlySpan<byte> mask)
    {
        ReadOnlySpan<float> z = logits.Plane(image, 0);
        Span<float> p = logits.GradientPlane(image, 0);
        TensorPrimitives.Sigmoid(z, p);

        double entropy = 0, intersection = Smoothing, union = Smoothing;
        for (int i = 0; i < mask.Length; i++)
        {
            bool isObject = mask[i] > ObjectThreshold;
            entropy += Math.Max(z[i], 0) - (isObject ? z[i] : 0) + Math.Log(1 + Math.Exp(-Math.Abs(z[i])));
            intersection += isObject ? p[i] : 0;
            union += isObject ? 1 : p[i];
        }

        double count = mask.Length;
        for (int i = 0; i < mask.Length; i++)
        {
            bool isObject = mask[i] > ObjectThreshold;
            double dEntropy = (p[i] - (isObject ? 1 : 0)) / count;
            double dOverlap = isObject ? -1 / union : intersection / (union * union);
            p[i] = (float)((dEntropy + dOverlap * p[i] * (1 - p[i])) / logits.Images);
        }

        return entropy / count + 1 - intersection / union;
    }

    private const byte ObjectThreshold = 128;
}
