using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

// What can be made of class masks.
public sealed partial class SegmentationCatalog
{
    /// <summary>
    /// A stage that adds the share of each class in the pixels that are not ignored, a vector of single with a slot for each class: each 0..1, together 1; all 0 where
    /// every pixel is ignored. The slots have the names of the classes.
    /// </summary>
    /// <param name="outputColumnName">The column of the shares.</param>
    /// <param name="inputColumnName">The column of class indices, a vector of bytes.</param>
    /// <param name="classNames">Names of the classes, 1 to 255; null takes those that the mask's column is annotated with.</param>
    /// <param name="numberOfClasses">Number of the classes where they have no names; may be left out otherwise.</param>
    /// <param name="ignoreIndex">The label of pixels without a class: they count neither as a class nor in the whole.</param>
    /// <exception cref="ArgumentException">Number and names of classes do not fit. While fitting: neither is given and the column does not say them.</exception>
    /// <example>
    /// <code>
    /// var pipeline = ml.Segmentation.ApplyNetwork("road.network").Append(ml.Segmentation.ClassShares());
    /// foreach (VBuffer&lt;float&gt; shares in pipeline.Fit(photos).Transform(photos).GetColumn&lt;VBuffer&lt;float&gt;&gt;("ClassShares"))
    ///     Console.WriteLine($"{shares.GetItemOrDefault(2):P1} road");
    /// </code>
    /// </example>
    public MaskStageEstimator ClassShares(
        string outputColumnName = ImageDataColumns.ClassShares,
        string inputColumnName = ImageDataColumns.PredictedLabel,
        IReadOnlyList<string>? classNames = null,
        int? numberOfClasses = null,
        byte ignoreIndex = SegmentationMask.DefaultIgnoreIndex)
    {
        int? classes = numberOfClasses ?? classNames?.Count;
        if (classes is < 1 or > ClassSharesStage.MaxClasses)
        {
            throw new ArgumentOutOfRangeException(nameof(numberOfClasses), classes, $"The number of classes must be from 1 to {ClassSharesStage.MaxClasses}.");
        }

        if (classNames is not null && classNames.Count != classes)
        {
            throw new ArgumentException($"{nameof(numberOfClasses)} is {classes}, and there are {classNames.Count} {nameof(classNames)}.", nameof(classNames));
        }

        string[]? names = classNames is not null ? [.. classNames] : classes is { } count ? ClassSharesStage.Numbered(count) : null;
        return Stage(new ClassSharesStage(outputColumnName, inputColumnName, names, ignoreIndex));
    }

    /// <summary>
    /// A stage that adds the connected regions of a mask: how many, and class, pixels, box and centroid of each, ordered by their first pixels, row by row. Read them with
    /// <see cref="RegionPrediction"/>.
    /// </summary>
    /// <param name="options">What counts as a region, and the names of the columns.</param>
    /// <exception cref="ArgumentException">An option is out of range, or options do not fit each other.</exception>
    /// <example>
    /// <code>
    /// // The nuclei network labels insides 1 and contours 2, so that cells that touch stay apart.
    /// var pipeline = ml.Segmentation.Pretrained(PretrainedModel.Nuclei)
    ///     .Append(ml.Segmentation.Regions(new MaskRegionOptions { Labels = [1], ContourLabel = 2, MinimumArea = 16 }));
    /// </code>
    /// </example>
    public MaskStageEstimator Regions(MaskRegionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options with { Labels = options.Labels?.ToArray() };
        options.Check();
        return Stage(new RegionsStage(options) { SplitAtNecks = options.SplitAtNecks });
    }

    /// <summary>As <see cref="Regions(MaskRegionOptions)"/>, with the options that most need and the default names of columns.</summary>
    /// <param name="inputColumnName">The column of class indices, a vector of bytes.</param>
    /// <param name="labels">The classes to find regions of; null takes all but the ignored label, a background class too.</param>
    /// <param name="connectivity">Which pixels are neighbours.</param>
    /// <param name="minimumArea">Regions with fewer pixels are left out; at least 1.</param>
    /// <exception cref="ArgumentException">There are no labels, or the area is below 1.</exception>
    /// <example><code>var cars = ml.Segmentation.Regions(labels: [8], minimumArea: 50);</code></example>
    public MaskStageEstimator Regions(
        string inputColumnName = ImageDataColumns.PredictedLabel,
        IReadOnlyList<byte>? labels = null,
        PixelConnectivity connectivity = PixelConnectivity.Eight,
        int minimumArea = 1) =>
        Regions(new MaskRegionOptions { InputColumnName = inputColumnName, Labels = labels, Connectivity = connectivity, MinimumArea = minimumArea });

    /// <summary>
    /// A stage that adds a picture of the image covered with the colours of its classes (<see cref="Overlay.Segmentation"/>), a column of <c>MLImage</c> of the size of
    /// what was decoded of the image; taller by the legend if <see cref="OverlayOptions.ClassNames"/> are given.
    /// </summary>
    /// <param name="outputColumnName">The column of pictures.</param>
    /// <param name="inputColumnName">The column of class indices, a vector of bytes.</param>
    /// <param name="imageColumnName">The column of images.</param>
    /// <param name="maskHeightColumnName">The column of the mask's rows, an Int32.</param>
    /// <param name="maskWidthColumnName">The column of the mask's pixels in a row, an Int32.</param>
    /// <param name="options">
    /// Colours, opacity, contours, legend; null for the defaults. Where the palette is the default one, colours that the mask's column is annotated with take its place.
    /// </param>
    /// <example>
    /// <code>
    /// var pipeline = ml.Segmentation.ApplyNetwork("road.network").Append(ml.Segmentation.Overlay(options: new OverlayOptions { Opacity = 0.6f }));
    /// </code>
    /// </example>
    public MaskStageEstimator Overlay(
        string outputColumnName = ImageDataColumns.Overlay,
        string inputColumnName = ImageDataColumns.PredictedLabel,
        string imageColumnName = ImageDataColumns.Image,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth,
        OverlayOptions? options = null)
    {
        options ??= OverlayOptions.Default;
        string[]? palette = options.Palette == Palette.Default ? null : [.. options.Palette.Select(color => color.ToString())];
        return Stage(new OverlayStage(
            new(outputColumnName, inputColumnName, imageColumnName, maskHeightColumnName, maskWidthColumnName),
            palette, options.Opacity, options.Contours, options.ClassNames is null ? null : [.. options.ClassNames], options.IgnoreIndex));
    }

    /// <summary>
    /// A stage that cuts classes out of the image: a column of <c>MLImage</c> of the size of what was decoded of the image, whose alpha is 255 inside of the classes and
    /// 0 outside. Its colours are multiplied by alpha, as ML.NET's images have them; its <c>Save</c> as PNG writes them right.
    /// </summary>
    /// <param name="labels">The classes to keep, at least one.</param>
    /// <param name="outputColumnName">The column of cut-outs.</param>
    /// <param name="inputColumnName">The column of class indices, a vector of bytes.</param>
    /// <param name="imageColumnName">The column of images.</param>
    /// <param name="maskHeightColumnName">The column of the mask's rows, an Int32.</param>
    /// <param name="maskWidthColumnName">The column of the mask's pixels in a row, an Int32.</param>
    /// <param name="softEdge">How many pixels the edge fades over to either side (<see cref="SaliencyMask.FromClasses"/>); 0 cuts hard.</param>
    /// <exception cref="ArgumentException">There are no labels, or the edge is negative.</exception>
    /// <example><code>var pipeline = ml.Segmentation.ApplyNetwork("road.network").Append(ml.Segmentation.CutOut([8], softEdge: 1));</code></example>
    public MaskStageEstimator CutOut(
        IReadOnlyList<byte> labels,
        string outputColumnName = ImageDataColumns.CutOut,
        string inputColumnName = ImageDataColumns.PredictedLabel,
        string imageColumnName = ImageDataColumns.Image,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth,
        int softEdge = 0)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfNegative(softEdge);
        return labels.Count == 0
            ? throw new ArgumentException("Name at least one class to cut out.", nameof(labels))
            : Stage(new CutOutStage(
                new(outputColumnName, inputColumnName, imageColumnName, maskHeightColumnName, maskWidthColumnName), [.. labels], softEdge));
    }

    /// <summary>
    /// A stage that brings masks to a size: each pixel gets the label of the one that its middle lies in (<see cref="NearestResampler"/>). It replaces the columns of the
    /// mask's size, and unless another name is given the mask; what the mask's column is annotated with stays.
    /// </summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="outputColumnName">The column of resized masks.</param>
    /// <param name="inputColumnName">The column of class indices, a vector of bytes; null for that of the output.</param>
    /// <param name="maskHeightColumnName">The column of the mask's rows, an Int32, which gets the new ones.</param>
    /// <param name="maskWidthColumnName">The column of the mask's pixels in a row, an Int32, which gets the new ones.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    /// <example><code>var pipeline = ml.Segmentation.ApplyNetwork("road.network").Append(ml.Segmentation.ResizeMask(width: 320, height: 240));</code></example>
    public MaskStageEstimator ResizeMask(
        int width,
        int height,
        string outputColumnName = ImageDataColumns.PredictedLabel,
        string? inputColumnName = null,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth) =>
        Stage(ResizeMaskStage.To(
            width, height, new(outputColumnName, inputColumnName ?? outputColumnName, false, maskHeightColumnName, maskWidthColumnName, null, null)));

    /// <summary>
    /// As <see cref="ResizeMask"/>, to the size of each row's image. Where the column that the transformer is fitted to has images of one known size (ML.NET's <c>ResizeImages</c>),
    /// masks get that size ever after, also in a saved model, which then reads no image.
    /// </summary>
    /// <param name="imageColumnName">The column of images.</param>
    /// <param name="outputColumnName">The column of resized masks.</param>
    /// <param name="inputColumnName">The column of class indices, a vector of bytes; null for that of the output.</param>
    /// <param name="maskHeightColumnName">The column of the mask's rows, an Int32, which gets the new ones.</param>
    /// <param name="maskWidthColumnName">The column of the mask's pixels in a row, an Int32, which gets the new ones.</param>
    /// <example>
    /// <code>
    /// // Scored small, shown on the large original.
    /// var pipeline = ml.Transforms.ResizeImages("Small", 320, 240, "Image")
    ///     .Append(ml.Segmentation.ApplyNetwork("road.network", new() { ImageColumnName = "Small" }))
    ///     .Append(ml.Segmentation.ResizeMaskToImage())
    ///     .Append(ml.Segmentation.Overlay());
    /// </code>
    /// </example>
    public MaskStageEstimator ResizeMaskToImage(
        string imageColumnName = ImageDataColumns.Image,
        string outputColumnName = ImageDataColumns.PredictedLabel,
        string? inputColumnName = null,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth) =>
        Stage(new ResizeMaskStage(outputColumnName, inputColumnName ?? outputColumnName, false, maskHeightColumnName, maskWidthColumnName, null, imageColumnName));
}
