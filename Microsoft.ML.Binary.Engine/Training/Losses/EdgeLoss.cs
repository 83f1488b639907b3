namespace Microsoft.ML.Binary.Training.Losses;

/// <summary>
/// Balanced cross-entropy of edges (Xie and Tu, Holistically-nested edge detection, ICCV 2015, eq. 2): the mean over pixels of
/// -w y log p - (1 - w)(1 - y) log(1 - p) with p = sigmoid(logit), y the mask and w the weight of edges. Ignored pixels take no part.
/// </summary>
internal static class EdgeLoss
{
    /// <summary>The value of an edge in a mask.</summary>
    public const byte Edge = 1;

    /// <summary>The value of a pixel that takes no part.</summary>
    public const byte Ignored = 255;

    /// <summary>The loss of a batch; sets the gradient of the logits.</summary>
    /// <param name="pass">Threads and buffers.</param>
    /// <param name="logits">[image, 1, row, column].</param>
    /// <param name="masks">[image, row, column]: <see cref="Edge"/>, <see cref="Ignored"/>, or anything else where there is no edge.</param>
    /// <param name="edgeWeight">w, 0..1; null for the share of the batch's pixels that are no edges.</param>
    public static double Run(TrainingPass pass, TrainingValue logits, byte[] masks, float? edgeWeight = null)
    {
        pass.BeginGradient(logits);
        long edges = masks.LongCount(m => m == Edge), count = edges + masks.LongCount(m => m is not (Edge or Ignored));
        double weight = edgeWeight ?? (count > 0 ? 1 - ((double)edges / count) : 0), scale = 1.0 / Math.Max(count, 1);
        double[] losses = new double[logits.Images];
        pass.For(logits.Images, image =>
            losses[image] = Image(logits.Plane(image, 0), logits.GradientPlane(image, 0), masks.AsSpan(image * logits.Pixels, logits.Pixels), weight, scale));
        return losses.Sum() * scale;
    }

    private static double Image(ReadOnlySpan<float> z, Span<float> gradient, ReadOnlySpan<byte> mask, double weight, double scale)
    {
        double loss = 0;
        for (int i = 0; i < mask.Length; i++)
        {
            if (mask[i] == Ignored)
            {
                gradient[i] = 0;
                continue;
            }

            // log(1 + exp(-|z|)) is what -log p and -log(1 - p) have in common.
            double tail = Math.Exp(-Math.Abs(z[i])), rest = Math.Log(1 + tail);
            double p = z[i] >= 0 ? 1 / (1 + tail) : tail / (1 + tail);
            loss += mask[i] == Edge ? weight * (Math.Max(-z[i], 0) + rest) : (1 - weight) * (Math.Max(z[i], 0) + rest);
            gradient[i] = (float)(scale * (mask[i] == Edge ? weight * (p - 1) : (1 - weight) * p));
        }

        return loss;
    }
}
