using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <param name="Output">Column of the resized mask.</param>
/// <param name="Input">Column of class indices or of saliency.</param>
/// <param name="IsSaliency">Which of them.</param>
/// <param name="Height">Column of the mask's rows, read and added.</param>
/// <param name="Width">Column of the mask's pixels in a row, read and added.</param>
/// <param name="Size">The size to bring it to; null takes the image's.</param>
/// <param name="Image">Column of the image whose size it gets; null where the size is given.</param>
internal sealed record ResizeMaskStage(string Output, string Input, bool IsSaliency, string Height, string Width, KnownSize? Size, string? Image) : MaskStage
{
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    public static ResizeMaskStage To(int width, int height, ResizeMaskStage stage)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        return stage with { Size = new(height, width) };
    }

    public override StageInputs Inputs => new()
    {
        Image = Image,
        Labels = IsSaliency ? null : Input,
        Saliency = IsSaliency ? Input : null,
        Height = Height,
        Width = Width,
    };

    public override string Title => $"The resized '{Input}'";

    public override SavedStageForm SavedForm => (IsSaliency, Image is null || ImageSize is not null) switch
    {
        (false, true) => SavedStageForm.LabelResize,
        (false, false) => SavedStageForm.LabelResizeToImage,
        (true, true) => SavedStageForm.SaliencyResize,
        (true, false) => SavedStageForm.SaliencyResizeToImage,
    };

    // Whatever the mask says of its classes, the resized one does too.
    public override IEnumerable<StageOutput> OutputsOf(DataViewSchema? input) =>
    [
        new(Output, IsSaliency ? StageValue.Saliency : StageValue.Labels, null, input?.GetColumnOrNull(Input)?.Annotations),
        new(Height, StageValue.Height),
        new(Width, StageValue.Width),
    ];

    protected override void Make(StageInput input, StageResult result)
    {
        (result.Width, result.Height) = (Size ?? ImageSize) is var (height, width) ? (width, height) : input.PictureSize;
        if (IsSaliency)
        {
            input.CheckLength(input.Saliency.Length);
            result.Saliency = NearestResampler.Resize<float>(input.Saliency, input.Width, input.Height, result.Width, result.Height);
        }
        else
        {
            result.Labels = input.Mask().Resize(result.Width, result.Height).Labels;
        }
    }
}
