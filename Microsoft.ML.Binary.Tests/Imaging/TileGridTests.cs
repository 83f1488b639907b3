using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public sealed class TileGridTests
{
    [TestMethod]
    public void EveryPixelIsInOneCoreAndCoresLieInTheirTiles()
    {
        for (int size = 1; size < 40; size++)
        {
            for (int tile = 1; tile < 14; tile++)
            {
                for (int overlap = 0; overlap < tile; overlap++)
                {
                    TileGrid grid = new(size, 3, tile, 14, overlap);
                    int next = 0;
                    foreach ((TileArea area, TileArea core) in grid.Tiles)
                    {
                        Assert.AreEqual(next, core.X);
                        Assert.IsTrue(core.Width > 0 && core.X >= area.X && core.X + core.Width <= area.X + area.Width, $"{size}, {tile}, {overlap}: {core} in {area}");
                        Assert.AreEqual((Math.Min(tile, size), 3, 0, 3), (area.Width, area.Height, core.Y, core.Height));
                        Assert.IsTrue(next == 0 || area.X <= core.X - overlap / 2, "neighbours overlap");
                        next = core.X + core.Width;
                    }

                    Assert.AreEqual(size, next);
                }
            }
        }
    }

    [TestMethod]
    public void TilesOfAnyPlanMakeAGrid()
    {
        TileGrid plan = new(50, 40, 16, 12, 5);
        CollectionAssert.AreEqual(plan.Tiles.ToArray(), TileGrid.Of(50, 40, [.. plan.Tiles.Select(tile => tile.Area).Reverse()]).Tiles.ToArray());
        Refuse([], "the 50 columns of the picture: they go wrong at 0");
        Refuse([new(0, 0, 50, 39)], "the 40 rows of the picture: they go wrong at 39");
        Refuse([new(0, 0, 50, 40), new(0, 0, 50, 40)], "2 tiles of a picture of 50x40 were given, but only 1 different ones");
        Refuse([new(0, 0, 30, 40), new(31, 0, 19, 40)], "they go wrong at 30");
        Refuse([new(0, 0, 30, 40), new(25, 0, 30, 40)], "they go wrong at 30");
        Refuse([new(0, 0, 30, 20), new(30, 20, 20, 20)], "the tile of 20x20 pixels at x=30, y=0 is missing");

        static void Refuse(TileArea[] areas, string part) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => TileGrid.Of(50, 40, areas)).Message, part);
    }

    [TestMethod]
    public void SizesMayBeAsLargeAsNumbersGet()
    {
        Assert.HasCount(1, new TileGrid(3, 3, int.MaxValue, int.MaxValue, int.MaxValue - 1).Tiles);
        TileGrid grid = new(int.MaxValue, 1, int.MaxValue - 1, 1);
        CollectionAssert.AreEqual(new[] { 0, 1 }, grid.Tiles.Select(tile => tile.Area.X).ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TileGrid(0, 1, 1, 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TileGrid(5, 5, 4, 4, 4));
    }
}
