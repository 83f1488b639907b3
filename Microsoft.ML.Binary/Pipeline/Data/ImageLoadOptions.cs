using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>How images and masks are loaded, and how they lie in their folders.</summary>
/// <example>
/// <code>
/// IDataView train = ml.Data.LoadImagePairs("leftImg8bit/train", "gtFine/train", new ImageLoadOptions
/// {
///     Recursive = true,
///     MaskSuffix = "_gtFine_labelIds",
///     Report = Console.WriteLine,
///     OnUnreadable = file =&gt; Console.WriteLine(file.Reason),
/// });
/// </code>
/// </example>
public sealed record ImageLoadOptions : ImageFolderOptions
{
    /// <summary>How masks are meant.</summary>
    public MaskKind Masks { get; init; }

    /// <summary>1..255, not for saliency. Where given, labels are checked to be below it (or 255), with a message that names file, pixel and value.</summary>
    public int? NumberOfClasses { get; init; }

    /// <summary>What colours mean in masks of class indices that are stored as RGB; null refuses colours.</summary>
    public MaskColors? Colors { get; init; }

    /// <summary>
    /// The longest side, in pixels, that the network has a use for: its working size, times its largest scale
    /// (<see cref="Inference.CompiledNetwork.NeededLongestSide"/>). Images at least twice as large are reduced to 1/2, 1/4 or 1/8 while they are decoded, never below it.
    /// The column then holds the smaller image, and remembers the picture's size (<see cref="ReducedImage.FullSizeOf"/>): masks, labels, and what this
    /// package's transformers and trainers make of them keep the full size; pictures that its stages make of the image (<c>Overlay</c>, <c>CutOut</c>), and other transformers, have the size
    /// that it has in the column. 0, the default, means all pixels.
    /// </summary>
    public int NeededLongestSide
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(NeededLongestSide));
            field = value;
        }
    }

    /// <summary>
    /// Whether the image of the next row is decoded on another thread as soon as that of a row was read, so that decoding and the network overlap; one image more is in
    /// memory then. Not done where several cursors share the rows (they overlap anyway), nor on one core. Rows, their order and their errors are the same.
    /// </summary>
    public bool ReadAhead { get; init; } = true;

    /// <summary>
    /// Is told of each image that cannot be read, or whose mask does not fit, and the row is left out; null (the default) makes it an exception
    /// where the row is read. Called once for a row, on any thread; rows are then decoded as they are passed, whatever columns are
    /// asked for, and their number is not known beforehand.
    /// </summary>
    public Action<UnreadableImage>? OnUnreadable { get; init; }
}

/// <summary>A row that was left out.</summary>
/// <param name="ImagePath">The image file.</param>
/// <param name="MaskPath">The mask file; null where images are loaded alone.</param>
/// <param name="Reason">What was wrong, with the name of the file.</param>
/// <example>
/// <code>
/// List&lt;UnreadableImage> leftOut = [];
/// IDataView train = ml.Data.LoadImagePairs("images", "masks", new ImageLoadOptions
/// {
///     OnUnreadable = file =>
///     {
///         lock (leftOut)                                                  // called on any thread
///         {
///             leftOut.Add(file);
///         }
///     },
/// });
/// </code>
/// </example>
public sealed record UnreadableImage(string ImagePath, string? MaskPath, string Reason);

/// <summary>How the pixels of mask files are meant; nothing in a file says it.</summary>
/// <example>
/// <code>
/// IDataView classes = ml.Data.LoadImagePairs("images", "masks");                               // MaskKind.ClassIndices: 0, 1, 2, ...
/// IDataView objects = ml.Data.LoadImagePairs("images", "objects", MaskKind.Saliency);          // black and white
/// </code>
/// </example>
public enum MaskKind
{
    /// <summary>Class indices as stored, 255 = ignore: for segmentation.</summary>
    ClassIndices,

    /// <summary>Gray values scaled to 0..255, object above 128: for saliency. (A stored 1 of a one-bit file is 255.)</summary>
    Saliency,
}
