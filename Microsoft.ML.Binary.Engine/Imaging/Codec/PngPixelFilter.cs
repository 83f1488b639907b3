using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// The filters that depend on the pixel on the left, for pixels of 3 and 4 bytes: one pixel per step, its bytes side by side in a vector, so
/// that only one chain of operations leads from pixel to pixel.
/// </summary>
internal static class PngPixelFilter
{
    /// <summary>As <see cref="PngFilter.Undo"/>; both lines have whole pixels.</summary>
    public static void Undo(int filter, Span<byte> line, ReadOnlySpan<byte> above, int step)
    {
        Vector128<byte> left = default;
        Vector128<byte> corner = default;
        for (int i = 0; i < line.Length; i += step)
        {
            Vector128<byte> pixel = Load(line, i, step);
            Vector128<byte> up = Load(above, i, step);
            left = pixel + filter switch
            {
                PngFilter.Sub => left,

                // Rounded down without a ninth bit.
                PngFilter.Average => (left & up) + Vector128.ShiftRightLogical(left ^ up, 1),
                _ => Paeth(left, up, corner),
            };
            corner = up;
            Store(left, line, i, step);
        }
    }

    private static Vector128<byte> Paeth(Vector128<byte> left, Vector128<byte> up, Vector128<byte> corner)
    {
        Vector128<short> a = Vector128.WidenLower(left).AsInt16();
        Vector128<short> b = Vector128.WidenLower(up).AsInt16();
        Vector128<short> c = Vector128.WidenLower(corner).AsInt16();
        Vector128<short> byLeft = Vector128.Abs(b - c);
        Vector128<short> byUp = Vector128.Abs(a - c);
        Vector128<short> byCorner = Vector128.Abs(b - c + (a - c));
        Vector128<short> least = Vector128.Min(byCorner, Vector128.Min(byLeft, byUp));
        Vector128<short> predicted = Vector128.ConditionalSelect(
            Vector128.Equals(least, byLeft), a, Vector128.ConditionalSelect(Vector128.Equals(least, byUp), b, c));
        return Vector128.Narrow(predicted.AsUInt16(), default);
    }

    // The fourth byte read of a pixel of 3 bytes belongs to the next; whatever comes of it is not stored.
    private static Vector128<byte> Load(ReadOnlySpan<byte> line, int at, int step)
    {
        uint pixel = at + 4 <= line.Length
            ? BinaryPrimitives.ReadUInt32LittleEndian(line[at..])
            : BinaryPrimitives.ReadUInt16LittleEndian(line[at..]) | ((uint)line[at + 2] << 16);
        return Vector128.CreateScalarUnsafe(pixel).AsByte();
    }

    private static void Store(Vector128<byte> value, Span<byte> line, int at, int step)
    {
        uint pixel = value.AsUInt32().ToScalar();
        if (step == 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(line[at..], pixel);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(line[at..], (ushort)pixel);
            line[at + 2] = (byte)(pixel >> 16);
        }
    }
}
