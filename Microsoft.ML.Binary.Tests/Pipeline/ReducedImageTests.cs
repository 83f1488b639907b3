using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Imaging;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline;

/// <summary>JPEG files that are decoded smaller than they are give results, labels and metrics of the picture's own size.</summary>
[TestClass]
public sealed class ReducedImageTests
{
    private const int Width = 405, Height = 270;

    private static readonly DenseNetwork Network = PipelineNetworks.Segmentation().WithWorkingSize(WorkingSize.Of(48));

    [TestMethod]
    public void ResultsHaveThePicturesSizeOnEveryWay()
    {
        using TemporaryFolder folder = Photo();
        MLContext ml = new(1);
        LoadedImage reduced = ImageReader.Load(folder.File("images/a.jpg"), new() { NeededLongestSide = 48 });
        Assert.AreEqual(8, reduced.Reduction);
        byte[] expected = new byte[Width * Height];
        using (CompiledNetwork compiled = CompiledNetwork.Compile(Network))
        {
            compiled.PredictLabels(reduced.Image, expected, (Width, Height));
        }

        IDataView data = ml.Data.LoadImagePairs(folder.File("images"), folder.File("masks"), new ImageLoadOptions { NeededLongestSide = 48 });
        SegmentationTransformer transformer = ml.Segmentation.FromNetwork(Network);
        string zip = folder.File("model.zip");
        ml.Model.Save(transformer, null, zip);
        foreach (ITransformer model in new[] { transformer, new MLContext(2).Model.Load(zip, out _) })
        {
            IDataView scored = model.Transform(data);
            CollectionAssert.AreEqual(expected, scored.Vectors<byte>("PredictedLabel").Single());
            Assert.AreEqual(Width, scored.GetColumn<int>("MaskWidth").Single());
            Assert.AreEqual(Height, scored.GetColumn<int>("MaskHeight").Single());
            Assert.AreEqual(Width * Height, scored.Vectors<byte>("Label").Single().Length);
        }

        using SegmentationPredictor predictor = new(Network);
        using MLImage image = data.GetColumn<MLImage>("Image").Single();
        Assert.AreEqual((51, 34), (image.Width, image.Height));
        Assert.AreEqual((Width, Height), ReducedImage.FullSizeOf(image));
        CollectionAssert.AreEqual(expected, predictor.Predict(image).Labels);
    }

    /// <summary><c>ResizeImages</c> passes on as it is an image that was decoded at its size already.</summary>
    [TestMethod]
    public void ImagesOfAColumnOfOneSizeAreNoLargerThanThat()
    {
        using TemporaryFolder folder = Photo();
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImagePairs(folder.File("images"), folder.File("masks"), new ImageLoadOptions { NeededLongestSide = 48 });
        IDataView resized = ml.Transforms.ResizeImages("Image", 51, 34).Fit(data).Transform(data);
        SegmentationTransformer transformer = ml.Segmentation.ApplyNetwork(Network).Fit(resized);
        string zip = folder.File("model.zip");
        ml.Model.Save(transformer, null, zip);
        IDataView scored = transformer.Transform(resized), loaded = new MLContext(2).Model.Load(zip, out _).Transform(resized);
        foreach (IDataView view in new[] { scored, loaded })
        {
            Assert.AreEqual(51, view.GetColumn<int>("MaskWidth").Single());
            Assert.AreEqual(34, view.GetColumn<int>("MaskHeight").Single());
        }

        byte[] labels = scored.Vectors<byte>("PredictedLabel").Single();
        Assert.HasCount(51 * 34, labels);
        CollectionAssert.AreEqual(labels, loaded.Vectors<byte>("PredictedLabel").Single());

        // A stage that was fitted to images of any size sees them as they are too.
        IDataView any = ml.Segmentation.FromNetwork(Network).Transform(data);
        Assert.AreEqual(51, ml.Segmentation.ResizeMaskToImage().Fit(any).Transform(scored).GetColumn<int>("MaskWidth").Single());
        Assert.AreEqual(2, ml.Data.SplitIntoTiles(resized, 34, 34, overlap: 0).GetColumn<int>("TileX").Count());
        CollectionAssert.AreEqual(new[] { (51, 34) }, TrainingData.ReadSizes(resized, "Image").ToArray());
        Assert.IsNull(TrainingData.Read(resized, "Image", ["Label"]).Single().FullSize);
    }

    [TestMethod]
    public void WithoutTheOptionEveryPixelIsThere()
    {
        using TemporaryFolder folder = Photo();
        IDataView data = new MLContext(1).Data.LoadImages(folder.File("images"));
        using MLImage image = data.GetColumn<MLImage>("Image").Single();
        Assert.AreEqual((Width, Height), (image.Width, image.Height));
        Assert.AreEqual((Width, Height), ReducedImage.FullSizeOf(image));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ImageLoadOptions { NeededLongestSide = -1 });
    }

    [TestMethod]
    public void AMaskMustHaveThePicturesSizeNotTheReducedOne()
    {
        using TemporaryFolder folder = Photo();
        ImagePair pair = new("a", folder.File("images/a.jpg"), folder.File("masks/a.png"));
        MaskWriter.Save(pair.MaskPath, new SegmentationMask(51, 34, new byte[51 * 34]));
        InvalidDataException error = Assert.ThrowsExactly<InvalidDataException>(() => ImagePairReader.Load(pair, neededLongestSide: 48));
        StringAssert.Contains(error.Message, $"the mask is 51x34, but its image {pair.ImagePath} is {Width}x{Height}");
    }

    [TestMethod]
    public void ASampleRemembersItsSizeUntilItHasItsWorkingSize()
    {
        using TemporaryFolder folder = Photo();
        ImagePair pair = new("a", folder.File("images/a.jpg"), folder.File("masks/a.png"));
        TrainingSample whole = ImagePairReader.Load(pair), reduced = ImagePairReader.Load(pair, neededLongestSide: 103);
        Assert.AreEqual((203, 135), (reduced.Image.Width, reduced.Image.Height), "half of it; a quarter is below 102");
        Assert.AreEqual((Width, Height), (reduced.FullWidth, reduced.FullHeight));
        CollectionAssert.AreEqual(whole.Mask, reduced.Mask);
        TrainingSample a = whole.At(WorkingSize.Of(100), new SegmentationTask()), b = reduced.At(WorkingSize.Of(100), new SegmentationTask());
        Assert.IsNull(b.FullSize);
        Assert.AreEqual((100, 67), (b.Image.Width, b.Image.Height));
        CollectionAssert.AreEqual(a.Mask, b.Mask, "the vote is one over the mask at full size in both");
        Assert.IsLessThan(6, a.Image.Pixels.Zip(b.Image.Pixels, (x, y) => Math.Abs(x - y)).Average());
    }

    private static TemporaryFolder Photo()
    {
        TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("images"));
        Directory.CreateDirectory(folder.File("masks"));
        File.WriteAllBytes(folder.File("images/a.jpg"), EncodedImages.Jpeg(EncodedImages.Picture(Width, Height)));
        byte[] labels = new byte[Width * Height];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = (byte)(i % Width * 3 / Width);
        }

        MaskWriter.Save(folder.File("masks/a.png"), new SegmentationMask(Width, Height, labels));
        return folder;
    }
}
