using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// Conversions between 3 and 4 bytes per pixel, four pixels per step: one 16-byte shuffle moves the channels, and the 4 bytes too many that it
/// reads or writes belong to the next pixels, so the last ones are done one by one.
/// </summary>
internal static class PixelConversion
{
    private static Vector128<byte> RgbaOrder => Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);

    private static Vector128<byte> BgraOrder => Vector128.Create((byte)2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 255, 255, 255, 255);

    // An index out of range gives 0; alpha is ORed in.
    private static Vector128<byte> RgbToBgraOrder => Vector128.Create((byte)2, 1, 0, 255, 5, 4, 3, 255, 8, 7, 6, 255, 11, 10, 9, 255);

    /// <summary>Red, green, blue, alpha (or blue first) to colours. Alpha is left out; where colours are multiplied by it, what is missing to opacity is added in white.</summary>
    public static void ToRgb(ReadOnlySpan<byte> four, Span<byte> rgb, bool isBgra, bool premultiplied)
    {
        (Vector128<byte> order, int red) = isBgra ? (BgraOrder, 2) : (RgbaOrder, 0);
        if (premultiplied)
        {
            AddWhite(four, rgb, order, red);
        }
        else
        {
            DropAlpha(four, rgb, order, red);
        }
    }

    /// <summary>A colour under an alpha, on white. The product is rounded before white is added, as in images that store the product.</summary>
    public static byte OnWhite(int value, int alpha) => (byte)((((value * alpha) + 127) / 255) + 255 - alpha);

    /// <summary>Red, green, blue, alpha, not multiplied, to colours on white.</summary>
    public static void RgbaToRgbOnWhite(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        if (IsOpaque(rgba))
        {
            ToRgb(rgba, rgb, isBgra: false, premultiplied: false);
            return;
        }

        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
        {
            int alpha = rgba[from + 3];
            rgb[to] = OnWhite(rgba[from], alpha);
            rgb[to + 1] = OnWhite(rgba[from + 1], alpha);
            rgb[to + 2] = OnWhite(rgba[from + 2], alpha);
        }
    }

    public static void RgbToBgra(ReadOnlySpan<byte> rgb, Span<byte> bgra)
    {
        int from = 0;
        int to = 0;
        Vector128<byte> opaque = Vector128.Create(0xFF000000u).AsByte();
        for (; from + 16 <= rgb.Length; from += 12, to += 16)
        {
            (Vector128.Shuffle(Vector128.Create(rgb[from..]), RgbToBgraOrder) | opaque).CopyTo(bgra[to..]);
        }

        for (; from < rgb.Length; from += 3, to += 4)
        {
            bgra[to] = rgb[from + 2];
            bgra[to + 1] = rgb[from + 1];
            bgra[to + 2] = rgb[from];
            bgra[to + 3] = byte.MaxValue;
        }
    }

    private static bool IsOpaque(ReadOnlySpan<byte> rgba)
    {
        uint all = uint.MaxValue;
        foreach (uint pixel in MemoryMarshal.Cast<byte, uint>(rgba))
        {
            all &= pixel;
        }

        return BitConverter.IsLittleEndian ? all >= 0xFF000000 : (all & byte.MaxValue) == byte.MaxValue;
    }

    private static void AddWhite(ReadOnlySpan<byte> four, Span<byte> rgb, Vector128<byte> order, int red)
    {
        Vector128<byte> alphaOfEach = Vector128.Create((byte)3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15);
        int from = 0;
        int to = 0;
        for (; to + 16 <= rgb.Length; from += 16, to += 12)
        {
            Vector128<byte> pixels = Vector128.Create(four[from..]);
            Vector128<byte> onWhite = Vector128.AddSaturate(pixels, ~Vector128.Shuffle(pixels, alphaOfEach));
            Vector128.Shuffle(onWhite, order).CopyTo(rgb[to..]);
        }

        for (; to < rgb.Length; from += 4, to += 3)
        {
            int white = byte.MaxValue - four[from + 3];
            rgb[to] = (byte)Math.Min(byte.MaxValue, four[from + red] + white);
            rgb[to + 1] = (byte)Math.Min(byte.MaxValue, four[from + 1] + white);
            rgb[to + 2] = (byte)Math.Min(byte.MaxValue, four[from + 2 - red] + white);
        }
    }

    private static void DropAlpha(ReadOnlySpan<byte> four, Span<byte> rgb, Vector128<byte> order, int red)
    {
        int from = 0;
        int to = 0;
        for (; to + 16 <= rgb.Length; from += 16, to += 12)
        {
            Vector128.Shuffle(Vector128.Create(four[from..]), order).CopyTo(rgb[to..]);
        }

        for (; to < rgb.Length; from += 4, to += 3)
        {
            rgb[to] = four[from + red];
            rgb[to + 1] = four[from + 1];
            rgb[to + 2] = four[from + 2 - red];
        }
    }
}
