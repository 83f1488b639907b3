using System.Buffers.Binary;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>How the samples of a TIFF page lie in its file.</summary>
internal sealed class TiffLayout
{
    private const int WhiteIsZero = 0;
    private const int RgbColors = 2;
    private const int PaletteColors = 3;
    private const int Planes = 2;
    private const int HorizontalDifferences = 2;
    private const int HighBitFirst = 1;
    private const int LowBitFirst = 2;
    private const int AssociatedAlpha = 1;
    private const int UnassociatedAlpha = 2;

    private readonly int _bits;
    private readonly bool _littleEndian;
    private readonly bool _differences;
    private readonly bool _inverted;
    private readonly bool _lowBitFirst;

    private TiffLayout(TiffDirectory directory, ImageInfo info, int bits, int samplesPerPixel, bool inverted)
    {
        _bits = bits;
        _littleEndian = directory.IsLittleEndian;
        _differences = directory.Value(TiffDirectory.Predictor, 1) == HorizontalDifferences;
        _inverted = inverted;
        _lowBitFirst = directory.Value(TiffDirectory.FillOrder, HighBitFirst) == LowBitFirst;
        InPlanes = samplesPerPixel > 1 && directory.Value(TiffDirectory.PlanarConfiguration, 1) == Planes;
        SamplesTogether = InPlanes ? 1 : samplesPerPixel;
        Compression = directory.Value(TiffDirectory.Compression, 1);
        AreTiles = directory.Value(TiffDirectory.TileWidth, 0) > 0;
        long width = AreTiles ? directory.Value(TiffDirectory.TileWidth, 0) : info.StoredWidth;
        long height = AreTiles ? directory.Value(TiffDirectory.TileLength, 0) : directory.Value(TiffDirectory.RowsPerStrip, info.StoredHeight);
        BlockWidth = (int)Math.Clamp(width, 1, int.MaxValue);
        BlockHeight = (int)Math.Clamp(height, 1, AreTiles ? int.MaxValue : info.StoredHeight);
        Offsets = directory.Values(AreTiles ? TiffDirectory.TileOffsets : TiffDirectory.StripOffsets);
        ByteCounts = directory.Values(AreTiles ? TiffDirectory.TileByteCounts : TiffDirectory.StripByteCounts);
    }

    public long Compression { get; }

    public bool AreTiles { get; }

    public int BlockWidth { get; }

    public int BlockHeight { get; }

    /// <summary>Whether each channel has blocks of its own.</summary>
    public bool InPlanes { get; }

    /// <summary>Samples of a pixel that lie side by side.</summary>
    public int SamplesTogether { get; }

    public long[] Offsets { get; }

    public long[] ByteCounts { get; }

    public int BlockRowBytes => checked((int)((((long)BlockWidth * SamplesTogether * _bits) + 7) / 8));

    /// <exception cref="InvalidDataException">The page is of a kind that is not read.</exception>
    /// <exception cref="EndOfStreamException">The file ends before.</exception>
    public static (Raster Form, TiffLayout Layout) Read(TiffDirectory directory, ImageInfo info, string name)
    {
        long photometric = directory.Value(TiffDirectory.Photometric, 1);
        long samples = directory.Value(TiffDirectory.SamplesPerPixel, 1);
        long[] bits = directory.Values(TiffDirectory.BitsPerSample);
        int depth = bits.Length == 0 ? 1 : (int)bits[0];
        int colors = photometric == RgbColors ? 3 : 1;
        Require(photometric is >= 0 and <= PaletteColors, $"colours of kind {photometric} are not read, only gray, RGB and palettes");
        Require(samples >= colors && samples <= colors + 4, $"{samples} samples a pixel are not read");
        Require(
            depth is 1 or 2 or 4 or 8 or 16 && bits.All(value => value == depth) && (depth >= 8 || samples == 1),
            $"{string.Join(", ", bits.Distinct().Take(4))} bits a sample are not read; 1, 2, 4, 8 and 16 are");
        Require(directory.Values(TiffDirectory.SampleFormat).All(format => format is 1 or 4), "samples that are signed or floating-point are not read");
        Require(TiffCompression.IsKnown(directory.Value(TiffDirectory.Compression, 1)), $"compression {directory.Value(TiffDirectory.Compression, 1)} is not read; none, LZW, Deflate and PackBits are");
        // Only here is the meaning beyond doubt: TIFF 6.0 reverses the order of samples in a byte, libtiff all bits of the compressed data, of any depth.
        long fillOrder = directory.Value(TiffDirectory.FillOrder, HighBitFirst);
        Require(
            fillOrder == HighBitFirst || (fillOrder == LowBitFirst && depth == 1 && directory.Value(TiffDirectory.Compression, 1) == TiffCompression.None),
            $"fill order {fillOrder} is not read, except 2 of uncompressed samples of 1 bit");
        long predictor = directory.Value(TiffDirectory.Predictor, 1);
        Require(predictor == 1 || (predictor == HorizontalDifferences && depth >= 8), $"predictor {predictor} is not read");

        long alpha = samples > colors ? directory.Value(TiffDirectory.ExtraSamples, 0) : 0;
        bool hasAlpha = alpha is AssociatedAlpha or UnassociatedAlpha && photometric != PaletteColors;
        ColorModel color = (photometric, hasAlpha) switch
        {
            (RgbColors, true) => ColorModel.Rgba,
            (RgbColors, false) => ColorModel.Rgb,
            (PaletteColors, _) => ColorModel.Palette,
            (_, true) => ColorModel.GrayAlpha,
            _ => ColorModel.Gray,
        };
        Require(
            photometric != WhiteIsZero || !hasAlpha || alpha != AssociatedAlpha,
            "gray whose 0 is white (colours of kind 0) is not read where it is multiplied with alpha");
        Require(color != ColorModel.Palette || depth <= 8, "palettes of 16 bits are not read");
        Raster form = new(name, info.StoredWidth, info.StoredHeight, color, (1 << depth) - 1, [])
        {
            PaletteRgb = color == ColorModel.Palette ? ReadPalette(directory.Values(TiffDirectory.ColorMap), 1 << depth) : [],
            IsPremultiplied = hasAlpha && alpha == AssociatedAlpha,
        };
        return (form, new TiffLayout(directory, info, depth, (int)samples, photometric == WhiteIsZero));

        void Require(bool condition, string what)
        {
            if (!condition)
            {
                throw TiffDirectory.Error(name, $"{what}; save it as PNG.");
            }
        }
    }

    /// <summary>Gives the samples of a row of a block whole bytes, the high one first, and undoes differences.</summary>
    /// <param name="packed">The row as stored.</param>
    /// <param name="plane">The channel of the block where channels lie in planes, otherwise 0.</param>
    /// <param name="samples">Is filled.</param>
    public void Unpack(ReadOnlySpan<byte> packed, int plane, Span<byte> samples)
    {
        if (_lowBitFirst)
        {
            BitSamples.UnpackLowBitFirst(packed, samples);
        }
        else if (_bits < 8)
        {
            BitSamples.Unpack(packed, _bits, samples);
        }
        else
        {
            packed.CopyTo(samples);
        }

        if (_bits == 16)
        {
            Unpack16(samples);
        }
        else if (_differences)
        {
            for (int i = SamplesTogether; i < samples.Length; i++)
            {
                samples[i] += samples[i - SamplesTogether];
            }
        }

        if (_inverted && plane == 0)
        {
            InvertGray(samples);
        }
    }

    // The first sample of each pixel is gray; those after it, alpha for example, are what they are.
    private void InvertGray(Span<byte> samples)
    {
        byte max = (byte)((1 << Math.Min(_bits, 8)) - 1);
        int bytes = _bits == 16 ? 2 : 1;
        for (int pixel = 0; pixel < samples.Length; pixel += bytes * SamplesTogether)
        {
            for (int i = pixel; i < pixel + bytes; i++)
            {
                samples[i] = (byte)(max - samples[i]);
            }
        }
    }

    private void Unpack16(Span<byte> samples)
    {
        for (int i = 0; i < samples.Length; i += 2)
        {
            Span<byte> sample = samples.Slice(i, 2);
            int value = _littleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(sample) : BinaryPrimitives.ReadUInt16BigEndian(sample);
            if (_differences && i >= 2 * SamplesTogether)
            {
                value += BinaryPrimitives.ReadUInt16BigEndian(samples[(i - (2 * SamplesTogether))..]);
            }

            BinaryPrimitives.WriteUInt16BigEndian(sample, (ushort)value);
        }
    }

    // Three tables of 16 bits, one after the other. Some writers fill in 8 bits.
    private static byte[] ReadPalette(long[] map, int colors)
    {
        byte[] palette = new byte[Math.Min(3 * colors, map.Length / 3 * 3)];
        int shift = map.Any(value => value > byte.MaxValue) ? 8 : 0;
        for (int i = 0; i < palette.Length; i++)
        {
            palette[i] = (byte)(map[((i % 3) * (palette.Length / 3)) + (i / 3)] >> shift);
        }

        return palette;
    }
}
