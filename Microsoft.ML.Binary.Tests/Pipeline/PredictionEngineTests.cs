using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public class PredictionEngineTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void ClassesOfThisPackageWork()
    {
        SegmentationTransformer segmentation = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation());
        SaliencyTransformer saliency = _ml.Saliency.FromNetwork(PipelineNetworks.Saliency());
        using var segmenter = _ml.Model.CreatePredictionEngine<ImageRow, SegmentationPrediction>(segmentation);
        using var finder = _ml.Model.CreatePredictionEngine<ImageRow, SaliencyPrediction>(saliency);
        foreach ((int width, int height) in (ReadOnlySpan<(int, int)>)[(20, 16), (33, 9), (20, 16)])
        {
            RgbImage image = PipelineNetworks.Image(width, height, width);
            using MLImage input = image.ToMLImage();

            SegmentationMask mask = segmenter.Predict(new ImageRow { Image = input }).ToMask();
            SaliencyMask map = finder.Predict(new ImageRow { Image = input }).ToMask();

            Assert.AreEqual((width, height), (mask.Width, mask.Height));
            IDataView data = _ml.Data.LoadFromEnumerable([new ImageRow { Image = input }]);
            CollectionAssert.AreEqual(segmentation.Transform(data).Vectors<byte>("PredictedLabel")[0], mask.Labels);
            CollectionAssert.AreEqual(
                SaliencyMask.FromProbabilities(width, height, saliency.Transform(data).Vectors<float>("Saliency")[0]).Values, map.Values);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ClassesOfTheUserWork(bool asLoadedModel)
    {
        using TestImages images = new();
        ITransformer model = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation(), PipelineNetworks.OwnNames);
        if (asLoadedModel)
        {
            _ml.Model.Save(model, null, images.File("model.zip"));
            model = _ml.Model.Load(images.File("model.zip"), out _);
        }

        RgbImage image = PipelineNetworks.Image(20, 16);
        using MLImage input = image.ToMLImage();
        using var arrays = _ml.Model.CreatePredictionEngine<Photo, Arrays>(model);
        using var buffers = _ml.Model.CreatePredictionEngine<Photo, Buffers>(model);

        Arrays prediction = arrays.Predict(new Photo { Photograph = input });
        Buffers same = buffers.Predict(new Photo { Photograph = input });

        Assert.AreEqual((16, 20), (prediction.Rows, prediction.Columns));
        Assert.HasCount(3 * 16 * 20, prediction.Probabilities);
        CollectionAssert.AreEqual(prediction.Classes, same.Classes.DenseValues().ToArray());
        CollectionAssert.AreEqual(prediction.Probabilities, same.Probabilities.DenseValues().ToArray());
        for (int i = 0; i < prediction.Classes.Length; i++)
        {
            float[] pixel = prediction.Probabilities[(3 * i)..(3 * i + 3)];
            Assert.AreEqual(1f, pixel.Sum(), 1e-6f);
            Assert.AreEqual(pixel.Max(), pixel[prediction.Classes[i]]);
        }
    }

    [TestMethod]
    public void ChainOfStagesWorks()
    {
        IDataView none = _ml.Data.LoadFromEnumerable<ImageRow>([]);
        var chain = _ml.Transforms.ResizeImages("Image", imageWidth: 24, imageHeight: 16)
            .Append(_ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()))
            .Append(_ml.Transforms.CopyColumns("Copy", "PredictedLabel")).Fit(none);
        using var engine = _ml.Model.CreatePredictionEngine<ImageRow, CopyRow>(chain);
        using MLImage input = PipelineNetworks.Image(50, 40).ToMLImage();

        CopyRow prediction = engine.Predict(new ImageRow { Image = input });

        Assert.HasCount(24 * 16, prediction.Copy);
    }

    [TestMethod]
    public void TransformerOutlivesItsEngines()
    {
        SegmentationTransformer transformer = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation());
        using MLImage input = PipelineNetworks.Image(20, 16).ToMLImage();
        byte[] Predict()
        {
            using var engine = _ml.Model.CreatePredictionEngine<ImageRow, SegmentationPrediction>(transformer);
            return engine.Predict(new ImageRow { Image = input }).PredictedLabel;
        }

        CollectionAssert.AreEqual(Predict(), Predict());
    }

    private sealed class Photo
    {
        [ColumnName("Photo")]
        public MLImage? Photograph { get; set; }
    }

    private sealed class Arrays
    {
        public byte[] Classes { get; set; } = [];

        public float[] Probabilities { get; set; } = [];

        public int Rows { get; set; }

        public int Columns { get; set; }
    }

    private sealed class Buffers
    {
        public VBuffer<byte> Classes { get; set; }

        public VBuffer<float> Probabilities { get; set; }
    }

    private sealed class CopyRow
    {
        public byte[] Copy { get; set; } = [];
    }
}
