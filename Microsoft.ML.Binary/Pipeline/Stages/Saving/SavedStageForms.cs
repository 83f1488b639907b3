using Microsoft.ML.Transforms;

namespace Microsoft.ML.Binary;

/// <summary>A form in which stages are saved: what columns the mapping inside reads and adds, and its contract name.</summary>
internal sealed class SavedStageForm
{
    public static readonly SavedStageForm ClassShares = Of(new ClassSharesFactory());
    public static readonly SavedStageForm Regions = Of(new RegionsFactory());
    public static readonly SavedStageForm LabelPicture = Of(new LabelPictureFactory());
    public static readonly SavedStageForm LabelPictureOfPixels = Of(new LabelPictureOfPixelsFactory());
    public static readonly SavedStageForm SaliencyPicture = Of(new SaliencyPictureFactory());
    public static readonly SavedStageForm SaliencyPictureOfPixels = Of(new SaliencyPictureOfPixelsFactory());
    public static readonly SavedStageForm LabelResize = Of(new LabelResizeFactory());
    public static readonly SavedStageForm LabelResizeToImage = Of(new LabelResizeToImageFactory());
    public static readonly SavedStageForm SaliencyResize = Of(new SaliencyResizeFactory());
    public static readonly SavedStageForm SaliencyResizeToImage = Of(new SaliencyResizeToImageFactory());

    private SavedStageForm(Func<MLContext, IEstimator<ITransformer>> mapping, bool isOfPixels, bool isOfImage) =>
        (Mapping, IsOfPixels, IsOfImage) = (mapping, isOfPixels, isOfImage);

    /// <summary>Makes the mapping, under its contract name.</summary>
    public Func<MLContext, IEstimator<ITransformer>> Mapping { get; }

    /// <summary>Whether it reads the pixels of images of known size.</summary>
    public bool IsOfPixels { get; }

    /// <summary>Whether it reads images of any size.</summary>
    public bool IsOfImage { get; }

    private static SavedStageForm Of<TInput, TOutput>(SavedStageFactory<TInput, TOutput> factory)
        where TInput : SavedStageInput, new()
        where TOutput : class, ISavedStageOutput, new() => new(
            factory.Mapping,
            typeof(TInput).GetProperty(nameof(SavedLabelsOfPixels.Pixels)) is not null,
            typeof(TInput).GetProperty(nameof(SavedLabelsOfImage.Image)) is not null);
}

/// <summary>Makes the mapping of a form: the stage that each row carries, which is read once, runs on the row.</summary>
internal abstract class SavedStageFactory<TInput, TOutput>() : SavedFactory<TInput, TOutput>(() => new Runner().Run)
    where TInput : SavedStageInput, new()
    where TOutput : class, ISavedStageOutput, new()
{
    private sealed class Runner
    {
        private volatile Read? _last;

        public void Run(TInput input, TOutput output)
        {
            byte[] bytes = [.. input.Stage.DenseValues()];
            Read? read = _last;
            if (read is null || !bytes.AsSpan().SequenceEqual(read.Bytes))
            {
                _last = read = new(bytes, SavedStage.Read(bytes));
            }

            input.Fill(read.Stage);
            read.Stage.Run(input.Values, input.Result);
            output.Take(input.Result);
        }
    }

    private sealed record Read(byte[] Bytes, MaskStage Stage);
}

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Stage.ClassShares.1")]
internal sealed class ClassSharesFactory : SavedStageFactory<SavedLabels, SavedShares>;

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Stage.Regions.1")]
internal sealed class RegionsFactory : SavedStageFactory<SavedSizedLabels, SavedRegions>;

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Stage.LabelPicture.1")]
internal sealed class LabelPictureFactory : SavedStageFactory<SavedLabelsOfImage, SavedPicture>;

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Stage.LabelPictureOfPixels.1")]
internal sealed class LabelPictureOfPixelsFactory : SavedStageFactory<SavedLabelsOfPixels, SavedPicture>;

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Stage.SaliencyPicture.1")]
internal sealed class SaliencyPictureFactory : SavedStageFactory<SavedSaliencyOfImage, SavedPicture>;

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Stage.SaliencyPictureOfPixels.1")]
internal sealed class SaliencyPictureOfPixelsFactory : SavedStageFactory<SavedSaliencyOfPixels, SavedPicture>;

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Stage.LabelResize.1")]
internal sealed class LabelResizeFactory : SavedStageFactory<SavedSizedLabels, SavedResizedLabels>;

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Stage.LabelResizeToImage.1")]
internal sealed class LabelResizeToImageFactory : SavedStageFactory<SavedLabelsOfImage, SavedResizedLabels>;

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Stage.SaliencyResize.1")]
internal sealed class SaliencyResizeFactory : SavedStageFactory<SavedSizedSaliency, SavedResizedSaliency>;

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Stage.SaliencyResizeToImage.1")]
internal sealed class SaliencyResizeToImageFactory : SavedStageFactory<SavedSaliencyOfImage, SavedResizedSaliency>;

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Stage.Key.1")]
internal sealed class SavedStageKeyFactory() : SavedFactory<SavedNothing, SavedStageKey>(() => (_, key) => key.Key = SavedStage.Row);
