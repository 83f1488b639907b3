using System.Buffers.Binary;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// Reads every colour type, bit depth and interlacing of the PNG specification. Files are untrusted: every chunk's CRC is checked, and the
/// pixel buffer is allocated only after the header has passed its limits and the compressed data could really fill it.
/// </summary>
internal static class PngReader
{
    /// <summary>No deflate stream inflates to more than this multiple of its size: at best two bits stand for 258 bytes.</summary>
    private const int MaxInflation = 1032;

    public static bool IsPng(ReadOnlySpan<byte> file) => file.StartsWith(PngChunks.Signature);

    /// <exception cref="InvalidDataException">
    /// The data are not a PNG file, or truncated, damaged or too large; the message names the file, the chunk and the fault.
    /// </exception>
    public static Raster Decode(ReadOnlySpan<byte> file, string name)
    {
        var chunks = new PngChunks(file, name);
        chunks.MoveNext();
        if (chunks.Type != "IHDR")
        {
            throw PngChunks.Error(name, chunks.Type, "stands first; a PNG file starts with IHDR.");
        }

        PngHeader header = PngHeader.Parse(chunks.Data, name);
        byte[] palette = [];
        byte[] paletteAlpha = [];
        ushort[] transparentColor = [];
        using var compressed = new MemoryStream();
        string previous = chunks.Type;
        for (chunks.MoveNext(); chunks.Type != "IEND"; previous = chunks.Type, chunks.MoveNext())
        {
            switch (chunks.Type)
            {
                case "IDAT":
                    Require(compressed.Length == 0 || previous == "IDAT", name, "IDAT", "the image data are interrupted by another chunk.");
                    compressed.Write(chunks.Data);
                    break;
                case "PLTE":
                    Require(palette.Length == 0, name, "PLTE", "a second palette.");
                    Require(compressed.Length == 0, name, "PLTE", "must stand before the image data.");
                    Require(
                        chunks.Data.Length is > 0 and <= 768 && chunks.Data.Length % 3 == 0,
                        name,
                        "PLTE",
                        $"{chunks.Data.Length} bytes long, must be 3 bytes for each of 1 to 256 colours.");
                    palette = chunks.Data.ToArray();
                    break;
                case "tRNS" when header.Color == ColorModel.Palette:
                    Require(
                        chunks.Data.Length <= palette.Length / 3,
                        name,
                        "tRNS",
                        $"{chunks.Data.Length} alpha values, but {palette.Length / 3} palette colours stand before it.");
                    paletteAlpha = chunks.Data.ToArray();
                    break;
                case "tRNS" when header.Color is ColorModel.Gray or ColorModel.Rgb:
                    transparentColor = ReadTransparentColor(header, chunks.Data, name);
                    break;
                default:
                    // A palette or transparency that the colour type has no use for is skipped like any other extra.
                    Require(chunks.IsAncillary, name, chunks.Type, "a chunk that must be understood to read this file, but is not known here.");
                    break;
            }
        }

        Require(compressed.Length > 0, name, "IDAT", "missing: the file has no image data.");
        Require(header.Color != ColorModel.Palette || palette.Length > 0, name, "PLTE", "missing: a palette image needs one.");
        Require(
            header.ScanlineBytes <= MaxInflation * compressed.Length,
            name,
            "IDAT",
            $"{compressed.Length} bytes of compressed data cannot hold {header.Width}x{header.Height} pixels of {header.BitsPerPixel} bits.");

        compressed.Position = 0;
        return new Raster(
            name, header.Width, header.Height, header.Color, (1 << header.BitDepth) - 1, PngScanlines.Decode(header, compressed, name))
        {
            PaletteRgb = header.Color == ColorModel.Palette ? palette : [],
            PaletteAlpha = paletteAlpha,
            TransparentColor = transparentColor,
        };
    }

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
