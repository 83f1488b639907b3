using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Inference;
using Microsoft.ML.Binary.Tests.Pipeline.Stages;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public class TransformerTests
{
    /// <summary>Only what is said of a mask names the file of the mask.</summary>
    [TestMethod]
    public void ComplaintsOfAnImage_NameTheImage()
    {
        MLContext ml = new(1);
        _ = ml.Segmentation;
        IDataView rows = ml.Data.LoadFromEnumerable<NamedRow>([new()]);
        SegmentationTrainerOptions options = TrainerTests.FewSteps with { WorkingSize = WorkingSize.Own };
        foreach (Action read in new Action[]
        {
            () => ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation()).Transform(rows).Vectors<byte>("PredictedLabel"),
            () => ml.Segmentation.Overlay(inputColumnName: "Label").Fit(rows).Transform(rows).Pictures("Overlay"),
            () => ml.Data.SplitIntoTiles(rows, 4, 4).Values<int>("TileX"),
            () => ml.Segmentation.Trainers.BinaryDenseNet(TrainerTests.FewSteps).Fit(rows),
            () => ml.Segmentation.Trainers.BinaryDenseNet(options).Fit(rows),
        })
        {
            string message = "";
            try
            {
                read();
            }
            catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
            {
                message = e.Message;
            }

            StringAssert.StartsWith(message, "row 0 (images/a.png): ");
            StringAssert.Contains(message, "holds no image");
        }
    }

    private static readonly string[] Outputs = ["PredictedLabel", "Score", "MaskHeight", "MaskWidth"];

    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void OutputIsThatOfTheInterpreterToTheLastBit()
    {
        using TestImages images = new((21, 17), (16, 32), (5, 3));
        DenseNetwork network = PipelineNetworks.Segmentation();
        SegmentationTransformer transformer = _ml.Segmentation.FromNetwork(network, new() { ScoreColumnName = "Score" });

        IDataView scored = transformer.Transform(_ml.Data.LoadImages(images.Images));

        List<byte[]> labels = scored.Vectors<byte>("PredictedLabel");
        List<float[]> scores = scored.Vectors<float>("Score");
        for (int i = 0; i < 3; i++)
        {
            FeatureMap logits = ReferenceViews.Logits(network.Freeze().Graph, RgbImage.Load(images.ImagePath(i)));
            RandomNetworks.AssertFollow(logits.Values, logits.Channels, labels[i], scores: scores[i]);
        }
    }

    [TestMethod]
    public void SaliencyIsTheSigmoidOfTheInterpretersLogits()
    {
        using TestImages images = new((21, 17));
        DenseNetwork network = PipelineNetworks.Saliency();

        IDataView scored = _ml.Saliency.FromNetwork(network).Transform(_ml.Data.LoadImages(images.Images));

        FeatureMap logits = ReferenceViews.Logits(network.Freeze().Graph, RgbImage.Load(images.ImagePath(0)));
        RandomNetworks.AssertFollow(logits.Values, logits.Channels, saliency: scored.Vectors<float>("Saliency")[0]);
    }

    [TestMethod]
    public void ThreadsDoNotChangeABit()
    {
        using TestImages images = new((61, 47));
        IDataView data = _ml.Data.LoadImages(images.Images);

        List<float[]> one = Scores(1), two = Scores(2), all = Scores(0);

        ScoredRows.AreEqual(one, two);
        ScoredRows.AreEqual(one, all);

        List<float[]> Scores(int threads) => _ml.Segmentation
            .FromNetwork(PipelineNetworks.Segmentation(), new() { ScoreColumnName = "Score", Threads = threads }).Transform(data).Vectors<float>("Score");
    }

    [TestMethod]
    public void ImageIsFetchedOnceARowAndOnlyForOurColumns()
    {
        int fetched = 0;
        IDataView data = Generated(3, row =>
        {
            fetched++;
            return PipelineNetworks.Image(20 + row, 16).ToMLImage();
        });
        IDataView scored = WithScores().Transform(data);

        Read(scored, ["Number"]);
        Assert.AreEqual(0, fetched);
        Read(scored, Outputs);
        Assert.AreEqual(3, fetched);
        CollectionAssert.AreEqual(new[] { 20, 21, 22 }, scored.Values<int>("MaskWidth"));
    }

    [TestMethod]
    public void UpstreamImagesAreLeftAlone()
    {
        RgbImage[] pixels = [.. Enumerable.Range(0, 3).Select(i => PipelineNetworks.Image(20, 16, i))];
        ImageRow[] rows = [.. pixels.Select(image => new ImageRow { Image = image.ToMLImage() })];

        Read(WithScores().Transform(_ml.Data.LoadFromEnumerable(rows)), Outputs);

        for (int i = 0; i < rows.Length; i++)
        {
            CollectionAssert.AreEqual(pixels[i].Pixels, rows[i].Image!.ToRgbImage().Pixels);
        }
    }

    [TestMethod]
    public void CursorSetGivesEachRowOnceWithItsBatch()
    {
        using TestImages images = new([.. Enumerable.Range(1, 7).Select(i => (10 + i, 12))]);
        IDataView scored = WithScores().Transform(_ml.Data.LoadImages(images.Images));
        List<byte[]> expected = scored.Vectors<byte>("PredictedLabel");

        DataViewRowCursor[] cursors = scored.GetRowCursorSet(scored.Schema, 3);
        List<(long Batch, byte[] Labels)>[] parts = new List<(long, byte[])>[cursors.Length];
        Parallel.For(0, cursors.Length, k =>
        {
            parts[k] = [];
            ValueGetter<VBuffer<byte>> getter = cursors[k].GetGetter<VBuffer<byte>>(scored.Schema["PredictedLabel"]);
            VBuffer<byte> labels = default;
            while (cursors[k].MoveNext())
            {
                getter(ref labels);
                parts[k].Add((cursors[k].Batch, [.. labels.DenseValues()]));
            }
        });

        CollectionAssert.AreEquivalent(new[] { 3, 2, 2 }, parts.Select(part => part.Count).ToArray());
        ScoredRows.AreEqual(expected, [.. parts.SelectMany(part => part).OrderBy(row => row.Batch).Select(row => row.Labels)]);
    }

    [TestMethod]
    public void ViewKeepsOrderCountAndIds()
    {
        using TestImages images = new([.. Enumerable.Range(1, 5).Select(i => (10 + i, 12))]);
        IDataView data = _ml.Data.LoadImages(images.Images), scored = WithScores().Transform(data);

        Assert.AreEqual(5, scored.GetRowCount());
        Assert.IsTrue(scored.CanShuffle);
        CollectionAssert.AreEqual(Enumerable.Range(11, 5).ToArray(), scored.Values<int>("MaskWidth"));
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["MaskWidth"]], new Random(3));
        ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
        ValueGetter<int> getWidth = cursor.GetGetter<int>(scored.Schema["MaskWidth"]);
        Assert.IsTrue(cursor.IsColumnActive(scored.Schema["MaskWidth"]));
        Assert.IsFalse(cursor.IsColumnActive(scored.Schema["Score"]));
        for (DataViewRowId id = default; cursor.MoveNext();)
        {
            int width = 0;
            getId(ref id);
            getWidth(ref width);
            Assert.AreEqual(11 + (int)id.Low, width);
        }
    }

    [TestMethod]
    public void PredictedLabelsNameClassesAndColors()
    {
        DenseNetwork network = PipelineNetworks.Segmentation();
        DataViewSchema.Column column = _ml.Segmentation.FromNetwork(network)
            .GetOutputSchema(_ml.Data.LoadFromEnumerable<ImageRow>([]).Schema)["PredictedLabel"];

        VBuffer<ReadOnlyMemory<char>> texts = default;
        column.Annotations.GetValue(SegmentationTransformer.ClassNamesAnnotation, ref texts);
        CollectionAssert.AreEqual(network.ClassNames.ToArray(), texts.DenseValues().Select(text => text.ToString()).ToArray());
        column.Annotations.GetValue(SegmentationTransformer.PaletteAnnotation, ref texts);
        CollectionAssert.AreEqual(network.Palette.ToArray(), texts.DenseValues().Select(text => text.ToString()).ToArray());
    }

    [TestMethod]
    public void RowWithoutAnImageIsNamed()
    {
        using MLImage image = PipelineNetworks.Image(8, 8).ToMLImage();
        IDataView scored = WithScores().Transform(_ml.Data.LoadFromEnumerable([new ImageRow { Image = image }, new ImageRow()]));

        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Read(scored, Outputs)).Message, "row 1: the column 'Image' holds no image");
    }

    [TestMethod]
    public void ColumnsThatDoNotFitAreNamed()
    {
        SegmentationCatalog catalog = _ml.Segmentation;
        IDataView data = _ml.Data.LoadFromEnumerable<NumberRow>([]);

        StringAssert.Contains(Refused(() => WithScores().Transform(data)), "no column 'Image'; they have 'Number'");
        StringAssert.Contains(
            Refused(() => catalog.FromNetwork(PipelineNetworks.Segmentation(), new() { ImageColumnName = "Number" }).Transform(data)), "it must hold images");
        StringAssert.Contains(
            Refused(() => catalog.FromNetwork(PipelineNetworks.Segmentation(), new() { MaskHeightColumnName = "MaskWidth" })), "names must differ");
        StringAssert.Contains(Refused(() => catalog.FromNetwork(PipelineNetworks.Segmentation(), new() { Threads = -1 })), "Threads is -1");
        StringAssert.Contains(Refused(() => catalog.ApplyNetwork(PipelineNetworks.Segmentation()).Fit(data)), "no column 'Image'");
    }

    [TestMethod]
    public void NetworkFileIsApplied()
    {
        using TestImages images = new((21, 17));
        IDataView data = _ml.Data.LoadImages(images.Images);
        PipelineNetworks.Segmentation().Save(images.File("segmentation"));
        PipelineNetworks.Saliency().Save(images.File("saliency"));

        ScoredRows.AreEqual(
            _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation()).Transform(data).Vectors<byte>("PredictedLabel"),
            _ml.Segmentation.ApplyNetwork(images.File("segmentation")).Fit(data).Transform(data).Vectors<byte>("PredictedLabel"));
        ScoredRows.AreEqual(
            _ml.Saliency.FromNetwork(PipelineNetworks.Saliency()).Transform(data).Vectors<float>("Saliency"),
            _ml.Saliency.ApplyNetwork(images.File("saliency")).Fit(data).Transform(data).Vectors<float>("Saliency"));
    }

    /// <summary>Reads every value of some columns, each twice.</summary>
    private static void Read(IDataView view, string[] columns)
    {
        using DataViewRowCursor cursor = view.GetRowCursor(columns.Select(name => view.Schema[name]));
        List<Action> getters = [.. columns.Select(name => Getter(cursor, view.Schema[name]))];
        while (cursor.MoveNext())
        {
            getters.ForEach(get => get());
            getters.ForEach(get => get());
        }
    }

    private static Action Getter(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        return column.Type switch
        {
            VectorDataViewType { ItemType: var item } when item == NumberDataViewType.Byte => Of<VBuffer<byte>>(),
            VectorDataViewType => Of<VBuffer<float>>(),
            _ => Of<int>(),
        };

        Action Of<T>()
        {
            ValueGetter<T> getter = cursor.GetGetter<T>(column);
            T value = default!;
            return () => getter(ref value);
        }
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<ArgumentException>(action).Message;

    private SegmentationTransformer WithScores() =>
        _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation(), new() { ScoreColumnName = "Score" });

    private IDataView Generated(int count, Func<int, MLImage> image)
    {
        IDataView numbers = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new NumberRow { Number = i }));
        _ = _ml.Segmentation;
        return _ml.Transforms.CustomMapping<NumberRow, ImageRow>((row, output) => output.Image = image(row.Number), null).Fit(numbers).Transform(numbers);
    }

    private sealed class NumberRow
    {
        public int Number { get; set; }
    }

    private sealed class NamedRow
    {
        public MLImage? Image { get; set; }

        public byte[] Label { get; set; } = [0];

        public int MaskHeight { get; set; } = 1;

        public int MaskWidth { get; set; } = 1;

        public string ImagePath { get; set; } = "images/a.png";

        public string MaskPath { get; set; } = "masks/a.png";
    }
}
