namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>What the samples of a pixel mean. The values are the colour types of the PNG specification.</summary>
internal enum ColorModel : byte
{
    Gray = 0,
    Rgb = 2,
    Palette = 3,
    GrayAlpha = 4,
    Rgba = 6,
}

/// <summary>
/// A decoded image file with its samples exactly as stored: unscaled, and palette indices not yet looked up, because a mask needs the
/// stored numbers and a picture needs the colours. <see cref="RowColors"/> turns it into colours.
/// </summary>
/// <param name="Name">File or stream name, used in error messages.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Color">Meaning of the samples.</param>
/// <param name="MaxValue">The sample value that stands for full intensity, 1 to 65535.</param>
/// <param name="Samples">
/// Row-major, channels interleaved; a byte a sample while <paramref name="MaxValue"/> is at most 255, else two bytes, high byte first.
/// </param>
internal sealed record Raster(string Name, int Width, int Height, ColorModel Color, int MaxValue, byte[] Samples)
{
    /// <summary>Red, green and blue of each palette entry; empty unless <see cref="Color"/> is a palette.</summary>
    public byte[] PaletteRgb { get; init; } = [];

    /// <summary>Alpha of the first palette entries; those beyond its end are opaque.</summary>
    public byte[] PaletteAlpha { get; init; } = [];

    /// <summary>The one gray value or RGB colour (unscaled) that is fully transparent; empty when there is none.</summary>
    public ushort[] TransparentColor { get; init; } = [];

    /// <summary>Whether colours are stored multiplied by their alpha.</summary>
    public bool IsPremultiplied { get; init; }

    public int Channels => ChannelsOf(Color);

    public int BytesPerSample => MaxValue > byte.MaxValue ? 2 : 1;

    public int PixelCount => Width * Height;

    public static int ChannelsOf(ColorModel color) => color switch
    {
        ColorModel.GrayAlpha => 2,
        ColorModel.Rgb => 3,
        ColorModel.Rgba => 4,
        _ => 1,
    };

    /// <summary>The sample as stored.</summary>
    public int Sample(int pixel, int channel)
    {
        int i = (pixel * Channels) + channel;
        return BytesPerSample == 1 ? Samples[i] : (Samples[2 * i] << 8) | Samples[(2 * i) + 1];
    }

    public InvalidDataException Error(int pixel, string what)
        => new($"{Name}: pixel x={pixel % Width}, y={pixel / Width}: {what}");
}
