using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// Reads masks from files of formats without loss: PNG, TIFF, BMP and binary PGM. A mask file can be meant in two ways, and nothing in the file says which: its numbers are
/// <em>class indices</em> (<see cref="ReadClassIndices(string, MaskColors, string)"/>), or its pixels are <em>gray values</em>
/// (<see cref="ReadGray(string, string)"/>). A one-bit gray PNG with the stored value 1, for example, is class 1 in the first reading and
/// white, 255, in the second.
/// </summary>
/// <example>
/// <code>
/// SegmentationMask classes = MaskReader.ReadClassIndices("mask.png");     // 0, 1, 2, ... and 255 where it is not known
/// SaliencyMask gray = MaskReader.ReadGray("object.png");
/// </code>
/// </example>
public static class MaskReader
{
    /// <summary>
    /// Reads class indices as stored: gray of 1, 2, 4, 8 or 16 bits unscaled (values of 16 bits must not exceed 255), the indices of a
    /// palette and not its colours, the values of a PGM. RGB is accepted only where red, green and blue agree in every pixel; an alpha
    /// channel is left out.
    /// </summary>
    /// <param name="path">A PNG, TIFF, BMP or binary PGM file.</param>
    /// <param name="colors">What colours mean in masks that are stored as RGB; null refuses colours.</param>
    /// <param name="name">What messages call the file; null takes the path.</param>
    /// <exception cref="InvalidDataException">
    /// The file is damaged or of another format, a value is above 255, or a pixel has a colour that means nothing; the message names file, pixel and value.
    /// </exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static SegmentationMask ReadClassIndices(string path, MaskColors? colors = null, string? name = null) =>
        ToClassIndices(ReadSamples(ImageFile.Open(path, name: name)), colors);

    /// <inheritdoc cref="ReadClassIndices(string, MaskColors, string)" path="/*[not(self::param)]"/>
    /// <param name="stream">A PNG, TIFF, BMP or binary PGM file, read from the stream's position to its end.</param>
    /// <param name="name">What error messages call the stream.</param>
    /// <param name="colors">What colours mean in masks that are stored as RGB; null refuses colours.</param>
    public static SegmentationMask ReadClassIndices(Stream stream, string name, MaskColors? colors = null) =>
        ToClassIndices(ReadSamples(ImageFile.Open(stream, name)), colors);

    /// <summary>
    /// Reads gray values: gray of any depth scaled to 0..255, palettes and colours as their luma (ITU-R BT.601). Alpha is left out.
    /// </summary>
    /// <param name="path">A PNG, TIFF, BMP, binary PGM or binary PPM file.</param>
    /// <param name="name">What messages call the file; null takes the path.</param>
    /// <exception cref="InvalidDataException">The file is damaged or of another format; the message names it.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static SaliencyMask ReadGray(string path, string? name = null) => ToGray(ReadSamples(ImageFile.Open(path, name: name)));

    /// <inheritdoc cref="ReadGray(string, string)" path="/*[not(self::param)]"/>
    /// <param name="stream">A PNG, TIFF, BMP, binary PGM or binary PPM file, read from the stream's position to its end.</param>
    /// <param name="name">What error messages call the stream.</param>
    public static SaliencyMask ReadGray(Stream stream, string name) => ToGray(ReadSamples(ImageFile.Open(stream, name)));

    private static Raster ReadSamples(ImageFile file)
    {
        using (file)
        {
            return file.ReadSamples();
        }
    }

    private static SaliencyMask ToGray(Raster raster) => new(raster.Width, raster.Height, RowColors.ToGray(raster));

    private static SegmentationMask ToClassIndices(Raster raster, MaskColors? colors)
    {
        if (colors?.Labels(raster) is { } meant)
        {
            return new SegmentationMask(raster.Width, raster.Height, meant);
        }

        if (raster.Channels == 1 && raster.BytesPerSample == 1)
        {
            return new SegmentationMask(raster.Width, raster.Height, raster.Samples);
        }

        bool colored = raster.Color is ColorModel.Rgb or ColorModel.Rgba;
        byte[] labels = new byte[raster.PixelCount];
        for (int pixel = 0; pixel < labels.Length; pixel++)
        {
            int value = raster.Sample(pixel, 0);
            if (colored && (raster.Sample(pixel, 1) != value || raster.Sample(pixel, 2) != value))
            {
                throw raster.Error(
                    pixel,
                    $"colour ({value}, {raster.Sample(pixel, 1)}, {raster.Sample(pixel, 2)}). "
                    + (colors is null
                        ? "A mask must hold class indices, not colours: save it as a gray or palette PNG whose values are 0, 1, 2, ..., or say which colour is which class (a class file with colours, each behind its name and a tab, as #RRGGBB; MaskColors)."
                        : $"Colours that stand for classes have values from 0 to 255, and those of this file go to {raster.MaxValue}: save it with 8 bits a channel."));
            }

            labels[pixel] = value <= byte.MaxValue
                ? (byte)value
                : throw raster.Error(pixel, $"value {value}. Class indices go from 0 to 254, and 255 marks pixels to ignore.");
        }

        return new SegmentationMask(raster.Width, raster.Height, labels);
    }
}
