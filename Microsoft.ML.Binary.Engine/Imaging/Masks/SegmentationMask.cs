using Microsoft.ML.Binary.Notebooks;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>A class index for every pixel of an image.</summary>
/// <example>
/// <code>
/// SegmentationMask mask = new(width: 3, height: 1, labels: [0, 2, 255]);
/// Console.WriteLine($"{mask[1, 0]}, {mask.ClassShares(numberOfClasses: 3)[2]:P0} of what is known");
/// </code>
/// </example>
[TypeFormatterSource]
public sealed class SegmentationMask
{
    /// <summary>The label that means "no class: leave this pixel out of losses and metrics" unless something else is agreed on.</summary>
    public const byte DefaultIgnoreIndex = 255;

    /// <summary>Makes a mask over existing labels.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="labels">Class indices, row-major, <paramref name="width"/> x <paramref name="height"/>; kept, not copied.</param>
    /// <exception cref="ArgumentException">The size is empty, or the number of labels differs from it.</exception>
    public SegmentationMask(int width, int height, byte[] labels)
    {
        ImageSize.Check(width, height, 1, labels, nameof(labels));
        Width = width;
        Height = height;
        Labels = labels;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Class indices, row-major: pixel (x, y) is at <c>y * Width + x</c>.</summary>
    public byte[] Labels { get; }

    /// <summary>The class index of a pixel.</summary>
    public byte this[int x, int y] => Labels[ImageSize.Index(x, y, Width, Height)];

    /// <summary>How many pixels carry each label: 256 counts, by label.</summary>
    public long[] CountLabels() => CountLabels(Labels);

    internal static long[] CountLabels(ReadOnlySpan<byte> labels)
    {
        long[] counts = new long[256];
        foreach (byte label in labels)
        {
            counts[label]++;
        }

        return counts;
    }

    /// <summary>
    /// The share of each class in the pixels that are not ignored: 0..1, together 1 but for rounding. All are 0 where every pixel is ignored.
    /// </summary>
    /// <param name="numberOfClasses">Number of classes, 1 to 256.</param>
    /// <param name="ignoreIndex">The label of pixels without a class, which count neither here nor there.</param>
    /// <exception cref="InvalidDataException">A label is out of range; the message names the first such pixel and its value.</exception>
    /// <example><code>float road = mask.ClassShares(numberOfClasses: 11)[3];</code></example>
    public float[] ClassShares(int numberOfClasses, byte ignoreIndex = DefaultIgnoreIndex)
    {
        if (numberOfClasses is < 1 or > 256)
        {
            throw new ArgumentOutOfRangeException(nameof(numberOfClasses), numberOfClasses, "The number of classes must be from 1 to 256.");
        }

        long[] counts = CountLabels();
        counts[ignoreIndex] = 0;
        if (counts.AsSpan(numberOfClasses).ContainsAnyExcept(0))
        {
            CheckRange(numberOfClasses, "the mask", ignoreIndex);
        }

        double pixels = Math.Max(1, counts.Sum());
        return [.. counts.Take(numberOfClasses).Select(count => (float)(count / pixels))];
    }

    /// <summary>The mask at another size: each pixel gets the label of the one that its middle lies in (<see cref="NearestResampler"/>).</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <exception cref="ArgumentException">The size is empty, or of more pixels than an array holds.</exception>
    public SegmentationMask Resize(int width, int height) => new(width, height, NearestResampler.Resize<byte>(Labels, Width, Height, width, height));

    /// <summary>The mask as a picture: each pixel has the colour of its class.</summary>
    /// <param name="palette">The colours; null for the built-in ones.</param>
    /// <exception cref="ArgumentOutOfRangeException">The palette has no colour for a label.</exception>
    /// <example><code>mask.ToImage(Palette.Of(network.Palette)).SavePng("classes.png");</code></example>
    public RgbImage ToImage(Palette? palette = null)
    {
        palette ??= Palette.Default;
        RgbImage image = new(Width, Height);
        for (int i = 0; i < Labels.Length; i++)
        {
            image[i % Width, i / Width] = palette.ColorOf(Labels[i]);
        }

        return image;
    }

    /// <summary>Checks that every label is below <paramref name="numberOfClasses"/> or is the ignore index.</summary>
    /// <param name="numberOfClasses">Number of classes, 1 to 256.</param>
    /// <param name="name">What the message calls the mask: its file, say.</param>
    /// <param name="ignoreIndex">The label of pixels without a class.</param>
    /// <exception cref="InvalidDataException">A label is out of range; the message names the first such pixel and its value.</exception>
    public void CheckRange(int numberOfClasses, string name, byte ignoreIndex = DefaultIgnoreIndex)
    {
        for (int i = 0; i < Labels.Length; i++)
        {
            if (Labels[i] >= numberOfClasses && Labels[i] != ignoreIndex)
            {
                throw new InvalidDataException(
                    $"{name}: pixel x={i % Width}, y={i / Width}: class index {Labels[i]}, but there are {numberOfClasses} classes: "
                    + $"0 to {numberOfClasses - 1}, or {ignoreIndex} to ignore the pixel.");
            }
        }
    }
}
