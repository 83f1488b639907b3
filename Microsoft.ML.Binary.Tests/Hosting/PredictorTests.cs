using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Pipeline;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Hosting;

[TestClass]
public class PredictorTests
{
    [TestMethod]
    public void PredictorsGiveWhatTransformersGive()
    {
        using TestImages images = new((37, 26));
        RgbImage image = RgbImage.Load(images.ImagePath(0));
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImages(images.Images);
        SegmentationTransformer segmentation = ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation(), new() { ScoreColumnName = "Score" });
        SaliencyTransformer saliency = ml.Saliency.FromNetwork(PipelineNetworks.Saliency());

        SegmentationPredictor segmenter = new(segmentation.Network);
        ScoreTensor map = new SaliencyPredictor(saliency.Network).Predict(image);

        IDataView segmented = segmentation.Transform(data);
        CollectionAssert.AreEqual(segmented.Vectors<byte>("PredictedLabel")[0], segmenter.Predict(image).Labels);
        CollectionAssert.AreEqual(segmented.Vectors<float>("Score")[0], segmenter.PredictScores(image).Values.ToArray());
        CollectionAssert.AreEqual(saliency.Transform(data).Vectors<float>("Saliency")[0], map.Values.ToArray());
    }

    [TestMethod]
    public void AnyFormOfAnImageGivesTheSame()
    {
        using TestImages images = new((37, 26));
        RgbImage image = RgbImage.Load(images.ImagePath(0));
        SegmentationPredictor segmenter = new(PipelineNetworks.Segmentation());
        SaliencyPredictor finder = new(PipelineNetworks.Saliency());
        using MLImage mlImage = image.ToMLImage();
        using FileStream first = File.OpenRead(images.ImagePath(0)), second = File.OpenRead(images.ImagePath(0));

        CollectionAssert.AreEqual(segmenter.Predict(image).Labels, segmenter.Predict(mlImage).Labels);
        CollectionAssert.AreEqual(segmenter.Predict(image).Labels, segmenter.Predict(first).Labels);
        CollectionAssert.AreEqual(finder.Predict(image).Values.ToArray(), finder.Predict(mlImage).Values.ToArray());
        CollectionAssert.AreEqual(finder.Predict(image).Values.ToArray(), finder.Predict(second).Values.ToArray());
        Assert.AreEqual(37, mlImage.Width, "the image is still usable");
    }

    [TestMethod]
    public void ADisposedPredictorSaysSo()
    {
        RgbImage image = PipelineNetworks.Image(9, 7);
        SegmentationPredictor segmenter = new(PipelineNetworks.Segmentation());
        SaliencyPredictor finder = new(PipelineNetworks.Saliency(), new InferenceOptions { Threads = 1, PlanCacheBytes = 0 });
        segmenter.Predict(image);
        finder.Predict(image);
        segmenter.Dispose();
        finder.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => segmenter.Predict(image));
        Assert.ThrowsExactly<ObjectDisposedException>(() => finder.Predict(image));
    }

    [TestMethod]
    public void MoreProbabilitiesThanAnArrayHoldsAreRefusedWithTheSize()
    {
        const int Side = 2902;
        DenseNetwork network = PipelineNetworks.Segmentation(classes: DenseNetwork.MaxClasses);
        using SegmentationPredictor predictor = new(network);
        foreach (Action predict in new Action[] { () => predictor.PredictScores(new RgbImage(Side, Side)), () => new DensePrediction().Outputs(network.Heads, (Side, Side), [DenseValues.Scores]) })
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(predict).Message, $"{Side}x{Side} pixels; with 255 values each");
        }
    }

    [TestMethod]
    public void TensorIsRowsColumnsClasses()
    {
        RgbImage image = PipelineNetworks.Image(9, 7);
        ScoreTensor scores = new SegmentationPredictor(PipelineNetworks.Segmentation()).PredictScores(image);
        ScoreTensor saliency = new SaliencyPredictor(PipelineNetworks.Saliency()).Predict(image);

        CollectionAssert.AreEqual(new nint[] { 7, 9, 3 }, scores.AsTensorSpan().Lengths.ToArray());
        Assert.AreEqual(scores.Values[((2 * 9) + 4) * 3 + 1], scores.AsTensorSpan()[2, 4, 1]);
        Assert.AreEqual((byte)MathF.Round(255 * saliency.AsTensorSpan()[2, 4, 0], MidpointRounding.AwayFromZero), saliency.ToMask()[4, 2]);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => scores.ToMask()).Message, "3 classes");
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void ServicesAreSingletonsThatManyCallersShare(bool asZip)
    {
        using TemporaryFolder folder = new();
        string segmentation = folder.File("segmentation"), saliency = folder.File("saliency");
        MLContext ml = new(1);
        if (asZip)
        {
            ml.Model.Save(ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation()), null, segmentation);
            ml.Model.Save(ml.Saliency.FromNetwork(PipelineNetworks.Saliency()), null, saliency);
        }
        else
        {
            PipelineNetworks.Segmentation().Save(segmentation);
            PipelineNetworks.Saliency().Save(saliency);
        }

        using ServiceProvider services = new ServiceCollection()
            .AddBinarySegmentation(segmentation, threads: 2)
            .AddBinarySaliency(saliency, threads: 1)
            .BuildServiceProvider();
        SegmentationPredictor segmenter = services.GetRequiredService<SegmentationPredictor>();
        Assert.AreSame(segmenter, services.GetRequiredService<SegmentationPredictor>());
        SaliencyPredictor finder = services.GetRequiredService<SaliencyPredictor>();

        RgbImage[] images = [.. Enumerable.Range(0, 6).Select(i => PipelineNetworks.Image(20 + 7 * (i % 3), 30 + i, i))];
        byte[][] labels = [.. images.Select(image => segmenter.Predict(image).Labels)];
        float[][] maps = [.. images.Select(image => finder.Predict(image).Values.ToArray())];
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
        {
            int index = i % images.Length;
            using MLImage image = images[index].ToMLImage();
            CollectionAssert.AreEqual(labels[index], segmenter.Predict(image).Labels);
            CollectionAssert.AreEqual(maps[index], finder.Predict(image).Values.ToArray());
        });
    }

    [TestMethod]
    public void SeveralModelsHaveKeys()
    {
        using TemporaryFolder folder = new();
        PipelineNetworks.Segmentation(classes: 3).Save(folder.File("three"));
        PipelineNetworks.Segmentation(classes: 5).Save(folder.File("five"));

        using ServiceProvider services = new ServiceCollection()
            .AddBinarySegmentation(folder.File("three"))
            .AddBinarySegmentation(folder.File("five"), serviceKey: "five")
            .BuildServiceProvider();

        Assert.HasCount(3, services.GetRequiredService<SegmentationPredictor>().Network.ClassNames);
        Assert.HasCount(5, services.GetRequiredKeyedService<SegmentationPredictor>("five").Network.ClassNames);
    }

    [TestMethod]
    public void UnusableModelsAreNamed()
    {
        using TemporaryFolder folder = new();
        string saliency = folder.File("saliency"), garbage = folder.File("garbage");
        PipelineNetworks.Saliency().Save(saliency);
        File.WriteAllText(garbage, "neither zip nor network");
        ServiceCollection services = new();

        StringAssert.Contains(
            Assert.ThrowsExactly<FileNotFoundException>(() => services.AddBinarySegmentation(folder.File("missing.zip"))).Message, "missing.zip");
        Assert.ThrowsExactly<ArgumentException>(() => services.AddBinarySaliency(""));
        using ServiceProvider wrongTask = new ServiceCollection().AddBinarySegmentation(saliency).BuildServiceProvider();
        string message = Assert.ThrowsExactly<NetworkFileException>(() => wrongTask.GetRequiredService<SegmentationPredictor>()).Message;
        StringAssert.Contains(message, saliency);
        StringAssert.Contains(message, "network for Saliency, and one for Segmentation is needed");
        using ServiceProvider damaged = new ServiceCollection().AddBinarySaliency(garbage).BuildServiceProvider();
        StringAssert.Contains(Assert.ThrowsExactly<NetworkFileException>(() => damaged.GetRequiredService<SaliencyPredictor>()).Message, garbage);
    }
}
