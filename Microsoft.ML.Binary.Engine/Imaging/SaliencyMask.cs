using Microsoft.ML.Binary.Notebooks;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// A gray value 0..255 for every pixel: how much it belongs to the salient object. As ground truth, values above
/// <see cref="Threshold"/> are the object, as the usual evaluation tools for salient-object detection read their masks.
/// </summary>
[TypeFormatterSource]
public sealed class SaliencyMask
{
    /// <summary>A pixel is object when its value is greater than this.</summary>
    public const byte Threshold = 128;

    /// <summary>Makes a mask over existing values.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="values">Gray values, row-major, <paramref name="width"/> x <paramref name="height"/>; kept, not copied.</param>
    /// <exception cref="ArgumentException">The size is empty, or the number of values differs from it.</exception>
    public SaliencyMask(int width, int height, byte[] values)
    {
        ImageSize.Check(width, height, 1, values, nameof(values));
        Width = width;
        Height = height;
        Values = values;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Gray values, row-major: pixel (x, y) is at <c>y * Width + x</c>.</summary>
    public byte[] Values { get; }

    /// <summary>The gray value of a pixel.</summary>
    public byte this[int x, int y] => Values[ImageSize.Index(x, y, Width, Height)];

    /// <summary>Quantises predicted probabilities to gray values: <c>round(255 p)</c>, with p clamped to 0..1.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="probabilities">Saliency 0..1, row-major.</param>
    /// <exception cref="ArgumentException">The size is empty, the number of values differs from it, or a value is not a number.</exception>
    public static SaliencyMask FromProbabilities(int width, int height, ReadOnlySpan<float> probabilities)
    {
        ImageSize.CheckLength(width, height, 1, probabilities.Length, nameof(probabilities));
        byte[] values = new byte[probabilities.Length];
        for (int i = 0; i < values.Length; i++)
        {
            float p = probabilities[i];
            if (float.IsNaN(p))
            {
                throw new ArgumentException($"The probability of pixel x={i % width}, y={i / width} is not a number.", nameof(probabilities));
            }

            values[i] = (byte)MathF.Round(255f * Math.Clamp(p, 0f, 1f), MidpointRounding.AwayFromZero);
        }

        return new SaliencyMask(width, height, values);
    }

    /// <summary>The mask as two classes: 1 where the value is above <see cref="Threshold"/>, else 0.</summary>
    public SegmentationMask ToObjectMask()
    {
        byte[] labels = new byte[Values.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = Values[i] > Threshold ? (byte)1 : (byte)0;
        }

        return new SegmentationMask(Width, Height, labels);
    }
}
