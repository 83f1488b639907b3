using System.Buffers.Binary;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// Reads every colour type, bit depth and interlacing of the PNG specification. Files are untrusted: pixel buffers are allocated only
/// after the header has passed its limits and the compressed data could really fill them. Damage that leaves the pixels right is a
/// warning: a wrong CRC in a chunk that changes neither them nor their places, image data that go on after the last row, a missing end.
/// </summary>
internal sealed class PngReader : SampleReader
{
    /// <summary>No deflate stream inflates to more than this multiple of its size: at best two bits stand for 258 bytes.</summary>
    private const int MaxInflation = 1032;

    private readonly PngScanlines _lines;

    private PngReader(Raster form, PngScanlines lines)
        : base(form) => _lines = lines;

    /// <param name="file">The file.</param>
    /// <param name="name">What error messages call it.</param>
    /// <param name="warn">Gets warnings.</param>
    /// <param name="forColors">Whether colours are wanted, which transparency changes, and not samples alone.</param>
    /// <exception cref="InvalidDataException">
    /// The data are not a PNG file, or truncated, damaged or too large; the message names the file, the chunk and the fault.
    /// </exception>
    public static PngReader Open(ByteSource file, string name, Action<string>? warn = null, bool forColors = false)
    {
        PngChunks chunks = new(file, name, warn);
        Require(chunks.MoveNext() && chunks.Type == "IHDR", name, chunks.Type, "stands first; a PNG file starts with IHDR.");
        PngHeader header = PngHeader.Parse(chunks.Data(), name);
        chunks.Needed = forColors && header.Color is ColorModel.Gray or ColorModel.Rgb or ColorModel.Palette ? ["eXIf", "tRNS"] : ["eXIf"];
        byte[] palette = [];
        byte[] paletteAlpha = [];
        ushort[] transparentColor = [];
        List<FilePiece> compressed = [];
        string previous = chunks.Type;
        for (; chunks.MoveNext(); previous = chunks.Type)
        {
            ReadOnlySpan<byte> data = chunks.Type is "PLTE" or "tRNS" ? chunks.Data() : [];
            switch (chunks.Type)
            {
                case "IDAT":
                    Require(compressed.Count == 0 || previous == "IDAT", name, "IDAT", "the image data are interrupted by another chunk.");
                    compressed.Add(chunks.Piece);
                    break;
                case "PLTE":
                    Require(palette.Length == 0, name, "PLTE", "a second palette.");
                    Require(compressed.Count == 0, name, "PLTE", "must stand before the image data.");
                    Require(
                        data.Length is > 0 and <= 768 && data.Length % 3 == 0,
                        name,
                        "PLTE",
                        $"{data.Length} bytes long, must be 3 bytes for each of 1 to 256 colours.");
                    palette = data.ToArray();
                    break;
                case "tRNS" when header.Color == ColorModel.Palette:
                    Require(
                        data.Length <= palette.Length / 3,
                        name,
                        "tRNS",
                        $"{data.Length} alpha values, but {palette.Length / 3} palette colours stand before it.");
                    paletteAlpha = data.ToArray();
                    break;
                case "tRNS" when header.Color is ColorModel.Gray or ColorModel.Rgb:
                    transparentColor = ReadTransparentColor(header, data, name);
                    break;
                default:
                    // A palette or transparency that the colour type has no use for is skipped like any other extra.
                    Require(chunks.IsAncillary, name, chunks.Type, "a chunk that must be understood to read this file, but is not known here.");
                    break;
            }
        }

        long bytes = compressed.Sum(chunk => (long)chunk.Length);
        Require(bytes > 0, name, "IDAT", "missing: the file has no image data.");
        Require(header.Color != ColorModel.Palette || palette.Length > 0, name, "PLTE", "missing: a palette image needs one.");
        Require(
            header.ScanlineBytes <= MaxInflation * bytes,
            name,
            "IDAT",
            $"{bytes} bytes of compressed data cannot hold {header.Width}x{header.Height} pixels of {header.BitsPerPixel} bits.");
        Raster form = new(name, header.Width, header.Height, header.Color, (1 << header.BitDepth) - 1, [])
        {
            PaletteRgb = header.Color == ColorModel.Palette ? palette : [],
            PaletteAlpha = paletteAlpha,
            TransparentColor = transparentColor,
        };
        return new PngReader(form, new PngScanlines(header, file, compressed, name, warn));
    }

    public override bool ComesInOrder => !_lines.AreInterlaced;

    public override void ReadRows(Func<SampleRow> begin) => _lines.Decode(begin);

    private static ushort[] ReadTransparentColor(PngHeader header, ReadOnlySpan<byte> data, string name)
    {
        ushort[] color = new ushort[Raster.ChannelsOf(header.Color)];
        Require(data.Length == 2 * color.Length, name, "tRNS", $"{data.Length} bytes long, must be {2 * color.Length}.");
        for (int i = 0; i < color.Length; i++)
        {
            color[i] = BinaryPrimitives.ReadUInt16BigEndian(data[(2 * i)..]);
        }

        return color;
    }

    private static void Require(bool condition, string name, string chunk, string what)
    {
        if (!condition)
        {
            throw PngChunks.Error(name, chunk, what);
        }
    }
}
