using Microsoft.ML.Transforms;

namespace Microsoft.ML.Binary;

// ML.NET makes the factories of a model when it loads it, in a process that may have touched nothing else of ours, and looks at the columns
// of the mappings, one of which is an image, later: so they are where images of any size get their column type.

[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedKeyFactory : CustomMappingFactory<SavedNothing, SavedKey>
{
    public const string Contract = "Microsoft.ML.Binary.Key.1";

    public SavedKeyFactory() => ImageColumn.EnsureRegistered();

    public override Action<SavedNothing, SavedKey> GetMapping() => (_, key) => key.Key = SavedKey.Network;
}

[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedSegmentationFactory : CustomMappingFactory<SavedImageInput, SavedSegmentation>
{
    public const string Contract = "Microsoft.ML.Binary.Segmentation.1";

    public SavedSegmentationFactory() => ImageColumn.EnsureRegistered();

    public override Action<SavedImageInput, SavedSegmentation> GetMapping() => new SavedScoring().Segment;
}

[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedSegmentationWithScoresFactory : CustomMappingFactory<SavedImageInput, SavedSegmentationWithScores>
{
    public const string Contract = "Microsoft.ML.Binary.SegmentationWithScores.1";

    public SavedSegmentationWithScoresFactory() => ImageColumn.EnsureRegistered();

    public override Action<SavedImageInput, SavedSegmentationWithScores> GetMapping() => new SavedScoring().SegmentWithScores;
}

[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedSaliencyFactory : CustomMappingFactory<SavedImageInput, SavedSaliency>
{
    public const string Contract = "Microsoft.ML.Binary.Saliency.1";

    public SavedSaliencyFactory() => ImageColumn.EnsureRegistered();

    public override Action<SavedImageInput, SavedSaliency> GetMapping() => new SavedScoring().FindSalient;
}

[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedSegmentationOfPixelsFactory : CustomMappingFactory<SavedPixelInput, SavedSegmentation>
{
    public const string Contract = "Microsoft.ML.Binary.SegmentationOfPixels.1";

    public SavedSegmentationOfPixelsFactory() => ImageColumn.EnsureRegistered();

    public override Action<SavedPixelInput, SavedSegmentation> GetMapping() => new SavedScoring().Segment;
}

[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedSegmentationWithScoresOfPixelsFactory : CustomMappingFactory<SavedPixelInput, SavedSegmentationWithScores>
{
    public const string Contract = "Microsoft.ML.Binary.SegmentationWithScoresOfPixels.1";

    public SavedSegmentationWithScoresOfPixelsFactory() => ImageColumn.EnsureRegistered();

    public override Action<SavedPixelInput, SavedSegmentationWithScores> GetMapping() => new SavedScoring().SegmentWithScores;
}

[CustomMappingFactoryAttribute(Contract)]
internal sealed class SavedSaliencyOfPixelsFactory : CustomMappingFactory<SavedPixelInput, SavedSaliency>
{
    public const string Contract = "Microsoft.ML.Binary.SaliencyOfPixels.1";

    public SavedSaliencyOfPixelsFactory() => ImageColumn.EnsureRegistered();

    public override Action<SavedPixelInput, SavedSaliency> GetMapping() => new SavedScoring().FindSalient;
}
