using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// The filters that depend on the pixel on the left, for pixels of 3 and 4 bytes: one pixel per step, its bytes side by side in a vector. The time goes into the
/// operations that lead from a pixel to the next, so as much as possible is done beside them.
/// </summary>
internal static class PngPixelFilter
{
    // What is read at a time: of a pixel of 3 bytes one more, which belongs to the next; whatever comes of it is not stored.
    private const int Read = 4;

    private static Vector128<byte> LowBytes => Vector128.Create((byte)0, 2, 4, 6, 8, 10, 12, 14, 255, 255, 255, 255, 255, 255, 255, 255);

    /// <summary>Turns the first pixels of a filtered line into pixels, in place, if it is one of these filters; both lines have whole pixels.</summary>
    /// <returns>Where the rest begins: at the last pixel or the end, or with another filter at the start.</returns>
    public static int Undo(int filter, Span<byte> line, ReadOnlySpan<byte> above, int step) => filter switch
    {
        PngFilter.Sub => UndoSub(line, step),
        PngFilter.Average => UndoAverage(line, above, step),
        PngFilter.Paeth => UndoPaeth(line, above, step),
        _ => 0,
    };

    private static int UndoSub(Span<byte> line, int step)
    {
        Vector128<byte> left = default;
        int i = 0;
        for (; i <= line.Length - Read; i += step)
        {
            left += Load(line, i);
            Store(left, line, i, step);
        }

        return i;
    }

    private static int UndoAverage(Span<byte> line, ReadOnlySpan<byte> above, int step)
    {
        // The complement of the pixel goes from step to step: half of two complements, rounded up, is the complement of half of both, rounded down.
        Vector128<byte> left = Vector128<byte>.AllBitsSet;
        int i = 0;
        for (; i <= line.Length - Read; i += step)
        {
            left = HalfRoundedUp(left, ~Load(above, i)) - Load(line, i);
            Store(~left, line, i, step);
        }

        return i;
    }

    /// <summary>
    /// Of three neighbours the nearest to left + up - corner: the lower of left and up where 3 corner - left - up is not below the higher, the higher where it is not
    /// above the lower, and the corner between. What is added, byte by byte, is added to all three, so as not to wait for which it is.
    /// </summary>
    private static int UndoPaeth(Span<byte> line, ReadOnlySpan<byte> above, int step)
    {
        Vector128<short> left = default, corner = default;
        int i = 0;
        for (; i <= line.Length - Read; i += step)
        {
            Vector128<byte> added = Vector128.WidenLower(Load(line, i)).AsByte();
            Vector128<short> up = Vector128.WidenLower(Load(above, i)).AsInt16();
            Vector128<short> low = Vector128.Min(left, up), high = Vector128.Max(left, up), bound = corner + corner + corner - up - left;
            Vector128<byte> other = Vector128.ConditionalSelect(Vector128.GreaterThan(high, bound).AsByte(), corner.AsByte() + added, low.AsByte() + added);
            left = Vector128.ConditionalSelect(Vector128.GreaterThan(bound, low).AsByte(), other, high.AsByte() + added).AsInt16();
            corner = up;
            Store(Vector128.Shuffle(left.AsByte(), LowBytes), line, i, step);
        }

        return i;
    }

    // There is no such operation for all processors.
    private static Vector128<byte> HalfRoundedUp(Vector128<byte> first, Vector128<byte> second) =>
        Sse2.IsSupported ? Sse2.Average(first, second)
        : AdvSimd.IsSupported ? AdvSimd.FusedAddRoundedHalving(first, second)
        : (first | second) - Vector128.ShiftRightLogical(first ^ second, 1);

    private static Vector128<byte> Load(ReadOnlySpan<byte> line, int at) =>
        Vector128.CreateScalarUnsafe(BinaryPrimitives.ReadUInt32LittleEndian(line.Slice(at, Read))).AsByte();

    private static void Store(Vector128<byte> value, Span<byte> line, int at, int step)
    {
        uint pixel = value.AsUInt32().ToScalar();
        Span<byte> to = line.Slice(at, Read);
        if (step == Read)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(to, pixel);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)pixel);
            to[2] = (byte)(pixel >> 16);
        }
    }
}
