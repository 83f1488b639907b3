using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>
/// Cuts the output grid of a convolution into parts of equal size that vectors work on side by side: a lane is one part, a block
/// <see cref="SignProduct.Lanes"/> of them. A dilated convolution is as many independent ones as there are phases of its dilation, so each
/// phase of each image makes parts of its own, and in them neighbouring taps are neighbours; where the images and phases of a batch do not fill
/// the lanes, each is cut further, into rows and columns of parts. Parts are stored with the border that their taps read.
/// </summary>
internal sealed class BatchLanes
{
    private const int Lanes = SignProduct.Lanes;

    private readonly int _images, _height, _width, _dilation, _phaseHeight, _phaseWidth, _cutRows, _cutColumns, _parts;

    // Of a part: whole tiles.
    private readonly int _rows;

    /// <summary>Lays out a batch of output grids.</summary>
    public BatchLanes(ConvolutionGeometry geometry, int images, int height, int width)
    {
        (_images, _height, _width, _dilation) = (images, height, width, geometry.Dilation);
        Border = geometry.Padding / geometry.Dilation;
        (_phaseHeight, _phaseWidth) = (Ceiling(height, _dilation), Ceiling(width, _dilation));
        (_cutRows, _cutColumns) = (
            from rows in Cuts(_phaseHeight)
            from columns in Cuts(_phaseWidth)
            orderby Cost(rows, columns), rows + columns
            select (rows, columns)).First();
        (TileRows, _rows, Columns) = Size(_cutRows, _cutColumns);
        (OwnRows, OwnColumns) = (CutSize(_phaseHeight, _cutRows), CutSize(_phaseWidth, _cutColumns));
        _parts = images * _dilation * _dilation * _cutRows * _cutColumns;
        Blocks = Ceiling(_parts, Lanes);
        Pixels = new int[Blocks * Positions * Lanes];
        for (int block = 0; block < Blocks; block++)
        {
            for (int i = 0; i < Positions * Lanes; i++)
            {
                (int position, int lane) = (i / Lanes, i % Lanes);
                Pixels[block * Positions * Lanes + i] = Pixel(
                    block * Lanes + lane, position / PitchPositions - Border, position % PitchPositions - Border);
            }
        }
    }

    /// <summary>Positions around a part that its taps may read.</summary>
    public int Border { get; }

    /// <summary>Columns of a part: whole tiles.</summary>
    public int Columns { get; }

    /// <summary>Rows that are a part's own; those after them fill up its last tile and belong to the next part, or to none.</summary>
    public int OwnRows { get; }

    /// <summary>Columns that are a part's own.</summary>
    public int OwnColumns { get; }

    /// <summary>Rows of a tile.</summary>
    public int TileRows { get; }

    public int Blocks { get; }

    /// <summary>Tiles of a block.</summary>
    public int Tiles => _rows / TileRows * (Columns / SignProduct.Columns);

    /// <summary>Positions of a row, border included.</summary>
    public int PitchPositions => Columns + 2 * Border;

    /// <summary>Positions of a part, border included.</summary>
    public int Positions => (_rows + 2 * Border) * PitchPositions;

    /// <summary>The pixel of the output grid at [block][position][lane], or -1 where there is none.</summary>
    public int[] Pixels { get; }

    /// <summary>The image of a part; of an idle lane, the last.</summary>
    public int ImageOf(int part) => Math.Min(part / (_dilation * _dilation * _cutRows * _cutColumns), _images - 1);

    private int Pixel(int part, int row, int column)
    {
        int cut = part % (_cutRows * _cutColumns), phase = part / (_cutRows * _cutColumns) % (_dilation * _dilation);
        int cutRow = cut / _cutColumns * OwnRows, cutColumn = cut % _cutColumns * OwnColumns;
        int y = (cutRow + row) * _dilation + phase / _dilation, x = (cutColumn + column) * _dilation + phase % _dilation;
        return part < _parts && cutRow + row >= 0 && cutColumn + column >= 0 && y < _height && x < _width ? y * _width + x : -1;
    }

    private long Cost(int cutRows, int cutColumns)
    {
        // An input channel adds nine entries for each position, a table has sixteen: with a hundred channels, a fiftieth part.
        const int Adding = 50;
        (int tileRows, int rows, int columns) = Size(cutRows, cutColumns);
        long blocks = Ceiling(_images * _dilation * _dilation * cutRows * cutColumns, Lanes);
        long tiles = rows / tileRows * (columns / SignProduct.Columns);
        return blocks * (Adding * rows * columns + tiles * (tileRows + 2 * Border) * (SignProduct.Columns + 2 * Border));
    }

    private (int TileRows, int Rows, int Columns) Size(int cutRows, int cutColumns)
    {
        int rows = CutSize(_phaseHeight, cutRows), tiles = Ceiling(rows, SignProduct.MaxRows), tileRows = Ceiling(rows, tiles);
        return (tileRows, tiles * tileRows, Ceiling(CutSize(_phaseWidth, cutColumns), SignProduct.Columns) * SignProduct.Columns);
    }

    private static IEnumerable<int> Cuts(int side) => Enumerable.Range(1, Math.Min(side, Lanes));

    private static int CutSize(int side, int cuts) => Ceiling(side, cuts);

    private static int Ceiling(int dividend, int divisor) => (dividend + divisor - 1) / divisor;
}
