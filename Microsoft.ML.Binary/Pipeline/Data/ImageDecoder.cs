using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// Reads image files, as the data views of <see cref="ImageDataCatalog"/> do. PNG, PGM and PPM go through our own readers, which find every damage; all else through
/// ML.NET's, which knows more formats but shows what there is of a truncated file.
/// </summary>
public static class ImageDecoder
{
    private static ReadOnlySpan<byte> JpegStart => [0xFF, 0xD8, 0xFF];

    private static ReadOnlySpan<byte> JpegScan => [0xFF, 0xDA];

    private static ReadOnlySpan<byte> JpegEnd => [0xFF, 0xD9];

    /// <summary>Reads an image file; alpha is left out.</summary>
    /// <exception cref="InvalidDataException">The image is damaged or of a format that cannot be read here; the message names the file.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static RgbImage Load(string path) => Decode(File.ReadAllBytes(path), path);

    /// <summary>Reads an image from a stream; alpha is left out.</summary>
    /// <param name="stream">Read from its position to its end.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">The image is damaged or of a format that cannot be read here.</exception>
    public static RgbImage Load(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return Decode(copy.ToArray(), name);
    }

    /// <summary>Reads an image and its mask, with the checks of <see cref="ImageDataCatalog.LoadImagePairs(DataOperationsCatalog, string, string, MaskKind, int?)"/>.</summary>
    /// <param name="pair">The files.</param>
    /// <param name="masks">How masks are meant.</param>
    /// <param name="classCount">Where given, labels are checked to be below it (or 255); not for saliency.</param>
    /// <param name="colors">What colours mean in masks of class indices that are stored as RGB; null refuses colours.</param>
    /// <returns>The image and its mask, named by the mask's path.</returns>
    /// <exception cref="InvalidDataException">A file is damaged, the sizes differ, or a label is out of range; the message names the file.</exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    public static TrainingSample Load(ImagePair pair, MaskKind masks = MaskKind.ClassIndices, int? classCount = null, MaskColors? colors = null)
    {
        ArgumentNullException.ThrowIfNull(pair);
        ImageFileRowContent content = new(new ImageFileRow(pair.ImagePath, pair.MaskPath), masks, classCount, colors);
        return new TrainingSample(pair.MaskPath, content.Image, content.Mask.Values);
    }

    /// <param name="file">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">The image is damaged or of a format that cannot be read here.</exception>
    private static RgbImage Decode(byte[] file, string name)
    {
        if (file.Length == 0 || RgbImage.CanLoad(file))
        {
            return RgbImage.Load(new MemoryStream(file, writable: false), name);
        }

        // Entropy-coded data hold no marker, so the end marker of a whole file comes after its last scan began; one inside an embedded
        // thumbnail comes before.
        if (file.AsSpan().StartsWith(JpegStart) && file.AsSpan().LastIndexOf(JpegEnd) < file.AsSpan().LastIndexOf(JpegScan))
        {
            throw new InvalidDataException($"{name}: the JPEG file is truncated: it has no end marker.");
        }

        try
        {
            using MLImage image = MLImage.CreateFromStream(new MemoryStream(file, writable: false));
            return image.ToRgbImage();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or NotSupportedException or InvalidDataException
            || ErrorText.MissingLibrary(exception) is not null)
        {
            throw new InvalidDataException($"{name}: the image cannot be decoded: {ErrorText.Of(exception)}", exception);
        }
    }
}
