namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// Turns stored samples into colours, row by row. Samples are scaled linearly to 0..255 and rounded; colour profiles and gamma chunks are
/// not applied, so that a pixel has the value that its file stores.
/// </summary>
internal sealed class RowColors
{
    private readonly Raster _form;
    private readonly bool _onWhite;
    private readonly byte[] _table;

    /// <param name="form">What the samples mean.</param>
    /// <param name="onWhite">
    /// Whether what is transparent shows white through it, which is how images are read, or alpha is left out, which is how masks are.
    /// </param>
    public RowColors(Raster form, bool onWhite = true)
    {
        _form = form;
        _onWhite = onWhite;
        _table = form is { Channels: 1, BytesPerSample: 1 } ? MakeTable() : [];
    }

    /// <summary>Writes red, green, blue of each pixel.</summary>
    /// <exception cref="InvalidDataException">A pixel's index lies outside the palette.</exception>
    public void ToRgb(RowPart part, ReadOnlySpan<byte> samples, Span<byte> rgb)
    {
        int channels = _form.Channels;
        if (_table.Length > 0)
        {
            LookUp(part, samples, rgb);
            return;
        }

        if (_onWhite && _form is { Color: ColorModel.Rgba, MaxValue: byte.MaxValue, IsPremultiplied: false })
        {
            PixelConversion.RgbaToRgbOnWhite(samples, rgb);
            return;
        }

        bool colored = _form.Color is ColorModel.Rgb or ColorModel.Rgba;
        bool alphaStored = _form.Color is ColorModel.GrayAlpha or ColorModel.Rgba;
        for (int x = 0, at = 0; 3 * x < rgb.Length; x++, at += channels)
        {
            byte red = Scaled(samples, at);
            byte green = colored ? Scaled(samples, at + 1) : red;
            byte blue = colored ? Scaled(samples, at + 2) : red;
            byte alpha = alphaStored ? Scaled(samples, at + channels - 1) : IsTransparent(samples, at) ? byte.MinValue : byte.MaxValue;
            Put(rgb.Slice(3 * x, 3), red, green, blue, alpha);
        }
    }

    /// <summary>
    /// One gray value 0..255 a pixel of a mask; alpha is left out. Colours become luma with the weights of ITU-R BT.601 in 16-bit fixed
    /// point, which keeps r = g = b exactly.
    /// </summary>
    /// <exception cref="InvalidDataException">A pixel's index lies outside the palette.</exception>
    public static byte[] ToGray(Raster raster)
    {
        if (raster is { Color: ColorModel.Gray, MaxValue: byte.MaxValue })
        {
            return raster.Samples;
        }

        RowColors colors = new(raster, onWhite: false);
        int stride = raster.Width * raster.Channels * raster.BytesPerSample;
        byte[] gray = new byte[raster.PixelCount];
        byte[] rgb = new byte[3 * raster.Width];
        for (int y = 0; y < raster.Height; y++)
        {
            colors.ToRgb(new(y), raster.Samples.AsSpan(y * stride, stride), rgb);
            Span<byte> row = gray.AsSpan(y * raster.Width, raster.Width);
            for (int x = 0; x < row.Length; x++)
            {
                row[x] = (byte)(((19595 * rgb[3 * x]) + (38470 * rgb[(3 * x) + 1]) + (7471 * rgb[(3 * x) + 2]) + 32768) >> 16);
            }
        }

        return gray;
    }

    private void LookUp(RowPart part, ReadOnlySpan<byte> samples, Span<byte> rgb)
    {
        ReadOnlySpan<byte> table = _table;
        for (int x = 0; x < samples.Length; x++)
        {
            int entry = 3 * samples[x];
            if (entry >= table.Length)
            {
                throw _form.Error((part.Y * _form.Width) + part.X + (x * part.Step), $"palette index {samples[x]}, but the palette has {table.Length / 3} colours.");
            }

            rgb[3 * x] = table[entry];
            rgb[(3 * x) + 1] = table[entry + 1];
            rgb[(3 * x) + 2] = table[entry + 2];
        }
    }

    private byte[] MakeTable()
    {
        bool palette = _form.Color == ColorModel.Palette;
        byte[] table = new byte[palette ? _form.PaletteRgb.Length : 3 * (_form.MaxValue + 1)];
        for (int value = 0; value < table.Length / 3; value++)
        {
            Span<byte> entry = table.AsSpan(3 * value, 3);
            if (palette)
            {
                ReadOnlySpan<byte> color = _form.PaletteRgb.AsSpan(3 * value, 3);
                Put(entry, color[0], color[1], color[2], value < _form.PaletteAlpha.Length ? _form.PaletteAlpha[value] : byte.MaxValue);
            }
            else
            {
                byte gray = Scale(value);
                bool transparent = _form.TransparentColor.Length == 1 && _form.TransparentColor[0] == value;
                Put(entry, gray, gray, gray, transparent ? byte.MinValue : byte.MaxValue);
            }
        }

        return table;
    }

    private void Put(Span<byte> rgb, byte red, byte green, byte blue, byte alpha)
    {
        bool opaque = !_onWhite || alpha == byte.MaxValue;
        rgb[0] = opaque ? red : OnWhite(red, alpha);
        rgb[1] = opaque ? green : OnWhite(green, alpha);
        rgb[2] = opaque ? blue : OnWhite(blue, alpha);
    }

    private byte OnWhite(int value, int alpha) =>
        _form.IsPremultiplied ? (byte)(Math.Min(value, alpha) + 255 - alpha) : PixelConversion.OnWhite(value, alpha);

    private bool IsTransparent(ReadOnlySpan<byte> samples, int at)
    {
        ReadOnlySpan<ushort> transparent = _form.TransparentColor;
        for (int i = 0; i < transparent.Length; i++)
        {
            if (transparent[i] != Sample(samples, at + i))
            {
                return false;
            }
        }

        return transparent.Length > 0;
    }

    private int Sample(ReadOnlySpan<byte> samples, int at) =>
        _form.BytesPerSample == 1 ? samples[at] : (samples[2 * at] << 8) | samples[(2 * at) + 1];

    private byte Scaled(ReadOnlySpan<byte> samples, int at) => Scale(Sample(samples, at));

    private byte Scale(int sample)
    {
        int max = _form.MaxValue;
        return max == byte.MaxValue ? (byte)sample : (byte)(((sample * byte.MaxValue) + (max / 2)) / max);
    }
}
