using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// The extent of a map cut into strips, each done for one block of channels at a time: a strip of the inputs stays in cache while all
/// blocks of outputs are made from it.
/// </summary>
internal readonly struct Strips
{
    /// <summary>Channels of a block; the last one of a map may have fewer. Sign planes of four and of six channels fit in.</summary>
    public const int Channels = 12;

    private readonly int _channels, _blocks, _length, _last, _extent;

    private Strips(PlaneLayout layout, int channels, int length, int last) =>
        (_channels, _blocks, _length, _last, _extent) = (channels, (channels + Channels - 1) / Channels, length, last, layout.Extent);

    /// <summary>Pixels of the longest strip.</summary>
    public int MaxPixels => _length;

    public int Items => _blocks * ((_last + _length - 1) / _length);

    /// <summary>Strips of whole tiles over the whole extent.</summary>
    public static Strips OfTiles(PlaneLayout layout, int channels, int tiles) =>
        new(layout, channels, Math.Min(tiles * PlaneLayout.Tile, layout.Extent), layout.Extent);

    /// <summary>Strips of about so many pixels in whole rows, the number of rows being a multiple of a number that divides their number.</summary>
    public static Strips OfRows(PlaneLayout layout, int channels, int pixels, int multiple = 1)
    {
        int rows = Math.Clamp(pixels / layout.Pitch / multiple * multiple, multiple, layout.Height);
        return new(layout, channels, rows * layout.Pitch, layout.Height * layout.Pitch);
    }

    /// <summary>The channels and the range of pixels of an item, and where the part of the extent ends that it is in charge of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Item(int index, out int channel, out int channels, out int first, out int pixels, out int last)
    {
        channel = index % _blocks * Channels;
        channels = Math.Min(Channels, _channels - channel);
        first = index / _blocks * _length;
        pixels = Math.Min(_length, _last - first);
        last = first + pixels == _last ? _extent : first + pixels;
    }
}
