using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public sealed class PipelineFineTuningTests
{
    private static readonly SegmentationTrainerOptions FewSteps = new()
    {
        InitialNetwork = PipelineNetworks.Segmentation(classes: 3).Freeze(),
        Steps = 2,
        BatchSize = 2,
        CropHeight = 32,
        CropWidth = 32,
        Seed = 1,
    };

    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void AModelStartsFromANetworkAndKeepsItsClasses()
    {
        using TestImages images = new((40, 32), (33, 47));
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        SegmentationTransformer model = _ml.Segmentation.Trainers.BinaryDenseNet(FewSteps).Fit(data);
        DenseNetwork source = FewSteps.InitialNetwork!;
        CollectionAssert.AreEqual(source.ClassNames.ToArray(), model.Network.ClassNames.ToArray());
        CollectionAssert.AreEqual(source.Palette.ToArray(), model.Network.Palette.ToArray());
        CollectionAssert.AreEqual(source.Graph.Nodes.Select(n => n.Name).ToArray(), model.Network.Graph.Nodes.Select(n => n.Name).ToArray());
        Assert.AreEqual("fine-tuned", model.Network.Provenance["network"]);

        // Two steps turn few signs; from random weights about half would differ.
        Assert.IsGreaterThan(0.9, SameSigns(source.Graph, model.Network.Graph));
        Assert.IsLessThan(0.6, SameSigns(
            _ml.Segmentation.Trainers.BinaryDenseNet(FewSteps with { InitialNetwork = null, NumberOfClasses = 3, Network = TrainerTests.Tiny with { Seed = 9 } }).Fit(data).Network.Graph,
            model.Network.Graph));
    }

    [TestMethod]
    public void ClassesAndTaskMayBeOthers()
    {
        using TestImages images = new((40, 32), (33, 47));
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        DenseNetwork five = _ml.Segmentation.Trainers.BinaryDenseNet(FewSteps with { ClassNames = ["a", "class 1", "b", "c", "d"] }).Fit(data).Network;
        CollectionAssert.AreEqual(new[] { "a", "class 1", "b", "c", "d" }, five.ClassNames.ToArray());
        DenseNetwork counted = _ml.Segmentation.Trainers.BinaryDenseNet(FewSteps with { NumberOfClasses = 4, Palette = Palette.Default }).Fit(data).Network;
        CollectionAssert.AreEqual(new[] { "0", "1", "2", "3" }, counted.ClassNames.ToArray());

        DenseNetwork saliency = _ml.Saliency.Trainers.BinaryDenseNet(new SaliencyTrainerOptions
        {
            InitialNetwork = five,
            Steps = 1,
            BatchSize = 2,
            CropHeight = 32,
            CropWidth = 32,
        }).Fit(_ml.Data.LoadImagePairs(images.Images, images.Objects, MaskKind.Saliency)).Network;
        Assert.AreEqual(DenseTask.Saliency, saliency.Task);
        Assert.IsGreaterThan(0.9, SameSigns(five.Graph, saliency.Graph));
    }

    [TestMethod]
    public void WhatContradictsTheNetworkIsRefused()
    {
        using TestImages images = new((40, 32));
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        foreach (SegmentationTrainerOptions options in new[]
        {
            FewSteps with { Preset = NetworkPreset.Tiny }, FewSteps with { Preset = NetworkPreset.Small },
            FewSteps with { Precision = Precision.Float }, FewSteps with { Precision = Precision.Binary }, FewSteps with { Network = TrainerTests.Tiny },
        })
        {
            StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentException>(() => _ml.Segmentation.Trainers.BinaryDenseNet(options).Fit(data)).Message, "InitialNetwork has its own");
        }

        SegmentationTrainerOptions nameless = FewSteps with { InitialNetwork = PipelineNetworks.Saliency() };
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => _ml.Segmentation.Trainers.BinaryDenseNet(nameless)).Message, "Say what classes there are");
    }

    private static double SameSigns(DenseGraph a, DenseGraph b)
    {
        (PackedBinaryConvolution, PackedBinaryConvolution)[] pairs = [.. a.Nodes.OfType<PackedBinaryConvolution>().Zip(b.Nodes.OfType<PackedBinaryConvolution>())];
        long different = 0, all = 0;
        foreach ((PackedBinaryConvolution first, PackedBinaryConvolution second) in pairs)
        {
            all += first.Weight.Count;
            for (int i = 0; i < first.Weight.Bits.Length; i++)
            {
                different += byte.PopCount((byte)(first.Weight.Bits[i] ^ second.Weight.Bits[i]));
            }
        }

        return 1 - different / (double)all;
    }
}
