using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>A part of a picture.</summary>
/// <param name="X">First column.</param>
/// <param name="Y">First row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <example>
/// <code>
/// TileArea[] areas = [new(X: 0, Y: 0, Width: 512, Height: 400), new(X: 448, Y: 0, Width: 512, Height: 400)];   // tiles of another program
/// TileGrid grid = TileGrid.Of(width: 960, height: 400, areas);
/// Console.WriteLine(grid.Tiles[0].Core);                                  // 480 columns: the overlap is cut in the middle
/// </code>
/// </example>
public readonly record struct TileArea(int X, int Y, int Width, int Height);

/// <summary>
/// A tile of a picture, and the part of it that counts when tiles are put together again: overlaps are cut in the middle, so that every pixel of the
/// picture is in exactly one <see cref="Core"/>.
/// </summary>
/// <param name="Area">The tile.</param>
/// <param name="Core">Its part of the whole, in coordinates of the picture.</param>
/// <example>
/// <code>
/// TileGrid grid = new(width: 1000, height: 600, tileWidth: 512, tileHeight: 512, overlap: 64);
/// foreach (Tile tile in grid.Tiles)
/// {
///     (int left, int top) = (tile.Core.X - tile.Area.X, tile.Core.Y - tile.Area.Y);
///     Console.WriteLine($"predict {tile.Area}; of the result keep {tile.Core.Width}x{tile.Core.Height} from {left}, {top} on");
/// }
/// </code>
/// </example>
public readonly record struct Tile(TileArea Area, TileArea Core);

/// <summary>
/// Cuts a picture into overlapping tiles of one size. The last ones of a row or column are moved back to the edge rather than made smaller, so their overlap may be
/// wider; a picture that is smaller than a tile gives tiles of its own width or height.
/// </summary>
/// <example>
/// <code>
/// TileGrid grid = new(image.Width, image.Height, tileWidth: 512, tileHeight: 512, overlap: 64);
/// foreach (Tile tile in grid.Tiles) Console.WriteLine(tile.Area);
/// </code>
/// </example>
public sealed class TileGrid
{
    /// <summary>Plans the tiles.</summary>
    /// <param name="width">Pixels in a row of the picture, at least 1.</param>
    /// <param name="height">Its rows, at least 1.</param>
    /// <param name="tileWidth">Pixels in a row of a tile.</param>
    /// <param name="tileHeight">Its rows.</param>
    /// <param name="overlap">Pixels that neighbouring tiles have in common at least; from 0, below both sides of a tile.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public TileGrid(int width, int height, int tileWidth, int tileHeight, int overlap = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        CheckTile(tileWidth, tileHeight, overlap);
        (Width, Height) = (width, height);
        Tiles = Cut(Spans(width, tileWidth, overlap), Spans(height, tileHeight, overlap));
    }

    private TileGrid(int width, int height, ImmutableArray<Tile> tiles) => (Width, Height, Tiles) = (width, height, tiles);

    /// <summary>Pixels in a row of the picture.</summary>
    public int Width { get; }

    /// <summary>Rows of the picture.</summary>
    public int Height { get; }

    /// <summary>The tiles, row by row from the top left.</summary>
    public ImmutableArray<Tile> Tiles { get; }

    /// <summary>The grid that tiles of any plan make up, in whatever order they are given.</summary>
    /// <param name="width">Pixels in a row of the picture.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="areas">All tiles of the picture, rows and columns of which are at the same places everywhere.</param>
    /// <exception cref="ArgumentException">They do not make up the picture; the message says what is missing.</exception>
    public static TileGrid Of(int width, int height, IReadOnlyCollection<TileArea> areas)
    {
        ArgumentNullException.ThrowIfNull(areas);
        ImmutableArray<Tile> tiles = Cut(
            Cover(width, "columns", areas.Select(area => (area.X, area.Width))), Cover(height, "rows", areas.Select(area => (area.Y, area.Height))));
        HashSet<TileArea> given = [.. areas];
        foreach (Tile tile in tiles)
        {
            if (!given.Contains(tile.Area))
            {
                throw new ArgumentException(
                    $"the tile of {tile.Area.Width}x{tile.Area.Height} pixels at x={tile.Area.X}, y={tile.Area.Y} is missing of a picture of {width}x{height}.");
            }
        }

        return given.Count == areas.Count
            ? new(width, height, tiles)
            : throw new ArgumentException($"{areas.Count} tiles of a picture of {width}x{height} were given, but only {given.Count} different ones.");
    }

    /// <summary>Checks what needs no picture.</summary>
    /// <param name="tileWidth">Pixels in a row of a tile.</param>
    /// <param name="tileHeight">Its rows.</param>
    /// <param name="overlap">Pixels that neighbouring tiles have in common at least.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public static void CheckTile(int tileWidth, int tileHeight, int overlap)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tileWidth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tileHeight, 1);
        if (overlap < 0 || overlap >= Math.Min(tileWidth, tileHeight))
        {
            throw new ArgumentOutOfRangeException(
                nameof(overlap), overlap, $"Tiles of {tileWidth}x{tileHeight} can overlap by 0 to {Math.Min(tileWidth, tileHeight) - 1} pixels.");
        }
    }

    private static List<Span> Spans(int size, int tile, int overlap)
    {
        tile = Math.Min(tile, size);
        List<int> starts = [0];
        while (starts[^1] + tile < size)
        {
            // In 64 bits, as a tile may be nearly as large as a number gets.
            starts.Add((int)Math.Min((long)starts[^1] + Math.Max(1, tile - overlap), size - tile));
        }

        return Cores(size, [.. starts.Select(start => (start, tile))]);
    }

    /// <summary>Columns or rows of tiles that were planned elsewhere.</summary>
    private static List<Span> Cover(int size, string what, IEnumerable<(int Start, int Length)> tiles)
    {
        List<(int Start, int Length)> spans = [.. tiles.Distinct().Order()];
        int end = 0;
        foreach ((int start, int length) in spans)
        {
            if (start < 0 || length < 1 || start > end || (long)start + length <= end || length > size - start)
            {
                break;
            }

            end = start + length;
        }

        return end == size
            ? Cores(size, spans)
            : throw new ArgumentException($"the tiles do not make up the {size} {what} of the picture: they go wrong at {end}.");
    }

    private static List<Span> Cores(int size, List<(int Start, int Length)> tiles)
    {
        return [.. tiles.Select((tile, i) => new Span(
            tile.Start, tile.Length,
            i == 0 ? 0 : Middle(tile.Start, End(i - 1)),
            i == tiles.Count - 1 ? size : Middle(tiles[i + 1].Start, End(i))))];

        int End(int i) => tiles[i].Start + tiles[i].Length;

        static int Middle(int start, int end) => start + (end - start) / 2;
    }

    private static ImmutableArray<Tile> Cut(List<Span> columns, List<Span> rows) =>
        [.. from row in rows
            from column in columns
            select new Tile(
                new(column.Start, row.Start, column.Length, row.Length),
                new(column.CoreStart, row.CoreStart, column.CoreEnd - column.CoreStart, row.CoreEnd - row.CoreStart))];

    private readonly record struct Span(int Start, int Length, int CoreStart, int CoreEnd);
}
