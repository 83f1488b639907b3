using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>Writes masks as PNG files that <see cref="MaskReader"/> reads back unchanged. A file appears whole or not at all.</summary>
/// <example>
/// <code>
/// MaskWriter.Save("mask.png", mask, Palette.Default);                     // class indices, which viewers show in the palette's colours
/// </code>
/// </example>
public static class MaskWriter
{
    /// <summary>Writes class indices as an 8-bit gray PNG, or, with a palette, as a PNG whose palette indices are the classes.</summary>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <param name="mask">The class indices.</param>
    /// <param name="palette">Colours that viewers show for the classes; the indices stay what is stored.</param>
    /// <param name="ignoreIndex">The label that gets the palette's ignore colour.</param>
    /// <exception cref="ArgumentOutOfRangeException">The mask has a label for which the palette has no colour.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(
        string path, SegmentationMask mask, Palette? palette = null, byte ignoreIndex = SegmentationMask.DefaultIgnoreIndex)
        => AtomicFile.Write(path, stream => Save(stream, mask, palette, ignoreIndex));

    /// <summary>Writes class indices to a stream, in the same form.</summary>
    /// <param name="stream">Gets the PNG file.</param>
    /// <param name="mask">The class indices.</param>
    /// <param name="palette">Colours that viewers show for the classes; the indices stay what is stored.</param>
    /// <param name="ignoreIndex">The label that gets the palette's ignore colour.</param>
    /// <param name="cancellationToken">Ends it between two rows; what is in the stream then is no image.</param>
    /// <exception cref="ArgumentOutOfRangeException">The mask has a label for which the palette has no colour.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Save(
        Stream stream, SegmentationMask mask, Palette? palette = null, byte ignoreIndex = SegmentationMask.DefaultIgnoreIndex, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(mask);
        PngWriter.Write(
            stream, mask.Width, mask.Height, palette is null ? ColorModel.Gray : ColorModel.Palette, mask.Labels, indices: true,
            palette is null ? null : ColorTable(mask, palette, ignoreIndex), cancellationToken);
    }

    /// <summary>Writes saliency as an 8-bit gray PNG, 0 to 255.</summary>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <param name="mask">The gray values.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, SaliencyMask mask) => AtomicFile.Write(path, stream => Save(stream, mask));

    /// <summary>Writes saliency to a stream, in the same form.</summary>
    /// <param name="stream">Gets the PNG file.</param>
    /// <param name="mask">The gray values.</param>
    /// <param name="cancellationToken">Ends it between two rows; what is in the stream then is no image.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Save(Stream stream, SaliencyMask mask, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(mask);
        PngWriter.Write(stream, mask.Width, mask.Height, ColorModel.Gray, mask.Values, cancellationToken: cancellationToken);
    }

    private static byte[] ColorTable(SegmentationMask mask, Palette palette, byte ignoreIndex)
    {
        long[] counts = mask.CountLabels();
        byte[] table = new byte[3 * (1 + Array.FindLastIndex(counts, count => count > 0))];
        for (int label = 0; 3 * label < table.Length; label++)
        {
            if (counts[label] > 0)
            {
                RgbColor color = palette.ColorOf((byte)label, ignoreIndex);
                (table[3 * label], table[(3 * label) + 1], table[(3 * label) + 2]) = (color.R, color.G, color.B);
            }
        }

        return table;
    }
}
