using System.Text;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Binary.Tests.Pipeline.Stages;

[TestClass]
public sealed class PictureStagesTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void OverlayIsTheOneOfTheEngineInTheColoursOfTheNetwork()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView data = _ml.Data.LoadImages(images.Images);
        ITransformer model = _ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation())
            .Append(_ml.Segmentation.Overlay(options: new() { Opacity = 0.7f, Contours = false })).Fit(data);
        OverlayOptions options = new() { Opacity = 0.7f, Contours = false, Palette = Palette.Parse("#000000 #000001 #000002") };
        AssertPictures(images, model, data, "Overlay", (image, mask) => Overlay.Segmentation(image, mask, options));
    }

    /// <summary>Models that were saved before hold their stages so.</summary>
    [TestMethod]
    public void SavedStagesAreReadByTheirNames()
    {
        OverlayStage overlay = (OverlayStage)Saved("Overlay", """
            "Palette":["#010203"],"Opacity":0.25,"Contours":false,"ClassNames":null,"IgnoreIndex":7
            """, SavedStageForm.LabelPicture, SavedStageForm.LabelPictureOfPixels, labels: "Mask");
        Assert.AreEqual(("#010203", 0.25f, false, null, 7), (overlay.Palette?.Single(), overlay.Opacity, overlay.Contours, overlay.ClassNames, overlay.IgnoreIndex));
        SaliencyOverlayStage map = (SaliencyOverlayStage)Saved("SaliencyOverlay", "\"Contours\":true", SavedStageForm.SaliencyPicture, SavedStageForm.SaliencyPictureOfPixels, saliency: "Mask");
        Assert.IsTrue(map.Contours);
        CutOutStage cut = (CutOutStage)Saved("CutOut", "\"Labels\":[1,2],\"SoftEdge\":3", SavedStageForm.LabelPicture, SavedStageForm.LabelPictureOfPixels, labels: "Mask");
        CollectionAssert.AreEqual(new[] { 1, 2, 3 }, cut.Labels.Append(cut.SoftEdge).ToArray());
        SaliencyCutOutStage salient = (SaliencyCutOutStage)Saved("SaliencyCutOut", "\"Threshold\":0.5", SavedStageForm.SaliencyPicture, SavedStageForm.SaliencyPictureOfPixels, saliency: "Mask");
        Assert.AreEqual(0.5f, salient.Threshold);

        static MaskStage Saved(string kind, string options, SavedStageForm form, SavedStageForm ofPixels, string? labels = null, string? saliency = null)
        {
            MaskStage any = Read("null"), known = Read("""{"Height":24,"Width":32}""");
            Assert.AreSame(form, any.SavedForm);
            Assert.AreSame(ofPixels, known.SavedForm);
            Assert.AreEqual(new KnownSize(24, 32), known.ImageSize);
            Assert.AreEqual(new StageInputs { Image = "Photo", Labels = labels, Saliency = saliency, Height = "Rows", Width = "Columns" }, any.Inputs);
            Assert.AreEqual(new StageOutput("Picture", StageValue.Picture), any.OutputsOf(null).Single());
            return any;

            MaskStage Read(string size) => SavedStage.Read(Encoding.UTF8.GetBytes(
                $$"""{"$type":"{{kind}}","Columns":{"Output":"Picture","Mask":"Mask","Image":"Photo","Height":"Rows","Width":"Columns"},{{options}},"ImageSize":{{size}}}"""));
        }
    }

    [TestMethod]
    public void PaletteAndLegendOfTheUserWin()
    {
        using TestImages images = new((40, 30));
        IDataView data = _ml.Data.LoadImages(images.Images);
        OverlayOptions options = new() { Palette = Palette.Parse("#FF0000 #00FF00 #0000FF"), ClassNames = ["sky", "road", "car"] };
        ITransformer model = _ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()).Append(_ml.Segmentation.Overlay("Shown", options: options)).Fit(data);
        AssertPictures(images, model, data, "Shown", (image, mask) => Overlay.Segmentation(image, mask, options));
    }

    [TestMethod]
    public void CutOutOfClassesHasHardOrSoftEdges()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        foreach (int edge in new[] { 0, 2 })
        {
            ITransformer model = _ml.Segmentation.CutOut([1, 2], inputColumnName: "Label", softEdge: edge).Fit(data);
            List<byte[]> pictures = model.Transform(data).Pictures("CutOut"), loaded = model.SavedAndLoaded(images).Transform(data).Pictures("CutOut");
            ScoredRows.AreEqual(pictures, loaded);
            byte[] mask = data.Vectors<byte>("Label")[0];
            RgbImage image = RgbImage.Load(images.ImagePath(0));
            HashSet<byte> alphas = [];
            for (int y = 0; y < 30; y++)
            {
                for (int x = 0; x < 40; x++)
                {
                    // The slow way: count the pixels around.
                    (int inside, int all) = (0, 0);
                    for (int ny = Math.Max(0, y - edge); ny <= Math.Min(29, y + edge); ny++)
                    {
                        for (int nx = Math.Max(0, x - edge); nx <= Math.Min(39, x + edge); nx++)
                        {
                            (inside, all) = (inside + (mask[ny * 40 + nx] is 1 or 2 ? 1 : 0), all + 1);
                        }
                    }

                    byte alpha = (byte)Math.Round(255m * inside / all, MidpointRounding.AwayFromZero);
                    alphas.Add(alpha);
                    RgbColor color = image[x, y];
                    CollectionAssert.AreEqual(
                        new[] { Times(color.B, alpha), Times(color.G, alpha), Times(color.R, alpha), alpha }, pictures[0][(4 * (y * 40 + x))..(4 * (y * 40 + x) + 4)], $"{x}, {y}");
                }
            }

            Assert.IsTrue(edge == 0 ? alphas.SetEquals([0, 255]) : alphas.Count > 10, $"{alphas.Count} values of alpha");
        }

        static byte Times(int color, int alpha) => (byte)Math.Round(color * alpha / 255m, MidpointRounding.AwayFromZero);
    }

    [TestMethod]
    public void SaliencyIsShownAndCutOut()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView data = _ml.Data.LoadImages(images.Images);
        ITransformer model = _ml.Saliency.ApplyNetwork(PipelineNetworks.Saliency())
            .Append(_ml.Saliency.Overlay()).Append(_ml.Saliency.CutOut()).Append(_ml.Saliency.CutOut("Hard", threshold: 0.5f)).Fit(data);
        IDataView scored = model.Transform(data), loaded = model.SavedAndLoaded(images).Transform(data);
        foreach (string column in new[] { "Overlay", "CutOut", "Hard" })
        {
            ScoredRows.AreEqual(scored.Pictures(column), loaded.Pictures(column));
        }

        SaliencyMask map = SaliencyMask.FromProbabilities(40, 30, scored.Vectors<float>("Saliency")[0]);
        CollectionAssert.AreEqual(map.Values, Alpha(scored.Pictures("CutOut")[0]));
        CollectionAssert.AreEqual(map.Values.Select(v => v > 128 ? (byte)255 : (byte)0).ToArray(), Alpha(scored.Pictures("Hard")[0]));
        byte[] bgra = new byte[4 * 40 * 30];
        Overlay.Saliency(RgbImage.Load(images.ImagePath(0)), map).CopyToBgra(bgra);
        CollectionAssert.AreEqual(bgra, scored.Pictures("Overlay")[0]);

        static byte[] Alpha(byte[] picture) => [.. picture.Where((_, i) => i % 4 == 3)];
    }

    [TestMethod]
    [DataRow(0.1f)]
    [DataRow(0.3f)]
    [DataRow(0.5f)]
    [DataRow(0.7f)]
    public void ThresholdOfACutOutIsNotKept(float threshold)
    {
        ImageColumn.EnsureRegistered();
        using MLImage image = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Bgra32, new byte[8]);
        IDataView data = _ml.Data.LoadFromEnumerable([new Photo { Image = image, Saliency = [threshold, threshold + 2 / 255f], MaskHeight = 1, MaskWidth = 2 }]);
        byte[] cut = _ml.Saliency.CutOut(threshold: threshold).Fit(data).Transform(data).Pictures("CutOut")[0];
        Assert.AreEqual((0, 255), (cut[3], cut[7]));
    }

    [TestMethod]
    public void CutOutIsSavedWithItsAlpha()
    {
        using TestImages images = new((21, 17));
        IDataView data = _ml.Data.LoadImages(images.Images);
        IDataView cut = _ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()).Append(_ml.Segmentation.CutOut([1])).Fit(data).Transform(data);
        using DataViewRowCursor cursor = cut.GetRowCursor(cut.Schema);
        cursor.MoveNext();
        MLImage image = null!;
        cursor.GetGetter<MLImage>(cut.Schema["CutOut"])(ref image);
        image.Save(images.File("cut.png"));
        byte[] mask = cut.Vectors<byte>("PredictedLabel")[0];
        RgbImage original = RgbImage.Load(images.ImagePath(0)), onWhite = RgbImage.Load(images.File("cut.png"));
        for (int i = 0; i < mask.Length; i++)
        {
            Assert.AreEqual(mask[i] == 1 ? original[i % 21, i / 21] : new RgbColor(255, 255, 255), onWhite[i % 21, i / 21], $"pixel {i}");
        }

        Assert.Contains((byte)1, mask);
    }

    [TestMethod]
    public void ImagesOfKnownSizeAndLaterStagesOfMlNet()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView data = _ml.Data.LoadImages(images.Images);
        ITransformer model = new TransformerChain<ITransformer>(
            _ml.Transforms.ResizeImages("Image", imageWidth: 32, imageHeight: 24).Append(_ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()))
            .Append(_ml.Saliency.ApplyNetwork(PipelineNetworks.Saliency()))
            .Append(_ml.Segmentation.Overlay()).Append(_ml.Segmentation.CutOut([1])).Append(_ml.Saliency.Overlay("Dimmed")).Append(_ml.Saliency.CutOut("Object"))
            .Append(_ml.Transforms.ResizeImages("Small", 16, 12, "Overlay")).Append(_ml.Transforms.ExtractPixels("Features", "Small")).Fit(data));
        IDataView expected = model.Transform(data), actual = model.SavedAndLoaded(images).Transform(data);
        CollectionAssert.AreEquivalent(expected.Schema.Names(), actual.Schema.Names());
        foreach (string column in new[] { "Overlay", "CutOut", "Dimmed", "Object" })
        {
            ScoredRows.AreEqual(expected.Pictures(column), actual.Pictures(column));
            Assert.AreEqual(4 * 32 * 24, actual.Pictures(column)[1].Length);
            Assert.IsInstanceOfType<ImageDataViewType>(actual.Schema[column].Type);
        }

        ScoredRows.AreEqual(expected.Vectors<float>("Features"), actual.Vectors<float>("Features"));
    }

    [TestMethod]
    public void TransparentImagesOfKnownSizeAreTheSameAfterLoading()
    {
        using TestImages images = new((4, 4));
        Directory.CreateDirectory(images.File("clear"));
        byte[] pixels = [.. Enumerable.Range(0, 40 * 30).SelectMany(i => new byte[] { (byte)(i % 40 * 2), (byte)(i / 40 * 2), 40, (byte)(80 + i % 40 * 4) })];
        using (MLImage image = MLImage.CreateFromPixels(40, 30, MLPixelFormat.Bgra32, pixels))
        {
            image.Save(Path.Combine(images.File("clear"), "a.png"));
        }

        IDataView files = _ml.Data.LoadFromEnumerable([new FileRow { File = "a.png" }]);
        ITransformer model = new TransformerChain<ITransformer>(_ml.Transforms.LoadImages("Image", images.File("clear"), "File")
            .Append(_ml.Transforms.ResizeImages("Image", imageWidth: 32, imageHeight: 24)).Append(_ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation(), new() { ScoreColumnName = "Score" }))
            .Append(_ml.Segmentation.Overlay(options: new() { Opacity = 0.1f })).Fit(files));
        IDataView expected = model.Transform(files), actual = model.SavedAndLoaded(images).Transform(files);
        byte[] resized = expected.Pictures("Image")[0];
        Assert.IsLessThan(255, resized.Where((_, i) => i % 4 == 3).Min(), "some of it is transparent");
        ScoredRows.AreEqual(expected.Pictures("Overlay"), actual.Pictures("Overlay"));
        ScoredRows.AreEqual(expected.Vectors<float>("Score"), actual.Vectors<float>("Score"));
    }

    [TestMethod]
    public void PicturesDecodedSmallerAreShownAtTheirDecodedSize()
    {
        using TestImages images = new((4, 4));
        Directory.CreateDirectory(images.File("large"));
        File.WriteAllBytes(Path.Combine(images.File("large"), "a.jpg"), Imaging.EncodedImages.Jpeg(Imaging.EncodedImages.Picture(640, 480)));
        IDataView data = _ml.Data.LoadImages(images.File("large"), new() { NeededLongestSide = 160 });
        ITransformer model = _ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()).Append(_ml.Segmentation.Overlay()).Fit(data);
        IDataView scored = model.Transform(data);
        Assert.AreEqual(640 * 480, scored.Vectors<byte>("PredictedLabel")[0].Length);
        int pixels = scored.Pictures("Overlay")[0].Length / 4;
        Assert.IsTrue(pixels is >= 160 * 120 and < 640 * 480, $"{pixels} pixels");
        ScoredRows.AreEqual(scored.Pictures("Overlay"), model.SavedAndLoaded(images).Transform(data).Pictures("Overlay"));
    }

    [TestMethod]
    public void WrongInputIsRefusedByName()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView data = _ml.Data.LoadImages(images.Images);
        IDataView scored = _ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()).Append(_ml.Segmentation.ResizeMask(20, 10)).Fit(data).Transform(data);
        ClassSharesTests.Expect<InvalidDataException>(
            () => _ml.Segmentation.Overlay().Fit(scored).Transform(scored).Pictures("Overlay"),
            "000.png): The overlay of 'PredictedLabel' on 'Image' cannot be made: the mask is of 20x10 pixels and the image of 40x30; put ResizeMaskToImage before it.");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.Overlay(imageColumnName: "ImagePath").Fit(scored), "'ImagePath' holds String; it must hold images");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Saliency.Overlay().Fit(scored).Transform(scored), "no column 'Saliency'");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.CutOut([]), "at least one class");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.CutOut([1], softEdge: -1), "softEdge");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Saliency.CutOut(threshold: 2), "from 0 to 1");
        IDataView none = _ml.Data.LoadFromEnumerable([new Photo { MaskHeight = 1, MaskWidth = 1, PredictedLabel = [0] }]);
        ClassSharesTests.Expect<InvalidDataException>(
            () => _ml.Segmentation.Overlay().Fit(none).Transform(none).Pictures("Overlay"), "row 0: the column 'Image' holds no image");
        OverlayOptions few = new() { Palette = Palette.Parse("#FF0000") };
        IDataView plain = _ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()).Fit(data).Transform(data);
        ClassSharesTests.Expect<InvalidDataException>(
            () => _ml.Segmentation.Overlay(options: few).Fit(plain).Transform(plain).Pictures("Overlay"), "The palette has colours for the classes 0 to 0.");
    }

    private static void AssertPictures(TestImages images, ITransformer model, IDataView data, string column, Func<RgbImage, SegmentationMask, RgbImage> draw)
    {
        IDataView scored = model.Transform(data);
        List<byte[]> pictures = scored.Pictures(column), masks = scored.Vectors<byte>("PredictedLabel");
        for (int i = 0; i < pictures.Count; i++)
        {
            RgbImage image = RgbImage.Load(images.ImagePath(i)), expected = draw(image, new(image.Width, image.Height, masks[i]));
            byte[] bgra = new byte[4 * expected.Width * expected.Height];
            expected.CopyToBgra(bgra);
            CollectionAssert.AreEqual(bgra, pictures[i]);
        }

        ITransformer loaded = model.SavedAndLoaded(images);
        ScoredRows.AreEqual(pictures, loaded.Transform(data).Pictures(column));
        ScoredRows.AreEqual(pictures, new MLContext().Segmentation.Restore(loaded).Transform(data).Pictures(column));
    }

    private sealed class FileRow
    {
        public string File { get; set; } = "";
    }

    private sealed class Photo
    {
        public MLImage? Image { get; set; }

        public byte[] PredictedLabel { get; set; } = [];

        public float[] Saliency { get; set; } = [];

        public int MaskHeight { get; set; }

        public int MaskWidth { get; set; }
    }
}
