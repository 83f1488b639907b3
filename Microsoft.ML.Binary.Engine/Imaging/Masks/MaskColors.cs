using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>What each colour means in masks that store colours (RGB) instead of class indices, 8 bits a channel. Colours must match exactly.</summary>
/// <remarks>
/// Palette and gray masks keep their stored numbers. So does an RGB mask in which every pixel is gray and none has one of the colours, since
/// that is how some tools store class indices.
/// </remarks>
/// <example>
/// <code>
/// MaskColors colors = new([RgbColor.Parse("#808080"), RgbColor.Parse("#804080")], ignored: [RgbColor.Parse("#000000")]);
/// SegmentationMask mask = MaskReader.ReadClassIndices("mask.png", colors);
/// </code>
/// </example>
public sealed class MaskColors
{
    private readonly Dictionary<RgbColor, byte> _labels = [];

    /// <summary>Says which colours are which classes.</summary>
    /// <param name="classes">The colour of class 0, class 1, ...; 1 to 255, all different. Null for a class that no colour stands for.</param>
    /// <param name="ignored">Colours of pixels to ignore, which get the label <see cref="SegmentationMask.DefaultIgnoreIndex"/>.</param>
    /// <exception cref="ArgumentException">There are none or too many, or two of them are equal.</exception>
    public MaskColors(IEnumerable<RgbColor?> classes, IEnumerable<RgbColor>? ignored = null)
    {
        ArgumentNullException.ThrowIfNull(classes);
        int label = 0;
        foreach (RgbColor? color in classes)
        {
            if (label == SegmentationMask.DefaultIgnoreIndex)
            {
                throw new ArgumentException($"There are more than {SegmentationMask.DefaultIgnoreIndex} colours of classes.", nameof(classes));
            }

            Add(color, (byte)label++);
        }

        foreach (RgbColor color in ignored ?? [])
        {
            Add(color, SegmentationMask.DefaultIgnoreIndex);
        }

        if (_labels.Count == 0)
        {
            throw new ArgumentException("There are no colours.", nameof(classes));
        }
    }

    /// <summary>The labels of an RGB raster of 8 bits a channel; null if it stores numbers, or has another depth.</summary>
    /// <exception cref="InvalidDataException">A pixel has none of the colours; the message names it.</exception>
    internal byte[]? Labels(Raster raster)
    {
        if (raster.Color is not (ColorModel.Rgb or ColorModel.Rgba) || raster.MaxValue != byte.MaxValue)
        {
            return null;
        }

        byte[] labels = new byte[raster.PixelCount];
        int unknown = -1;
        bool isGray = true, isKnown = false;
        for (int pixel = 0; pixel < labels.Length; pixel++)
        {
            RgbColor color = ColorOf(raster, pixel);
            isGray &= color.R == color.G && color.G == color.B;
            if (_labels.TryGetValue(color, out labels[pixel]))
            {
                isKnown = true;
            }
            else if (unknown < 0)
            {
                unknown = pixel;
            }
        }

        return unknown < 0 ? labels
            : isGray && !isKnown ? null
            : throw raster.Error(unknown, $"the colour {ColorOf(raster, unknown)} is none of the {_labels.Count} that stand for classes: {Few()}. Colours must match exactly. (A line 255 with a colour in the file of --classes, or ignored colours of MaskColors, say which pixels to ignore.)");
    }

    private static RgbColor ColorOf(Raster raster, int pixel) =>
        new((byte)raster.Sample(pixel, 0), (byte)raster.Sample(pixel, 1), (byte)raster.Sample(pixel, 2));

    private string Few() => FolderListing.Few([.. _labels.OrderBy(entry => entry.Value).Select(entry => entry.Key.ToString())]);

    private void Add(RgbColor? color, byte label)
    {
        if (color is { } known && !_labels.TryAdd(known, label))
        {
            throw new ArgumentException($"The colour {known} stands for {Meaning(_labels[known])} and for {Meaning(label)}; colours must differ.");
        }

        static string Meaning(byte label) => label == SegmentationMask.DefaultIgnoreIndex ? "pixels to ignore" : $"class {label}";
    }
}
