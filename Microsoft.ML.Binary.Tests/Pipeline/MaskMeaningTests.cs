using Microsoft.ML.Binary.Tests.Cli;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Binary.Tests.Pipeline;

/// <summary>Masks that are meant otherwise than they are read, in ML.NET: refused, or a warning in the log and in the metrics.</summary>
[TestClass]
public sealed class MaskMeaningTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void ClassIndicesAsSaliency_AreRefused()
    {
        using Workplace place = new();
        IDataView data = _ml.Data.LoadImagePairs(place.Images, place.Masks, MaskKind.Saliency);
        StringAssert.Contains(Refused(() => _ml.Saliency.Evaluate(_ml.Saliency.FromNetwork(PipelineNetworks.Saliency()).Transform(data))), "MaskKind.ClassIndices");
        StringAssert.Contains(Refused(() => _ml.Saliency.Trainers.BinaryDenseNet(Tiny()).Fit(data)), "MaskKind.ClassIndices");
    }

    [TestMethod]
    public void BlackAndWhiteAsClasses_IsRefused()
    {
        using Workplace place = new();
        IDataView data = _ml.Data.LoadImagePairs(place.Images, place.Objects);
        StringAssert.Contains(
            Refused(() => _ml.Segmentation.Evaluate(_ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation(classes: 3)).Transform(data))), "MaskKind.Saliency");
        StringAssert.Contains(Refused(() => _ml.Segmentation.Trainers.BinaryDenseNet(TinyClasses("a", "b")).Fit(data)), "MaskKind.Saliency");
    }

    [TestMethod]
    public void MissingClass_IsInTheLogAndInTheMetrics()
    {
        using Workplace place = new();
        IDataView data = _ml.Data.LoadImagePairs(place.Images, place.Masks);
        List<string> log = [];
        _ml.Log += (_, message) =>
        {
            if (message.Kind == ChannelMessageKind.Warning)
            {
                log.Add(message.Message);
            }
        };
        SegmentationMetrics metrics = _ml.Segmentation.Evaluate(
            _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation(classes: 3)).Transform(data), classNames: ["a", "b", "c", "d"]);
        StringAssert.Contains(metrics.Warnings.Single(), "class 3 'd'");
        StringAssert.Contains(metrics.ToString(), "warning: No pixel");
        StringAssert.Contains(log.Single(), "class 3 'd'");
        log.Clear();
        _ml.Segmentation.Trainers.BinaryDenseNet(TinyClasses("a", "b", "c", "d")).Fit(data);
        StringAssert.Contains(log.Single(), "class 3 'd'");
    }

    [TestMethod]
    public void ValidationThatCannotBeMeasured_IsFoundBeforeTraining()
    {
        using Workplace place = new();
        IDataView data = _ml.Data.LoadImagePairs(place.Images, place.Masks), wrong = _ml.Data.LoadImagePairs(place.Images, place.Objects);
        int steps = 0;
        Refused(() => _ml.Segmentation.Trainers.BinaryDenseNet(
            TinyClasses("a", "b", "c") with { ValidationSet = wrong, MetricsCallback = _ => steps++ }).Fit(data));
        Assert.AreEqual(0, steps);
    }

    private static SaliencyTrainerOptions Tiny() => new() { Preset = NetworkPreset.Tiny, Steps = 1, BatchSize = 1, CropWidth = 32, CropHeight = 32 };

    private static SegmentationTrainerOptions TinyClasses(params string[] names) =>
        new() { ClassNames = [.. names], Preset = NetworkPreset.Tiny, Steps = 1, BatchSize = 1, CropWidth = 32, CropHeight = 32 };

    private static string Refused(Action action) => Assert.ThrowsExactly<InvalidDataException>(action).Message;
}
