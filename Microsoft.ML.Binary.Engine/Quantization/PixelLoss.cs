using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Quantization;

/// <summary>
/// The loss of logits against a mask, mean over pixels: -log of the true class's probability, without class weights, where the label is not
/// ignored; for saliency the cross-entropy of the probability and the mask's gray value.
/// </summary>
internal static class PixelLoss
{
    /// <summary>The sum over the pixels of an image, and how many there are.</summary>
    public static (double Sum, long Pixels) Of(QuantizedRun run, DenseTask task, byte[] mask, int width, int height, int classes)
    {
        double sum = 0;
        long pixels = 0;
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> labels = mask.AsSpan(y * width, width);
            for (int x = 0; x < width; x++)
            {
                if (!task.HasClasses)
                {
                    // -t log s(z) - (1 - t) log(1 - s(z)), in a form that does not overflow.
                    double z = run.Logits(0, y)[x], t = labels[x] / 255.0;
                    sum += Math.Max(z, 0) - z * t + Math.Log(1 + Math.Exp(-Math.Abs(z)));
                    pixels++;
                }
                else if (labels[x] != SegmentationMask.DefaultIgnoreIndex)
                {
                    double highest = double.NegativeInfinity, exponentials = 0;
                    for (int c = 0; c < classes; c++)
                    {
                        highest = Math.Max(highest, run.Logits(c, y)[x]);
                    }

                    for (int c = 0; c < classes; c++)
                    {
                        exponentials += Math.Exp(run.Logits(c, y)[x] - highest);
                    }

                    sum += Math.Log(exponentials) + highest - run.Logits(labels[x], y)[x];
                    pixels++;
                }
            }
        }

        return (sum, pixels);
    }
}
