using System.Reflection;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Binary;

/// <summary>A form in which a scoring is saved: of a task, with or without probabilities, from images of any size or from pixels of a known one.</summary>
/// <param name="Task">The task.</param>
/// <param name="HasScores">Whether class probabilities are among the columns.</param>
/// <param name="IsOfPixels">Whether the size of images is known.</param>
/// <param name="Mapping">Makes the mapping, under its contract name.</param>
internal sealed record SavedContract(DenseTask Task, bool HasScores, bool IsOfPixels, Func<MLContext, IEstimator<ITransformer>> Mapping)
{
    private static readonly SavedContract[] All =
    [
        Row(DenseTask.Segmentation, false, new SavedSegmentationFactory()),
        Row(DenseTask.Segmentation, false, new SavedSegmentationOfPixelsFactory()),
        Row(DenseTask.Segmentation, true, new SavedSegmentationWithScoresFactory()),
        Row(DenseTask.Segmentation, true, new SavedSegmentationWithScoresOfPixelsFactory()),
        Row(DenseTask.Saliency, false, new SavedSaliencyFactory()),
        Row(DenseTask.Saliency, false, new SavedSaliencyOfPixelsFactory()),
    ];

    public static SavedContract Of(ScoringMap map) => All.Single(row =>
        row.Task == map.Network.Task && row.HasScores == map.Columns.Any(column => column.Value == ScoredValue.Scores) && row.IsOfPixels == map.ImageSize is not null);

    private static SavedContract Row<TInput, TOutput>(DenseTask task, bool hasScores, SavedFactory<TInput, TOutput> factory)
        where TInput : SavedInput, new()
        where TOutput : class, new() =>
        new(task, hasScores, typeof(TInput) == typeof(SavedPixelInput), factory.Mapping);
}

/// <summary>
/// What makes the mappings of a saved model. ML.NET makes the factories of a model when it loads it, in a process that may have touched nothing else of
/// ours, and looks at the columns of the mappings, one of which is an image, later: so they are where images of any size get their column type.
/// </summary>
internal abstract class SavedFactory<TInput, TOutput> : CustomMappingFactory<TInput, TOutput>
    where TInput : class, new()
    where TOutput : class, new()
{
    private readonly Func<Action<TInput, TOutput>> _mapping;

    private protected SavedFactory(Func<Action<TInput, TOutput>> mapping)
    {
        ImageColumn.EnsureRegistered();
        _mapping = mapping;
    }

    public override Action<TInput, TOutput> GetMapping() => _mapping();

    /// <summary>The mapping as a stage, under the contract name of the factory.</summary>
    public IEstimator<ITransformer> Mapping(MLContext context) =>
        context.Transforms.CustomMapping(GetMapping(), GetType().GetCustomAttribute<CustomMappingFactoryAttributeAttribute>()!.ContractName);
}

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Key.1")]
internal sealed class SavedKeyFactory() : SavedFactory<SavedNothing, SavedKey>(() => (_, key) => key.Key = SavedKey.Network);

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Segmentation.1")]
internal sealed class SavedSegmentationFactory() : SavedFactory<SavedImageInput, SavedSegmentation>(() => new SavedScoring().Segment);

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.SegmentationWithScores.1")]
internal sealed class SavedSegmentationWithScoresFactory() : SavedFactory<SavedImageInput, SavedSegmentationWithScores>(() => new SavedScoring().SegmentWithScores);

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.Saliency.1")]
internal sealed class SavedSaliencyFactory() : SavedFactory<SavedImageInput, SavedSaliency>(() => new SavedScoring().FindSalient);

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.SegmentationOfPixels.1")]
internal sealed class SavedSegmentationOfPixelsFactory() : SavedFactory<SavedPixelInput, SavedSegmentation>(() => new SavedScoring().Segment);

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.SegmentationWithScoresOfPixels.1")]
internal sealed class SavedSegmentationWithScoresOfPixelsFactory()
    : SavedFactory<SavedPixelInput, SavedSegmentationWithScores>(() => new SavedScoring().SegmentWithScores);

[CustomMappingFactoryAttribute("Microsoft.ML.Binary.SaliencyOfPixels.1")]
internal sealed class SavedSaliencyOfPixelsFactory() : SavedFactory<SavedPixelInput, SavedSaliency>(() => new SavedScoring().FindSalient);
