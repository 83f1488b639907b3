using System.Numerics;
using Microsoft.ML.Binary.Notebooks;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// A gray value 0..255 for every pixel: how much it belongs to the salient object. As ground truth, values above
/// <see cref="Threshold"/> are the object, as the usual evaluation tools for salient-object detection read their masks.
/// </summary>
/// <example>
/// <code>
/// SaliencyMask saliency = MaskReader.ReadGray("object.png");
/// double share = saliency.ToObjectMask().ClassShares(numberOfClasses: 2)[1];               // of the pixels above SaliencyMask.Threshold
/// </code>
/// </example>
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
        return TryQuantize(probabilities, values)
            ? new SaliencyMask(width, height, values)
            : throw new ArgumentException($"The probability of pixel {FirstWithoutNumber(probabilities, width)} is not a number.", nameof(probabilities));
    }

    /// <summary>A part of the values that a network puts out.</summary>
    /// <exception cref="InvalidDataException">A value is not a number.</exception>
    internal static void Quantize(ReadOnlySpan<float> probabilities, Span<byte> values)
    {
        if (!TryQuantize(probabilities, values))
        {
            throw new InvalidDataException("the network's saliency is not a number somewhere.");
        }
    }

    /// <summary>The mask with nothing in between: 255 where the value is above a threshold, else 0.</summary>
    /// <param name="threshold">The highest value that is not object.</param>
    public SaliencyMask Binarize(byte threshold = Threshold) => new(Width, Height, [.. Values.Select(value => value > threshold ? byte.MaxValue : byte.MinValue)]);

    /// <summary>
    /// Some classes of a mask as an object, for <see cref="CutOut"/> and <see cref="Overlay"/>: 255 inside, 0 outside, and with soft edges in between: the share,
    /// round(255 p), of the pixels of the image up to so far away along rows and columns that are of the classes.
    /// </summary>
    /// <param name="mask">Class indices.</param>
    /// <param name="labels">The classes of the object.</param>
    /// <param name="softEdge">How far the edge reaches to either side, in pixels; 0 for a hard one.</param>
    /// <example><code>CutOut.SavePng("car.png", image, SaliencyMask.FromClasses(mask, [8], softEdge: 2));</code></example>
    public static SaliencyMask FromClasses(SegmentationMask mask, IEnumerable<byte> labels, int softEdge = 0)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfNegative(softEdge);
        HashSet<byte> wanted = [.. labels];
        byte[] values = [.. mask.Labels.Select(label => wanted.Contains(label) ? byte.MaxValue : byte.MinValue)];
        return new(mask.Width, mask.Height, softEdge == 0 ? values : SoftEdge.Of(values, mask.Width, mask.Height, softEdge));
    }

    /// <summary>The gray values as a picture.</summary>
    public RgbImage ToImage()
    {
        RgbImage image = new(Width, Height);
        for (int i = 0; i < Values.Length; i++)
        {
            image.Pixels.AsSpan(3 * i, 3).Fill(Values[i]);
        }

        return image;
    }

    /// <summary>The mask as two classes: 1 where the value is above <see cref="Threshold"/>, else 0.</summary>
    public SegmentationMask ToObjectMask() => new(Width, Height, [.. Values.Select(value => value > Threshold ? (byte)1 : (byte)0)]);

    private static bool TryQuantize(ReadOnlySpan<float> probabilities, Span<byte> values)
    {
        int i = 0, lanes = Vector<float>.Count;
        for (; i <= probabilities.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector<float> a = new(probabilities[i..]), b = new(probabilities[(i + lanes)..]);
            Vector<float> c = new(probabilities[(i + 2 * lanes)..]), d = new(probabilities[(i + 3 * lanes)..]);
            if (!Vector.EqualsAll(a, a) || !Vector.EqualsAll(b, b) || !Vector.EqualsAll(c, c) || !Vector.EqualsAll(d, d))
            {
                return false;
            }

            Vector.Narrow(Vector.Narrow(Rounded(a), Rounded(b)), Vector.Narrow(Rounded(c), Rounded(d))).CopyTo(values[i..]);
        }

        for (; i < probabilities.Length; i++)
        {
            if (float.IsNaN(probabilities[i]))
            {
                return false;
            }

            values[i] = (byte)MathF.Round(255f * Math.Clamp(probabilities[i], 0f, 1f), MidpointRounding.AwayFromZero);
        }

        return true;
    }

    // The part after the point is exact below 256, so that halves are told from what lies beside them.
    private static Vector<uint> Rounded(Vector<float> p)
    {
        Vector<float> value = new Vector<float>(255f) * Vector.Min(Vector.Max(p, Vector<float>.Zero), Vector<float>.One);
        Vector<int> whole = Vector.ConvertToInt32(value);
        Vector<int> up = Vector.GreaterThanOrEqual(value - Vector.ConvertToSingle(whole), new Vector<float>(0.5f));
        return (whole - up).As<int, uint>();
    }

    private static string FirstWithoutNumber(ReadOnlySpan<float> probabilities, int width)
    {
        int i = 0;
        while (!float.IsNaN(probabilities[i]))
        {
            i++;
        }

        return $"x={i % width}, y={i / width}";
    }
}
