using System.Collections.Immutable;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>Loads image files and masks as data views: extension methods of <see cref="MLContext.Data"/>.</summary>
/// <remarks>
/// The views are lazy, can be shuffled, and give a fresh image for every row, which belongs to whoever asks for it. Files are read by the
/// rules of <see cref="ImageReader"/>, with <see cref="ImageReadOptions.Default"/>: every format, upright as viewers show it, transparency on
/// white. ML.NET's own <c>LoadImages</c> does not turn images upright.
/// ML.NET's <c>Cache</c> and <c>ShuffleRows</c> drop columns of images without a word; neither is needed, since trainers keep what they decode and
/// shuffle by themselves.
/// </remarks>
public static class ImageDataCatalog
{
    /// <summary>
    /// The images of a folder, each with the mask of the same base name. Columns: <c>Image</c>, <c>Label</c> (variable-length vector of
    /// bytes), <c>MaskHeight</c>, <c>MaskWidth</c>, <c>ImagePath</c>, <c>MaskPath</c>; rows in ordinal order of the base names. The folders
    /// are listed now; the files are read when rows are.
    /// </summary>
    /// <param name="catalog"><see cref="MLContext.Data"/>.</param>
    /// <param name="imageFolder">Folder of the images.</param>
    /// <param name="maskFolder">Folder of the masks: PNG, TIFF, BMP or binary PGM; may be the same. See <see cref="ImageFolder"/> for how names belong together.</param>
    /// <param name="masks">How masks are meant.</param>
    /// <param name="numberOfClasses">1..255, not for saliency. Where given, labels are checked to be below it (or 255), with a message that names file, pixel and value.</param>
    /// <exception cref="IOException">One of the folders does not exist or cannot be listed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of classes is out of range, or given for saliency.</exception>
    /// <exception cref="InvalidDataException">
    /// A folder has no image, two files of one base name, or an image without a mask. While rows are read: a file is damaged, a mask is of another size than its image, or
    /// a label is out of range.
    /// </exception>
    /// <example><code>IDataView train = ml.Data.LoadImagePairs("train/images", "train/masks", numberOfClasses: 11);</code></example>
    public static IDataView LoadImagePairs(
        this DataOperationsCatalog catalog, string imageFolder, string maskFolder, MaskKind masks = MaskKind.ClassIndices, int? numberOfClasses = null) =>
        catalog.LoadImagePairs(imageFolder, maskFolder, new ImageLoadOptions { Masks = masks, NumberOfClasses = numberOfClasses });

    /// <summary>Images and masks of folders that take more to say: suffixes, subfolders, colours, damaged files; otherwise as the overload without options.</summary>
    /// <param name="catalog"><see cref="MLContext.Data"/>.</param>
    /// <param name="imageFolder">Folder of the images.</param>
    /// <param name="maskFolder">Folder of the masks; may be the same.</param>
    /// <param name="options">How the files are found and read.</param>
    /// <exception cref="IOException">One of the folders does not exist or cannot be listed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of classes is out of range, or given for saliency.</exception>
    /// <exception cref="InvalidDataException">As for the overload without options.</exception>
    public static IDataView LoadImagePairs(this DataOperationsCatalog catalog, string imageFolder, string maskFolder, ImageLoadOptions options) =>
        catalog.LoadImagePairs(ImageFolder.Pair(imageFolder, maskFolder, options), options);

    /// <summary>Images and masks given one by one; otherwise as the overload with folders.</summary>
    /// <param name="catalog"><see cref="MLContext.Data"/>.</param>
    /// <param name="pairs">The files; at least one.</param>
    /// <param name="masks">How masks are meant.</param>
    /// <param name="numberOfClasses">1..255, not for saliency. Where given, labels are checked to be below it (or 255).</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of classes is out of range, or given for saliency.</exception>
    /// <exception cref="InvalidDataException">There is no pair.</exception>
    /// <example>
    /// <code>
    /// var pairs = ImageFolder.Pair("images", "masks");
    /// IDataView train = ml.Data.LoadImagePairs(pairs.Where((_, i) => i % 5 != 0));
    /// IDataView test = ml.Data.LoadImagePairs(pairs.Where((_, i) => i % 5 == 0));
    /// </code>
    /// </example>
    public static IDataView LoadImagePairs(
        this DataOperationsCatalog catalog, IEnumerable<ImagePair> pairs, MaskKind masks = MaskKind.ClassIndices, int? numberOfClasses = null) =>
        catalog.LoadImagePairs(pairs, new ImageLoadOptions { Masks = masks, NumberOfClasses = numberOfClasses });

    /// <summary>Images and masks given one by one, with options; those that say how files lie in folders do not matter here.</summary>
    /// <param name="catalog"><see cref="MLContext.Data"/>.</param>
    /// <param name="pairs">The files; at least one.</param>
    /// <param name="options">How the files are read.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of classes is out of range, or given for saliency.</exception>
    /// <exception cref="InvalidDataException">There is no pair.</exception>
    public static IDataView LoadImagePairs(this DataOperationsCatalog catalog, IEnumerable<ImagePair> pairs, ImageLoadOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(options);
        MaskColumn column = new(ImageDataColumns.Label, ImageDataColumns.MaskPath, options.Masks, options.NumberOfClasses, options.Colors);
        return View([.. pairs.Select(pair => new ImageFileRow(pair.ImagePath, [pair.MaskPath]))], [column], options);
    }

    /// <summary>
    /// The images of a folder, each with the masks of several tasks. Columns: <c>Image</c>, <c>NAME.Label</c> for each task (variable-length vector of bytes),
    /// <c>MaskHeight</c>, <c>MaskWidth</c>, <c>ImagePath</c>; otherwise as <see cref="LoadImagePairs(DataOperationsCatalog, string, string, ImageLoadOptions)"/>.
    /// </summary>
    /// <param name="catalog"><see cref="MLContext.Data"/>.</param>
    /// <param name="imageFolder">Folder of the images.</param>
    /// <param name="tasks">The tasks that have masks, at least one, of different names.</param>
    /// <param name="options">How the files are found and read; null for the defaults. How masks are meant is said of each task.</param>
    /// <exception cref="ArgumentException">There is no task, or two of one name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of classes is out of range, or given for saliency.</exception>
    /// <exception cref="IOException">One of the folders does not exist or cannot be listed.</exception>
    /// <exception cref="InvalidDataException">An image lacks the mask of a task, or as for one task; the message names both.</exception>
    /// <example>
    /// <code>
    /// IDataView train = ml.Data.LoadImageTasks("images", [new("parsing", "parsing") { NumberOfClasses = 8 }, new("person", "objects", MaskKind.Saliency)]);
    /// </code>
    /// </example>
    public static IDataView LoadImageTasks(this DataOperationsCatalog catalog, string imageFolder, IReadOnlyList<TaskMasks> tasks, ImageLoadOptions? options = null) =>
        catalog.LoadImageTasks(TaskImages.Pair(imageFolder, tasks, options), tasks, options);

    /// <summary>Images and the masks of several tasks given one by one; otherwise as the overload with folders.</summary>
    /// <param name="catalog"><see cref="MLContext.Data"/>.</param>
    /// <param name="images">The files, at least one image, for example some of <see cref="TaskImages.Pair"/>.</param>
    /// <param name="tasks">The tasks, in the order of the masks.</param>
    /// <param name="options">How the files are read; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is no task, two of one name, or an image has not one mask for each; the message names it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of classes is out of range, or given for saliency.</exception>
    /// <exception cref="InvalidDataException">There is no image.</exception>
    public static IDataView LoadImageTasks(
        this DataOperationsCatalog catalog, IEnumerable<TaskImage> images, IReadOnlyList<TaskMasks> tasks, ImageLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(images);
        TaskImages.CheckTasks(tasks);
        return View([.. images.Select(image => TaskImages.RowOf(image, tasks, nameof(images)))], [.. tasks.Select(task => task.Column)], options ?? new());
    }

    /// <summary>The images of a folder, for scoring. Columns: <c>Image</c>, <c>ImagePath</c>; rows in ordinal order of the base names.</summary>
    /// <param name="catalog"><see cref="MLContext.Data"/>.</param>
    /// <param name="imageFolder">Folder of the images.</param>
    /// <param name="options">Subfolders, damaged files; null for the defaults.</param>
    /// <exception cref="IOException">The folder does not exist or cannot be listed.</exception>
    /// <exception cref="InvalidDataException">It has no image, or two of one base name. While rows are read: a file is damaged.</exception>
    /// <example><code>IDataView scored = model.Transform(ml.Data.LoadImages("photos"));</code></example>
    public static IDataView LoadImages(this DataOperationsCatalog catalog, string imageFolder, ImageLoadOptions? options = null) =>
        catalog.LoadImages(ImageFolder.ListImages(imageFolder, options), options);

    /// <summary>Images given one by one, for scoring. Columns: <c>Image</c>, <c>ImagePath</c>.</summary>
    /// <param name="catalog"><see cref="MLContext.Data"/>.</param>
    /// <param name="imagePaths">The files; at least one.</param>
    /// <param name="options">What to do about damaged files; null for the defaults.</param>
    /// <exception cref="InvalidDataException">There is no file.</exception>
    /// <example><code>IDataView scored = model.Transform(ml.Data.LoadImages(["a.png", "b.jpg"]));</code></example>
    public static IDataView LoadImages(this DataOperationsCatalog catalog, IEnumerable<string> imagePaths, ImageLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(imagePaths);
        return View([.. imagePaths.Select(path => new ImageFileRow(path, []))], [], options ?? new());
    }

    /// <summary>
    /// The images of a manifest (<see cref="ImageManifest"/>), for scoring, in the order of its lines. Columns: <c>Image</c>, <c>ImagePath</c>, <c>ImageName</c>. The manifest is checked now and
    /// read again with every pass, a line at a time: memory does not grow with it. It is not shuffled.
    /// </summary>
    /// <param name="catalog"><see cref="MLContext.Data"/>.</param>
    /// <param name="path">The manifest: a path a line, or a table (<c>.csv</c>, <c>.tsv</c>) with a column <c>path</c> and, for names of results, <c>name</c>.</param>
    /// <param name="options">What to do about damaged files; null for the defaults.</param>
    /// <param name="shard">One of several parts of the images; the default is all.</param>
    /// <exception cref="IOException">The manifest cannot be read.</exception>
    /// <exception cref="InvalidDataException">Lines of it cannot be used; the message names them. While rows are read: an image is damaged, or the manifest was changed.</exception>
    /// <example><code>IDataView scored = model.Transform(ml.Data.LoadImageManifest("images.csv", shard: new Shard(3, 16)));</code></example>
    public static IDataView LoadImageManifest(this DataOperationsCatalog catalog, string path, ImageLoadOptions? options = null, Shard shard = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new ImageFileDataView(
            new ManifestRows(ImageManifest.Open(Path.GetFullPath(path)), shard), [], options ?? new());
    }

    private static ImageFileDataView View(ImmutableArray<ImageFileRow> rows, ImmutableArray<MaskColumn> masks, ImageLoadOptions options)
    {
        masks = [.. masks.Select(mask => mask.Checked())];
        return rows.IsEmpty ? throw new InvalidDataException("There are no images: the list of files is empty.") : new ImageFileDataView(new ListedRows(rows), masks, options);
    }
}
