namespace Microsoft.ML.Binary;

/// <summary>Saliency as the 0..255 levels of the PNG it would be written to, so that API and files score the same.</summary>
internal static class SaliencyQuantizer
{
    /// <summary>round(255 p) per pixel, halves up, as <see cref="Imaging.SaliencyMask.FromProbabilities"/> does.</summary>
    /// <exception cref="ArgumentException">A value is not finite or not in 0..1; the message names image, pixel and value.</exception>
    public static void Quantize(string imageName, ReadOnlySpan<float> saliency, int width, Span<byte> levels)
    {
        ImageChecks.Probabilities(imageName, saliency, width, "saliency", nameof(saliency));
        for (int i = 0; i < saliency.Length; i++)
        {
            levels[i] = (byte)MathF.Round(255f * saliency[i], MidpointRounding.AwayFromZero);
        }
    }
}
