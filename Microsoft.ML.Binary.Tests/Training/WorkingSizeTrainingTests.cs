using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Data;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class WorkingSizeTrainingTests
{
    [TestMethod]
    [DataRow(DenseTask.Segmentation)]
    [DataRow(DenseTask.Saliency)]
    public void TrainingOnEnlargedImagesIsTrainingOnTheImages(DenseTask task)
    {
        // Each pixel three times along both axes: averages and votes give the images back exactly.
        DenseGraph graph = TinyTask.Graph(outputs: task == DenseTask.Segmentation ? TinyTask.Classes : 1);
        TrainingSample[] samples = [.. TinyTask.Samples(task)];
        TrainingOptions options = TinyTask.Options(4) with { WorkingSize = WorkingSize.Of(TinyTask.Width) };
        int[] expected = TinyTask.Bits(DenseTrainer.Train(graph, task, () => samples, options).Graph);
        int[] actual = TinyTask.Bits(DenseTrainer.Train(graph, task, () => samples.Select(sample => Enlarged(sample, 3)), options).Graph);
        CollectionAssert.AreEqual(expected, actual);
    }

    /// <summary>The images are 44x36, and enlarged by 1.6 at most.</summary>
    [TestMethod]
    [DataRow(0, 70, 57, null)]
    [DataRow(0, 96, 57, "Crops of 96x57 are larger than the images, of which none is wider than 44 or higher than 36 pixels, enlarged by at most 1.6: 26.7 % or more of every crop shows nothing.")]
    [DataRow(0, 32, 64, "Crops of 32x64 are larger than the images")]
    [DataRow(22, 32, 28, null)]
    [DataRow(22, 32, 32, "none is wider than 22 or higher than 18 pixels")]
    public void CropsThatNoImageFillsAreWarnedOf(int size, int width, int height, string? warning)
    {
        List<string> warnings = [];
        TinyTask.Train(TinyTask.Options(1) with { WorkingSize = size == 0 ? WorkingSize.Own : WorkingSize.Of(size), CropWidth = width, CropHeight = height, OnWarning = warnings.Add });
        Assert.HasCount(warning is null ? 0 : 1, warnings);
        StringAssert.Contains(string.Concat(warnings), warning ?? "");
    }

    [TestMethod]
    public void TrainingAtAnExposureIsTrainingOnTheCorrectedImages()
    {
        DenseGraph graph = TinyTask.Graph();
        ImageExposure exposure = ImageExposure.Of(60);
        TrainingSample[] samples = [.. TinyTask.Scenes(5)], corrected = [.. samples.Select(sample => sample with { Image = sample.Image.WithMean(60) })];
        int[] as60 = TinyTask.Bits(DenseTrainer.Train(graph, DenseTask.Segmentation, () => samples, TinyTask.Options(4) with { Exposure = exposure }).Graph);
        CollectionAssert.AreEqual(TinyTask.Bits(DenseTrainer.Train(graph, DenseTask.Segmentation, () => corrected, TinyTask.Options(4)).Graph), as60);
        CollectionAssert.AreNotEqual(TinyTask.Bits(DenseTrainer.Train(graph, DenseTask.Segmentation, () => samples, TinyTask.Options(4)).Graph), as60);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => DenseTrainer.TrainTasks(
                new DenseNetwork(graph, DenseTask.Segmentation, [.. Enumerable.Range(0, TinyTask.Classes).Select(i => $"{i}")], exposure: exposure),
                [new LearnedTask("segmentation", new SegmentationTask())], () => samples, TinyTask.Options(4))).Message,
            "at an exposure of 60, and the options train it at as-is");
        CollectionAssert.AreEqual(TinyTask.Scene(0).Image.Pixels, samples[0].Image.Pixels, "the sample that was given stays");
    }

    /// <summary>Resized, dark and bright pixels are gray: the curve of that is another one than that of the image itself, which inference takes.</summary>
    [TestMethod]
    public void TheExposureIsThatOfTheImageAsItWasHandedIn()
    {
        const int Side = 64;
        TrainingSample sample = new("a", new(Side, Side, [.. Enumerable.Range(0, 3 * Side * Side).Select(i => (byte)(i / 3 % 2 == 0 ? 20 : 220))]), new byte[Side * Side]);
        RgbImage resized = sample.At(WorkingSize.Of(Side / 2), new SegmentationTask()).Image;
        ExposureCurve curve = ExposureCurve.For(sample.Image, 90)!;
        Assert.AreNotEqual(ExposureCurve.For(resized, 90)!.Gain, curve.Gain);
        TaskSurveys surveys = new([new("classes", new SegmentationTask(), 0, TinyTask.Classes, 1, 0, OwnsMask: true)]);
        CollectionAssert.AreEqual(
            resized.Pixels.Select(value => curve[value]).ToArray(), surveys.Read([sample], WorkingSize.Of(Side / 2), ImageExposure.Of(90)).Single().Image.Pixels);
    }

    [TestMethod]
    public void ASetThatFitsTheCacheOnceItIsReducedIsReadOnce()
    {
        int passes = 0;
        TrainingOptions options = TinyTask.Options(8) with { CacheBytes = TinyTask.BytesOf(4), WorkingSize = WorkingSize.Of(TinyTask.Width) };
        DenseTrainer.Train(TinyTask.Graph(), DenseTask.Segmentation, Read, options);
        Assert.AreEqual(1, passes);
        DenseTrainer.Train(TinyTask.Graph(), DenseTask.Segmentation, Read, options with { WorkingSize = WorkingSize.Own });
        Assert.IsGreaterThan(2, passes, "at their own size they do not fit");

        IEnumerable<TrainingSample> Read()
        {
            passes++;
            return TinyTask.Scenes(4).Select(sample => Enlarged(sample, 2));
        }
    }

    [TestMethod]
    public void ALabelOutOfRangeIsFoundWhereAVoteWouldHideIt()
    {
        TrainingSample large = Enlarged(TinyTask.Scene(1), 4);
        large.Mask[5 * large.Image.Width + 7] = 77;
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => DenseTrainer.Train(
                TinyTask.Graph(), DenseTask.Segmentation, () => [large], TinyTask.Options() with { WorkingSize = WorkingSize.Of(TinyTask.Width) })).Message,
            "pixel (7, 5) is 77");
    }

    [TestMethod]
    public void AnImageThatWasDecodedSmallerKeepsItsMask()
    {
        TrainingSample large = Enlarged(TinyTask.Scene(1), 8), half = Enlarged(TinyTask.Scene(1), 2);
        TrainingSample sample = (large with { Image = half.Image, FullSize = (large.Image.Width, large.Image.Height) }).At(WorkingSize.Of(TinyTask.Width), new SegmentationTask());
        CollectionAssert.AreEqual(TinyTask.Scene(1).Image.Pixels, sample.Image.Pixels);
        CollectionAssert.AreEqual(TinyTask.Scene(1).Mask, sample.Mask);
    }

    [TestMethod]
    public void MasksOfAllTasksFollowAnImageThatWasDecodedSmaller()
    {
        TrainingSample small = TinyTask.Scene(1), whole = Enlarged(small, 4) with { MoreMasks = [Enlarged(TinyTask.Object(1), 4).Mask] };
        TrainingSample reduced = whole with { Image = Enlarged(small, 2).Image, FullSize = (whole.Image.Width, whole.Image.Height) };
        TrainingSample seen = Surveys().Read([reduced], WorkingSize.Of(TinyTask.Width), default).Single();
        CollectionAssert.AreEqual(small.Image.Pixels, seen.Image.Pixels);
        CollectionAssert.AreEqual(small.Mask, seen.Mask);
        CollectionAssert.AreEqual(TinyTask.Object(1).Mask, seen.MoreMasks.Single());
        Assert.IsNull(seen.FullSize);

        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Surveys().Read([reduced with { MoreMasks = [small.Mask] }], WorkingSize.Of(TinyTask.Width), default).Single()).Message,
            $"scene 1, mask of 'object': the mask has {small.Mask.Length} pixels and the image {whole.Image.Width}x{whole.Image.Height}");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => reduced.At(WorkingSize.Of(TinyTask.Width), new SegmentationTask())).Message,
            "scene 1: it has 2 masks, and a task says what the values of one mean; leave MoreMasks out");

        static TaskSurveys Surveys() => new(
            [new("classes", new SegmentationTask(), 0, TinyTask.Classes, 1, 0, OwnsMask: true), new("object", new SaliencyTask(), 0, 1, 1, 1, OwnsMask: true)]);
    }

    [TestMethod]
    public void TheMedianLongestSideIsProposed()
    {
        SizeProposal proposal = SizeSurvey.Propose([(100, 30), (30, 200), (10, 10), (300, 300)]);
        Assert.AreEqual((WorkingSize.Of(100), 10, 100, 300), (proposal.Size, proposal.Shortest, proposal.Median, proposal.Longest));
        StringAssert.Contains(proposal.ToString(), "10 to 300, in the median 100");
    }

    [TestMethod]
    public void LargeImagesAreNotTakenLarge()
    {
        SizeProposal proposal = SizeSurvey.Propose(Enumerable.Repeat((4000, 3000), 5));
        Assert.AreEqual(WorkingSize.Of(480), proposal.Size);
        StringAssert.Contains(proposal.ToString(), "all 4000, and at most 480 is taken unasked");
    }

    [TestMethod]
    public void NoImagesProposeNothing() => Assert.ThrowsExactly<InvalidDataException>(() => SizeSurvey.Propose([]));

    private static TrainingSample Enlarged(TrainingSample sample, int factor)
    {
        RgbImage image = new(factor * sample.Image.Width, factor * sample.Image.Height);
        byte[] mask = new byte[image.Width * image.Height];
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                image[x, y] = sample.Image[x / factor, y / factor];
                mask[y * image.Width + x] = sample.Mask[y / factor * sample.Image.Width + x / factor];
            }
        }

        return new(sample.Name, image, mask);
    }
}
