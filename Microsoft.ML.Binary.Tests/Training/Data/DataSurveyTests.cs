using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Data;

namespace Microsoft.ML.Binary.Tests.Training.Data;

[TestClass]
public sealed class DataSurveyTests
{
    private const byte Ignore = 255;

    [TestMethod]
    public void AMaskOfAnotherSizeIsNamed()
    {
        TrainingSample sample = new("street 7", new RgbImage(4, 3), new byte[11]);
        foreach (DenseTask task in Enum.GetValues<DenseTask>())
        {
            string message = Assert.ThrowsExactly<InvalidDataException>(() => new DataSurvey(TrainingTask.For(task), 2).Inspect(sample)).Message;
            StringAssert.Contains(message, "street 7: the mask has 11 pixels and the image 4x3 = 12");
        }
    }

    [TestMethod]
    public void AnUnknownLabelIsNamedWithItsPixel()
    {
        byte[] mask = new byte[12];
        (mask[6], mask[9], mask[11]) = (7, 7, Ignore);
        string message = Assert.ThrowsExactly<InvalidDataException>(
            () => new DataSurvey(new SegmentationTask(), 3).Inspect(new("street 7", new RgbImage(4, 3), mask))).Message;
        StringAssert.Contains(message, "street 7: the mask's pixel (2, 1) is 7; labels are class indices 0..2, or 255");
    }

    [TestMethod]
    public void SaliencyTakesEveryGrayValue() =>
        new DataSurvey(new SaliencyTask(), 1).Inspect(new("a", new RgbImage(16, 16), [.. Enumerable.Range(0, 256).Select(i => (byte)i)]));

    [TestMethod]
    public void WeightsAreSoftenedMedianFrequencies()
    {
        DataSurvey survey = new(new SegmentationTask(), 5);
        survey.Inspect(Masked(80, 20, 0, 0, ignored: 100));
        survey.Inspect(Masked(95, 0, 5, 0, ignored: 0));

        // Shares of the images a class occurs in: 175 of 200, 20 of 100, 5 of 100; the median is 0.2. Class 3 does not occur, nor does 4.
        float[] weights = survey.MedianFrequencyWeights();
        float[] expected = [(float)Math.Sqrt(0.2 / 0.875), 1, 2, 1, 1];
        for (int c = 0; c < expected.Length; c++)
        {
            Assert.AreEqual(expected[c], weights[c], 1e-6, $"class {c}");
        }
    }

    [TestMethod]
    public void ARareClassWeighsAtMostFour()
    {
        DataSurvey survey = new(new SegmentationTask(), 3);
        survey.Inspect(Masked(5000, 5000, 1, 0, ignored: 0));
        Assert.AreEqual(4, survey.MedianFrequencyWeights()[2]);
    }

    [TestMethod]
    public void AnIgnoredClassCountsForNothing()
    {
        DataSurvey survey = new(new SegmentationTask { IgnoreLabel = 0 }, 3);
        survey.Inspect(Masked(1000, 30, 10, 0, ignored: 0));
        float[] weights = survey.MedianFrequencyWeights();
        Assert.AreEqual(1, weights[0]);
        Assert.AreEqual((float)Math.Sqrt(3), weights[2], 1e-6, "10 of 40 beside the median of 30 of 40");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void DataThatIsIgnoredAltogetherIsAnError(bool ownWeights)
    {
        SegmentationTask task = new() { ClassWeights = ownWeights ? [1, 1, 1] : null };
        string message = Assert.ThrowsExactly<InvalidDataException>(() => DenseTrainer.Train(
            TinyTask.Graph(), task, () => [Masked(0, 0, 0, 0, ignored: 50)], TinyTask.Options())).Message;
        StringAssert.Contains(message, "ignored label 255");
    }

    [TestMethod]
    public void ChangedLabelsOfALaterPassAreNamed()
    {
        int pass = 0;
        string message = Assert.ThrowsExactly<InvalidDataException>(() => DenseTrainer.Train(
            TinyTask.Graph(), DenseTask.Segmentation, Read, TinyTask.Options() with { CacheBytes = TinyTask.BytesOf(2) })).Message;
        StringAssert.Contains(message, "scene 3: the mask's pixel (0, 0) is 9");

        IEnumerable<TrainingSample> Read()
        {
            pass++;
            foreach (TrainingSample sample in TinyTask.Scenes(5))
            {
                sample.Mask[0] = (byte)(pass == 3 && sample.Name == "scene 3" ? 9 : sample.Mask[0]);
                yield return sample;
            }
        }
    }

    /// <summary>Of a streamed set, what comes first is read again before training starts.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(100)]
    public void EverySampleCountsOnce(int cached)
    {
        // Half of all pixels are ignored if the first sample counts once, and more than half if it counts twice.
        TrainingSample[] samples = [Masked(10, 0, 20, 0, ignored: 60), Masked(5, 25, 30, 0, ignored: 30)];
        ImmutableArray<TrainedHead> heads = TrainedHead.Single(TinyTask.Graph(), new SegmentationTask());
        TaskSurveys surveys = new(heads);
        using SampleStream stream = new(() => surveys.Read(samples, default, default), cached * 4L * 90, 1);

        DataSurvey once = new(new SegmentationTask(), TinyTask.Classes);
        Array.ForEach(samples, once.Inspect);
        CollectionAssert.AreEqual(once.MedianFrequencyWeights(), surveys.Of(heads[0]).MedianFrequencyWeights());
        List<string> expected = [], warnings = [];
        once.Judge(expected.Add);
        surveys.Judge(warnings.Add, forTraining: true);
        CollectionAssert.AreEqual(expected, warnings);
    }

    private static TrainingSample Masked(int zeros, int ones, int twos, int threes, int ignored)
    {
        byte[] mask = [
            .. Enumerable.Repeat((byte)0, zeros), .. Enumerable.Repeat((byte)1, ones), .. Enumerable.Repeat((byte)2, twos),
            .. Enumerable.Repeat((byte)3, threes), .. Enumerable.Repeat(Ignore, ignored)];
        return new("masked", new RgbImage(mask.Length, 1), mask);
    }
}
