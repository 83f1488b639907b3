using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// How one plane of a feature map lies in memory, in elements (bytes of a nibble plane, floats of a real one). Rows follow each other with
/// <see cref="Border"/> elements between them, which are the right border of one row and the left border of the next; rows of border lie
/// above and below. So every tap of a convolution window is the plane itself at another constant offset, and a kernel runs over one
/// contiguous range of <see cref="Extent"/> elements, borders between rows included.
/// </summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Border">Border on each side: at least the padding of every convolution that reads the plane.</param>
internal readonly record struct PlaneLayout(int Height, int Width, int Border)
{
    /// <summary>Kernels read and write whole tiles of this many elements; planes have room for them.</summary>
    public const int Tile = 64;

    /// <summary>Elements from one row to the next.</summary>
    public int Pitch => Width + Border;

    /// <summary>Offset of row 0, column 0 from the start of the plane.</summary>
    public int Origin
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => WholeTiles(Border * (Pitch + 1));
    }

    /// <summary>Elements of all rows, borders between them included, in whole tiles: the range that kernels run over.</summary>
    public int Extent
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => WholeTiles(Height * Pitch);
    }

    /// <summary>Elements of the plane, borders included: the distance from one plane to the next.</summary>
    public int Length
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Origin + Extent + WholeTiles(Border * (Pitch + 1));
    }

    /// <summary>Offset of a pixel from the start of the plane; rows and columns may lie in the border.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Offset(int row, int column) => Origin + row * Pitch + column;

    /// <summary>
    /// Sets the border within elements [<paramref name="first"/>, <paramref name="last"/>) of the extent to zero, in a plane that a kernel
    /// has written in whole tiles; the range that holds the start (or end) of the extent takes the rows above (or below) with it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ClearBorder<T>(Span<T> plane, int first, int last)
    {
        if (first == 0)
        {
            plane[..Origin].Clear();
        }

        int end = Height * Pitch;
        if (Border > 0)
        {
            for (int row = first / Pitch; row < Height && row * Pitch + Width < last; row++)
            {
                int from = Math.Max(row * Pitch + Width, first), to = Math.Min((row + 1) * Pitch, last);
                if (from < to)
                {
                    plane[(Origin + from)..(Origin + to)].Clear();
                }
            }
        }

        if (last >= end)
        {
            plane[(Origin + Math.Max(first, end))..Length].Clear();
        }
    }

    /// <summary>So many elements in whole tiles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WholeTiles(int elements) => (elements + Tile - 1) / Tile * Tile;
}

/// <summary>A tap of a convolution window: the plane that it reads, and how far from the output pixel, in rows and columns of that plane.</summary>
/// <param name="Phase">0, or for stride 2 one of the four phases of the plane that the window moves over; see <see cref="PhaseSplit"/>.</param>
/// <param name="Row">Rows down from the output pixel.</param>
/// <param name="Column">Columns to the right of the output pixel.</param>
internal readonly record struct Tap(int Phase, int Row, int Column);

/// <summary>The taps of a convolution window.</summary>
internal static class WindowTaps
{
    /// <summary>The taps in row-major order. Padding keeps the output of stride 1 at the input's size.</summary>
    public static Tap[] Of(int kernel, int stride, int dilation)
    {
        Tap[] taps = new Tap[kernel * kernel];
        int padding = dilation * (kernel - 1) / 2;
        for (int t = 0; t < taps.Length; t++)
        {
            int row = t / kernel * dilation - padding, column = t % kernel * dilation - padding;
            taps[t] = stride == 1 ? new(0, row, column) : new((row & 1) * 2 + (column & 1), row >> 1, column >> 1);
        }

        return taps;
    }
}
