using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Pipeline;
using Microsoft.ML.Binary.Tests.Pipeline.MultiTask;

namespace Microsoft.ML.Binary.Tests.Hosting;

/// <summary>Results and images smaller than what was sent.</summary>
[TestClass]
public sealed class ResultSizeTests
{
    private const int Width = 96, Height = 72;

    private static readonly RgbImage Image = PipelineNetworks.Image(Width, Height);

    public TestContext TestContext { get; set; } = null!;

    /// <summary>A network that sees images as they are sees all of one whose result is to be small.</summary>
    [TestMethod]
    public async Task ASmallerResult_IsTheWholeOneMadeSmaller()
    {
        foreach (ViewOptions views in new[] { ViewOptions.AsIs, ViewOptions.InTiles(new() { Side = 64, Halo = 16 }) })
        {
            using SegmentationPredictor segmenter = new(PipelineNetworks.Segmentation().WithWorkingSize(WorkingSize.Of(32)), new() { Threads = 0, Views = views });
            using SaliencyPredictor finder = new(PipelineNetworks.Saliency(), new() { Threads = 0, Views = views });
            using MultiTaskPredictor street = new(MultiTaskNetworks.Network(), new() { Threads = 0, Views = views });
            CollectionAssert.AreEqual(segmenter.Predict(Image).Resize(24, 18).Labels, (await Small(segmenter)).Labels);
            ScoreTensor map = await Small(finder);
            Assert.AreEqual((24, 18, 1), (map.Width, map.Height, map.Channels));
            CollectionAssert.AreEqual(Resized(finder.Predict(Image)), map.Values.ToArray());
            MultiTaskPrediction whole = street.Predict(Image), small = await Small(street);
            Assert.AreEqual((24, 18), (small.Width, small.Height));
            CollectionAssert.AreEqual(whole.Labels("classes").Resize(24, 18).Labels, small.Labels("classes").Labels);
            CollectionAssert.AreEqual(Resized(whole.Map("edges")), small.Map("edges").Values.ToArray());
        }

        static float[] Resized(ScoreTensor map) => NearestResampler.Resize(map.Values, map.Width, map.Height, 24, 18);

        Task<T> Small<T>(DensePredictor<T> predictor) => predictor.PredictAsync(HeldPrediction.Upload(Image), seen => seen.Result, longestSide: 24, cancellationToken: TestContext.CancellationToken);
    }

    /// <summary>One side of a thin picture is not made smaller by decoding, the other is.</summary>
    [TestMethod]
    [DataRow(1, 1000)]
    [DataRow(1000, 1)]
    public async Task AThinImage_HasAllItsPixels(int width, int height)
    {
        RgbImage thin = PipelineNetworks.Image(width, height);
        using SegmentationPredictor predictor = new(PipelineNetworks.Segmentation().WithWorkingSize(WorkingSize.Of(500)));
        byte[] pixels = await predictor.PredictAsync(HeldPrediction.Upload(thin), seen => seen.Image.Pixels, cancellationToken: TestContext.CancellationToken);
        CollectionAssert.AreEqual(thin.Pixels, pixels);
    }
}
