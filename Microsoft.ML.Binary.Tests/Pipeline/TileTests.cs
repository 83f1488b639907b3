using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Tests.Pipeline.Stages;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public sealed class TileTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    [DataRow(16, 16, 0)]
    [DataRow(16, 12, 5)]
    [DataRow(7, 9, 6)]
    [DataRow(100, 100, 20)]
    [DataRow(100, 10, 3)]
    public void TilesAreThePartsOfTheirPicturesAndMergeToTheWhole(int width, int height, int overlap)
    {
        using TestImages images = new((40, 30), (33, 47), (16, 12), (5, 5));
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        IDataView tiles = _ml.Data.SplitIntoTiles(data, width, height, overlap, labelColumnName: "Label");

        List<byte[]> labels = tiles.Vectors<byte>("Label"), pictures = tiles.Pictures("Image");
        List<long> rows = tiles.Values<long>("SourceRow");
        List<int> xs = tiles.Values<int>("TileX"), ys = tiles.Values<int>("TileY"), widths = tiles.Values<int>("MaskWidth"), heights = tiles.Values<int>("MaskHeight");
        List<byte[]> masks = data.Vectors<byte>("Label");
        CollectionAssert.AreEqual(rows.Order().ToArray(), rows);
        for (int tile = 0; tile < rows.Count; tile++)
        {
            RgbImage image = RgbImage.Load(images.ImagePath((int)rows[tile]));
            Assert.AreEqual((Math.Min(width, image.Width), Math.Min(height, image.Height)), (widths[tile], heights[tile]));
            for (int y = 0; y < heights[tile]; y++)
            {
                for (int x = 0; x < widths[tile]; x++)
                {
                    RgbColor color = image[xs[tile] + x, ys[tile] + y];
                    int at = y * widths[tile] + x;
                    CollectionAssert.AreEqual(new byte[] { color.B, color.G, color.R, 255 }, pictures[tile][(4 * at)..(4 * at + 4)]);
                    Assert.AreEqual(masks[(int)rows[tile]][(ys[tile] + y) * image.Width + xs[tile] + x], labels[tile][at]);
                }
            }
        }

        IDataView merged = _ml.Segmentation.MergeTiles(tiles, "Label");
        ScoredRows.AreEqual(masks, merged.Vectors<byte>("Label"));
        CollectionAssert.AreEqual(data.Values<int>("MaskHeight"), merged.Values<int>("MaskHeight"));
        CollectionAssert.AreEqual(data.Values<int>("MaskWidth"), merged.Values<int>("MaskWidth"));
        CollectionAssert.AreEqual(Texts(data), Texts(merged));
        CollectionAssert.AreEqual(new[] { "ImagePath", "MaskPath", "SourceRow", "Label", "MaskHeight", "MaskWidth" }, merged.Schema.Names());
    }

    [TestMethod]
    public void EachPixelComesFromTheTileThatItIsDeepestIn()
    {
        using TestImages images = new((40, 30));
        IDataView tiles = _ml.Data.SplitIntoTiles(_ml.Data.LoadImages(images.Images), 16, 12, 6);
        List<int> xs = tiles.Values<int>("TileX"), ys = tiles.Values<int>("TileY");
        var numbered = _ml.Transforms.CustomMapping<TileRow, NumberedTile>(
            (tile, output) =>
            {
                byte number = (byte)Enumerable.Range(0, xs.Count).Single(i => (xs[i], ys[i]) == (tile.TileX, tile.TileY));
                (output.PredictedLabel, output.MaskHeight, output.MaskWidth) = ([.. Enumerable.Repeat(number, 16 * 12)], 12, 16);
            }, null).Fit(tiles).Transform(tiles);

        byte[] merged = _ml.Segmentation.MergeTiles(numbered).Vectors<byte>("PredictedLabel")[0];

        for (int i = 0; i < merged.Length; i++)
        {
            (int x, int y) = (i % 40, i / 40);
            int chosen = Depth(merged[i], x, y), best = Enumerable.Range(0, xs.Count).Max(tile => Depth(tile, x, y));
            Assert.AreEqual(best, chosen, 1, $"{x}, {y}");
            Assert.IsGreaterThanOrEqualTo(0, chosen);
        }

        // Pixels to the nearest side of a tile that is no side of the picture; below 0 outside. Where tiles are moved back to the edge three may meet, so depths may differ by half.
        int Depth(int tile, int x, int y)
        {
            (int left, int top) = (x - xs[tile], y - ys[tile]);
            int right = 15 - left, bottom = 11 - top;
            return left < 0 || top < 0 || right < 0 || bottom < 0 ? -1 : Math.Min(
                Math.Min(xs[tile] == 0 ? 99 : left, xs[tile] == 24 ? 99 : right), Math.Min(ys[tile] == 0 ? 99 : top, ys[tile] == 18 ? 99 : bottom));
        }
    }

    [TestMethod]
    public void ModelsOfBothTasksScoreTiles()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView data = _ml.Data.LoadImages(images.Images), tiles = _ml.Data.SplitIntoTiles(data, 24, 24, 8);
        ITransformer model = _ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()).Append(_ml.Saliency.ApplyNetwork(PipelineNetworks.Saliency())).Fit(tiles);
        IDataView scored = model.Transform(tiles);

        IDataView masks = _ml.Segmentation.MergeTiles(scored), maps = _ml.Saliency.MergeTiles(scored);

        CollectionAssert.AreEqual(new[] { 1200, 1551 }, masks.Vectors<byte>("PredictedLabel").Select(mask => mask.Length).ToArray());
        CollectionAssert.AreEqual(new[] { 1200, 1551 }, maps.Vectors<float>("Saliency").Select(map => map.Length).ToArray());
        Assert.AreEqual(scored.Vectors<byte>("PredictedLabel")[0][0], masks.Vectors<byte>("PredictedLabel")[0][0]);
        Assert.AreEqual(scored.Vectors<float>("Saliency")[0][0], maps.Vectors<float>("Saliency")[0][0]);

        // What a stage made of a tile is nothing of the picture.
        IDataView counted = _ml.Segmentation.MergeTiles(_ml.Segmentation.Regions().Fit(scored).Transform(scored));
        CollectionAssert.AreEqual(new[] { "ImagePath", "SourceRow", "PredictedLabel", "MaskHeight", "MaskWidth" }, counted.Schema.Names());

        // What the mask says of its classes goes along, so that stages after it work as they do without tiles.
        IDataView shares = _ml.Segmentation.ClassShares().Fit(masks).Transform(masks);
        CollectionAssert.AreEqual(new[] { "class 0", "class 1", "class 2" }, shares.Schema["ClassShares"].SlotNames());
    }

    /// <summary>ML.NET's <c>SelectColumns</c> gives columns the order in which they are named.</summary>
    [TestMethod]
    public void WhatIsOfThePicture_IsKnownInAnyOrder()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        data = _ml.Transforms.CopyColumns("Rows", "MaskHeight").Append(_ml.Transforms.CopyColumns("RegionCount", "MaskHeight")).Fit(data).Transform(data);
        IDataView tiles = _ml.Data.SplitIntoTiles(data, 24, 24, 8);
        string[] merged = ["SourceRow", "Rows", "ImagePath", "PredictedLabel", "MaskHeight", "MaskWidth"];
        string[] selected = ["RegionCount", "PredictedLabel", "MaskHeight", "MaskWidth", "SourceRow", "TileX", "TileY", "SourceHeight", "SourceWidth", "Rows", "ImagePath"];
        var pipeline = _ml.Segmentation.ApplyNetwork(PipelineNetworks.Segmentation()).Append(_ml.Segmentation.Regions()).Append(_ml.Transforms.SelectColumns(selected));

        IDataView scored = pipeline.Fit(tiles).Transform(tiles), masks = _ml.Segmentation.MergeTiles(scored);

        CollectionAssert.AreEqual(merged, masks.Schema.Names());
        CollectionAssert.AreEqual(new[] { 30, 47 }, masks.Values<int>("Rows"));
        CollectionAssert.AreEqual(Texts(data), Texts(masks));

        // So it is in a file of rows.
        using FileStream file = File.Create(images.File("tiles.idv"));
        _ml.Data.SaveAsBinary(scored, file);
        file.Dispose();
        IDataView again = _ml.Segmentation.MergeTiles(_ml.Data.LoadFromBinary(images.File("tiles.idv")));
        CollectionAssert.AreEqual(merged, again.Schema.Names());
        ScoredRows.AreEqual(masks.Vectors<byte>("PredictedLabel"), again.Vectors<byte>("PredictedLabel"));
    }

    [TestMethod]
    public void PicturesNoLargerThanATileAreScoredAsWithoutTiles()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView data = _ml.Data.LoadImages(images.Images);
        SegmentationTransformer model = _ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation());
        ScoredRows.AreEqual(
            model.Transform(data).Vectors<byte>("PredictedLabel"),
            _ml.Segmentation.MergeTiles(model.Transform(_ml.Data.SplitIntoTiles(data, 64, 64, 16))).Vectors<byte>("PredictedLabel"));
    }

    [TestMethod]
    public void TrainersTakeTiles()
    {
        using TestImages images = new((80, 60), (66, 94));
        IDataView tiles = _ml.Data.SplitIntoTiles(_ml.Data.LoadImagePairs(images.Images, images.Masks), 32, 32, labelColumnName: "Label");
        SegmentationTransformer model = _ml.Segmentation.Trainers.BinaryDenseNet(TrainerTests.FewSteps with { Steps = 2, Seed = 1 }).Fit(tiles);
        Assert.HasCount(3 * 2 + 3 * 3, tiles.Values<int>("TileX"));
        Assert.IsGreaterThan(0, _ml.Segmentation.Evaluate(model.Transform(tiles)).PixelAccuracy);
    }

    [TestMethod]
    public void WrongInputIsRefusedByName()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView data = _ml.Data.LoadImagePairs(images.Images, images.Masks);
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Data.SplitIntoTiles(data, 16, 12, 12), "can overlap by 0 to 11 pixels");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Data.SplitIntoTiles(data, 0, 12), "tileWidth");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Data.SplitIntoTiles(data, 16, 16, imageColumnName: "Photo"), "no column 'Photo'");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.MergeTiles(data), "no column 'PredictedLabel'");
        ClassSharesTests.Expect<ArgumentException>(() => _ml.Segmentation.MergeTiles(data, "Label"), "no column 'SourceRow'");
        IDataView tiles = _ml.Data.SplitIntoTiles(data, 16, 16, 4, labelColumnName: "Label");
        IDataView few = _ml.Data.SkipRows(tiles, 1);
        ClassSharesTests.Expect<InvalidDataException>(
            () => _ml.Segmentation.MergeTiles(few, "Label").Vectors<byte>("Label"), "000.png): the tile of 16x16 pixels at x=0, y=0 is missing of a picture of 40x30.");
        ClassSharesTests.Expect<InvalidDataException>(
            () => _ml.Segmentation.MergeTiles(_ml.Data.TakeRows(tiles, 4), "Label").Vectors<byte>("Label"), "do not make up the 30 rows");
        IDataView mixed = _ml.Data.LoadFromEnumerable(
            [Tile(0), Tile(1), Tile(0)]);
        ClassSharesTests.Expect<InvalidDataException>(() => _ml.Segmentation.MergeTiles(mixed).Vectors<byte>("PredictedLabel"), "its tiles do not follow each other");

        static WholeTile Tile(long row) => new() { SourceRow = row, SourceHeight = 1, SourceWidth = 1, PredictedLabel = [0], MaskHeight = 1, MaskWidth = 1 };
    }

    [TestMethod]
    public void OutsideOfTheRows_NothingIsGiven()
    {
        using TestImages images = new((40, 30), (33, 47));
        IDataView tiles = _ml.Data.SplitIntoTiles(_ml.Data.LoadImagePairs(images.Images, images.Masks), 16, 12, 5, labelColumnName: "Label");
        foreach (IDataView view in new[] { tiles, _ml.Segmentation.MergeTiles(tiles, "Label") })
        {
            using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
            AssertRefused(cursor);
            Assert.IsTrue(cursor.MoveNext());
            Array.ForEach(Reads(cursor), read => read());
            while (cursor.MoveNext())
            {
            }

            AssertRefused(cursor);
        }

        // A picture that cannot be had is no row either; what was read of the one before is not its.
        File.WriteAllText(images.ImagePath(1), "no image");
        IDataView merged = _ml.Segmentation.MergeTiles(tiles, "Label"), incomplete = _ml.Segmentation.MergeTiles(_ml.Data.SkipRows(tiles, 1), "Label");
        foreach ((IDataView view, long[] first) in new (IDataView, long[])[] { (tiles, [0]), (merged, [0]), (incomplete, []) })
        {
            using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
            List<long> sources = [];
            Func<long> source = Getters.Reader<long>(cursor, view.Schema["SourceRow"]);
            string message = Assert.ThrowsExactly<InvalidDataException>(() =>
            {
                while (cursor.MoveNext())
                {
                    sources.Add(source());
                }
            }).Message;
            StringAssert.Contains(message, images.ImagePath(1));
            AssertRefused(cursor);
            CollectionAssert.AreEqual(first, sources.Distinct().ToArray());
        }

        static void AssertRefused(DataViewRowCursor cursor)
        {
            Assert.AreEqual(-1, cursor.Position);
            Array.ForEach(Reads(cursor), read => ClassSharesTests.Expect<InvalidOperationException>(read, "stands on no row"));
        }

        static Action[] Reads(DataViewRowCursor cursor) =>
        [
            Read(cursor.GetIdGetter()),
            .. cursor.Schema.Select(column => column.Type.RawType switch
            {
                Type type when type == typeof(int) => Read(cursor.GetGetter<int>(column)),
                Type type when type == typeof(long) => Read(cursor.GetGetter<long>(column)),
                Type type when type == typeof(MLImage) => Read(cursor.GetGetter<MLImage>(column)),
                Type type when type == typeof(VBuffer<byte>) => Read(cursor.GetGetter<VBuffer<byte>>(column)),
                _ => Read(cursor.GetGetter<ReadOnlyMemory<char>>(column)),
            }),
        ];

        static Action Read<T>(ValueGetter<T> getter) => () =>
        {
            T value = default!;
            getter(ref value);
        };
    }

    private static string[] Texts(IDataView view) => [.. view.Values<ReadOnlyMemory<char>>("ImagePath").Select(text => text.ToString())];

    private sealed class TileRow
    {
        public int TileX { get; set; }

        public int TileY { get; set; }
    }

    private sealed class NumberedTile
    {
        public byte[] PredictedLabel { get; set; } = [];

        public int MaskHeight { get; set; }

        public int MaskWidth { get; set; }
    }

    private sealed class WholeTile
    {
        public long SourceRow { get; set; }

        public int SourceHeight { get; set; }

        public int SourceWidth { get; set; }

        public int TileX { get; set; }

        public int TileY { get; set; }

        public byte[] PredictedLabel { get; set; } = [];

        public int MaskHeight { get; set; }

        public int MaskWidth { get; set; }
    }
}
