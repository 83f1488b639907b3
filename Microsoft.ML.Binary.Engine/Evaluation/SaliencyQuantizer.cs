using System.Globalization;

namespace Microsoft.ML.Binary;

/// <summary>Saliency as the 0..255 levels of the PNG it would be written to, so that API and files score the same.</summary>
internal static class SaliencyQuantizer
{
    /// <summary>round(255 p) per pixel, halves up, as <see cref="Imaging.SaliencyMask.FromProbabilities"/> does.</summary>
    /// <exception cref="ArgumentException">A value is not finite or not in 0..1; the message names image, pixel and value.</exception>
    public static void Quantize(string imageName, ReadOnlySpan<float> saliency, int width, Span<byte> levels)
    {
        for (int i = 0; i < saliency.Length; i++)
        {
            float value = saliency[i];
            if (!(value >= 0 && value <= 1))
            {
                throw new ArgumentException(
                    $"Image '{imageName}': the saliency at pixel x={i % width}, y={i / width} is {value.ToString(CultureInfo.InvariantCulture)}; it must be a number from 0 to 1.",
                    nameof(saliency));
            }

            levels[i] = (byte)MathF.Round(255f * value, MidpointRounding.AwayFromZero);
        }
    }
}
