using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary;

/// <summary>Reads an image and its mask, as the data views of <see cref="ImageDataCatalog"/> do.</summary>
/// <example>
/// <code>
/// IEnumerable&lt;TrainingSample&gt; samples = ImageFolder.Pair("train/images", "train/masks").Select(pair =&gt; ImagePairReader.Load(pair, numberOfClasses: 3));
/// </code>
/// </example>
public static class ImagePairReader
{
    /// <summary>Reads both files, with the checks of <see cref="ImageDataCatalog.LoadImagePairs(DataOperationsCatalog, string, string, MaskKind, int?)"/>.</summary>
    /// <param name="pair">The files.</param>
    /// <param name="masks">How masks are meant.</param>
    /// <param name="numberOfClasses">1..255, not for saliency. Where given, labels are checked to be below it (or 255).</param>
    /// <param name="colors">What colours mean in masks of class indices that are stored as RGB; null refuses colours.</param>
    /// <param name="neededLongestSide">
    /// The longest side that the caller has a use for, as <see cref="ImageReadOptions.NeededLongestSide"/>: larger images are decoded at 1/2, 1/4
    /// or 1/8. The mask has the picture's full size in any case. 0 means all pixels.
    /// </param>
    /// <returns>The image and its mask, named by the mask's path.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number of classes is out of range, or given for saliency.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, the sizes differ, or a label is out of range; the message names the file.</exception>
    /// <exception cref="IOException">A file is missing or cannot be read.</exception>
    public static TrainingSample Load(ImagePair pair, MaskKind masks = MaskKind.ClassIndices, int? numberOfClasses = null, MaskColors? colors = null, int neededLongestSide = 0)
    {
        ArgumentNullException.ThrowIfNull(pair);
        MaskColumn column = new(ImageDataColumns.Label, ImageDataColumns.MaskPath, masks, numberOfClasses, colors);
        return new ImageFileRowContent(new ImageFileRow(pair.ImagePath, [pair.MaskPath]), [column.Checked()], neededLongestSide).ToSample();
    }
}
