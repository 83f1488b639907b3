using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>The columns that stages with a picture read and the one that they add.</summary>
/// <param name="Output">Column of the picture.</param>
/// <param name="Mask">Column of class indices or of saliency.</param>
/// <param name="Image">Column of the image.</param>
/// <param name="Height">Column of the mask's rows.</param>
/// <param name="Width">Column of the mask's pixels in a row.</param>
internal sealed record PictureColumns(string Output, string Mask, string Image, string Height, string Width);

/// <summary>A stage that makes a picture of an image and its mask.</summary>
/// <param name="Columns">The columns.</param>
internal abstract record PictureStage(PictureColumns Columns) : MaskStage
{
    public override StageInputs Inputs => new()
    {
        Image = Columns.Image,
        Labels = IsOfSaliency ? null : Columns.Mask,
        Saliency = IsOfSaliency ? Columns.Mask : null,
        Height = Columns.Height,
        Width = Columns.Width,
    };

    public override SavedStageForm SavedForm => (IsOfSaliency, ImageSize is null) switch
    {
        (false, true) => SavedStageForm.LabelPicture,
        (false, false) => SavedStageForm.LabelPictureOfPixels,
        (true, true) => SavedStageForm.SaliencyPicture,
        (true, false) => SavedStageForm.SaliencyPictureOfPixels,
    };

    /// <summary>Whether the mask is one of saliency, and not of class indices.</summary>
    protected virtual bool IsOfSaliency => false;

    public override IEnumerable<StageOutput> OutputsOf(DataViewSchema? input) => [new(Columns.Output, StageValue.Picture)];
}

/// <summary>Masks that are brought to what was decoded of their image.</summary>
internal static class PictureMasks
{
    /// <exception cref="InvalidDataException">The mask is neither of the size of the picture nor of what was decoded of it.</exception>
    public static SegmentationMask MaskOfImage(this StageInput input)
    {
        SegmentationMask mask = input.Mask();
        return IsOfImage(input) ? mask : mask.Resize(input.Image.Width, input.Image.Height);
    }

    /// <exception cref="InvalidDataException">The map is neither of the size of the picture nor of what was decoded of it.</exception>
    public static SaliencyMask MapOfImage(this StageInput input)
    {
        SaliencyMask map = input.Map();
        return IsOfImage(input)
            ? map
            : new(input.Image.Width, input.Image.Height, NearestResampler.Resize<byte>(map.Values, map.Width, map.Height, input.Image.Width, input.Image.Height));
    }

    private static bool IsOfImage(StageInput input)
    {
        (int Width, int Height) mask = (input.Width, input.Height);
        if (mask != input.PictureSize && mask != (input.Image.Width, input.Image.Height))
        {
            throw new InvalidDataException(
                $"the mask is of {mask.Width}x{mask.Height} pixels and the image of {input.PictureSize.Width}x{input.PictureSize.Height}; put ResizeMaskToImage before it.");
        }

        return mask == (input.Image.Width, input.Image.Height);
    }
}

/// <param name="Columns">The columns.</param>
/// <param name="Palette">Colours by class index, <c>#RRGGBB</c>; null where the mask's annotations shall say, or else the default ones.</param>
/// <param name="Opacity">How much of a class's colour covers the image.</param>
/// <param name="Contours">Whether lines are drawn where two classes meet.</param>
/// <param name="ClassNames">Names for a legend; null for none.</param>
/// <param name="IgnoreIndex">The label that is left uncovered.</param>
internal sealed record OverlayStage(PictureColumns Columns, string[]? Palette, float Opacity, bool Contours, string[]? ClassNames, byte IgnoreIndex) : PictureStage(Columns)
{
    public override string Title => $"The overlay of '{Columns.Mask}' on '{Columns.Image}'";

    public override MaskStage FittedTo(DataViewSchema input) =>
        ((OverlayStage)base.FittedTo(input)) with { Palette = Palette ?? MaskAnnotations.Palette(Inputs.LabelsOf(input)!.Value) };

    protected override void Make(StageInput input, StageResult result) => result.SetPicture(Overlay.Segmentation(input.Image, input.MaskOfImage(), new()
    {
        Palette = Imaging.Palette.Of(Palette ?? []),
        Opacity = Opacity,
        Contours = Contours,
        ClassNames = ClassNames,
        IgnoreIndex = IgnoreIndex,
    }));
}

/// <param name="Columns">The columns.</param>
/// <param name="Contours">Whether a line is drawn around the object.</param>
internal sealed record SaliencyOverlayStage(PictureColumns Columns, bool Contours) : PictureStage(Columns)
{
    public override string Title => $"The overlay of '{Columns.Mask}' on '{Columns.Image}'";

    protected override bool IsOfSaliency => true;

    protected override void Make(StageInput input, StageResult result) =>
        result.SetPicture(Overlay.Saliency(input.Image, input.MapOfImage(), new() { Contours = Contours }));
}

/// <param name="Columns">The columns.</param>
/// <param name="Labels">The classes to cut out.</param>
/// <param name="SoftEdge">How far the edge reaches to either side.</param>
internal sealed record CutOutStage(PictureColumns Columns, int[] Labels, int SoftEdge) : PictureStage(Columns)
{
    public override string Title => $"The cut-out of '{Columns.Image}' by '{Columns.Mask}'";

    protected override void Make(StageInput input, StageResult result)
    {
        SaliencyMask alpha = SaliencyMask.FromClasses(input.MaskOfImage(), Labels.Select(label => (byte)label), SoftEdge);
        result.SetPicture(alpha.Width, alpha.Height, CutOut.ToRgba(input.Image, alpha));
    }
}

/// <param name="Columns">The columns.</param>
/// <param name="Threshold">Saliency above which a pixel is kept whole, the others not at all; null takes the saliency as alpha.</param>
internal sealed record SaliencyCutOutStage(PictureColumns Columns, float? Threshold) : PictureStage(Columns)
{
    public override string Title => $"The cut-out of '{Columns.Image}' by '{Columns.Mask}'";

    protected override bool IsOfSaliency => true;

    protected override void Make(StageInput input, StageResult result)
    {
        SaliencyMask alpha = input.MapOfImage();
        if (Threshold is { } threshold)
        {
            alpha = alpha.Binarize((byte)MathF.Round(threshold * byte.MaxValue, MidpointRounding.AwayFromZero));
        }

        result.SetPicture(alpha.Width, alpha.Height, CutOut.ToRgba(input.Image, alpha));
    }
}
