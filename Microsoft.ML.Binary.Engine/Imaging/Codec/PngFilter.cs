using System.Numerics;
using System.Numerics.Tensors;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// The five scan line filters of PNG (specification, section 9). <c>step</c> is the distance in bytes to the pixel on the left;
/// <c>above</c> is the previous unfiltered line, all zero before the first.
/// </summary>
internal static class PngFilter
{
    public const int None = 0;
    public const int Sub = 1;
    public const int Up = 2;
    public const int Average = 3;
    public const int Paeth = 4;
    public const int Count = 5;

    /// <summary>Turns a filtered line into pixels, in place.</summary>
    public static void Undo(int filter, Span<byte> line, ReadOnlySpan<byte> above, int step)
    {
        above = above[..line.Length];
        int done = step is 3 or 4 ? PngPixelFilter.Undo(filter, line, above, step) : 0;
        switch (filter)
        {
            case Sub:
                for (int i = Math.Max(step, done); i < line.Length; i++)
                {
                    line[i] += line[i - step];
                }

                break;
            case Up:
                TensorPrimitives.Add(line, above, line);
                break;
            case Average:
                for (int i = done; i < line.Length; i++)
                {
                    int left = i < step ? 0 : line[i - step];
                    line[i] += (byte)((left + above[i]) >> 1);
                }

                break;
            case Paeth:
                for (int i = done; i < line.Length; i++)
                {
                    // Without a left neighbour the predictor is the byte above.
                    line[i] += i < step ? above[i] : Predict(line[i - step], above[i], above[i - step]);
                }

                break;
        }
    }

    /// <summary>Writes the filtered form of <paramref name="line"/> to <paramref name="filtered"/>.</summary>
    public static void Apply(int filter, ReadOnlySpan<byte> line, ReadOnlySpan<byte> above, int step, Span<byte> filtered)
    {
        above = above[..line.Length];
        filtered = filtered[..line.Length];
        line.CopyTo(filtered);
        int head = Math.Min(step, line.Length);
        switch (filter)
        {
            case Sub:
                TensorPrimitives.Subtract(filtered[head..], line[..^head], filtered[head..]);
                break;
            case Up:
                TensorPrimitives.Subtract(filtered, above, filtered);
                break;
            case Average:
                for (int i = 0; i < head; i++)
                {
                    filtered[i] -= (byte)(above[i] >> 1);
                }

                for (int i = ApplyWide(filter, line, above, step, filtered); i < line.Length; i++)
                {
                    filtered[i] -= (byte)((line[i - step] + above[i]) >> 1);
                }

                break;
            case Paeth:
                TensorPrimitives.Subtract(filtered[..head], above[..head], filtered[..head]);
                for (int i = ApplyWide(filter, line, above, step, filtered); i < line.Length; i++)
                {
                    filtered[i] -= Predict(line[i - step], above[i], above[i - step]);
                }

                break;
        }
    }

    /// <summary>Sum of the absolute values of the bytes read as signed numbers: small for a line that will compress well.</summary>
    public static long Cost(ReadOnlySpan<byte> filtered)
    {
        long cost = 0;
        int i = 0;
        while (i <= filtered.Length - Vector<byte>.Count)
        {
            // As many as sixteen bits hold: each adds at most 128.
            Vector<ushort> sums = Vector<ushort>.Zero;
            for (int k = 0; k < 255 && i <= filtered.Length - Vector<byte>.Count; k++, i += Vector<byte>.Count)
            {
                Vector.Widen(Magnitude(new Vector<byte>(filtered[i..])), out Vector<ushort> low, out Vector<ushort> high);
                sums += low + high;
            }

            Vector.Widen(sums, out Vector<uint> first, out Vector<uint> second);
            cost += Vector.Sum(first) + Vector.Sum(second);
        }

        for (; i < filtered.Length; i++)
        {
            cost += Math.Abs((int)(sbyte)filtered[i]);
        }

        return cost;
    }

    // Of -128, too, which has no positive form in a signed byte.
    private static Vector<byte> Magnitude(Vector<byte> value) => Vector.Min(value, Vector<byte>.Zero - value);

    /// <summary>Applies Average or Paeth to whole registers of bytes that have a left neighbour.</summary>
    /// <returns>Where the rest begins.</returns>
    private static int ApplyWide(int filter, ReadOnlySpan<byte> line, ReadOnlySpan<byte> above, int step, Span<byte> filtered)
    {
        int i = Math.Min(step, line.Length);
        for (; i <= line.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector<byte> left = new(line[(i - step)..]), top = new(above[i..]);
            Vector<byte> predicted = filter == Average
                ? (left & top) + Vector.ShiftRightLogical(left ^ top, 1)
                : Predict(left, top, new Vector<byte>(above[(i - step)..]));
            (new Vector<byte>(line[i..]) - predicted).CopyTo(filtered[i..]);
        }

        return i;
    }

    private static Vector<byte> Predict(Vector<byte> left, Vector<byte> above, Vector<byte> corner)
    {
        Vector.Widen(left, out Vector<ushort> left0, out Vector<ushort> left1);
        Vector.Widen(above, out Vector<ushort> above0, out Vector<ushort> above1);
        Vector.Widen(corner, out Vector<ushort> corner0, out Vector<ushort> corner1);
        return Vector.Narrow(
            Predict(left0.As<ushort, short>(), above0.As<ushort, short>(), corner0.As<ushort, short>()),
            Predict(left1.As<ushort, short>(), above1.As<ushort, short>(), corner1.As<ushort, short>()));
    }

    private static Vector<ushort> Predict(Vector<short> left, Vector<short> above, Vector<short> corner)
    {
        Vector<short> fromLeft = above - corner, fromAbove = left - corner;
        Vector<short> byLeft = Vector.Abs(fromLeft), byAbove = Vector.Abs(fromAbove), byCorner = Vector.Abs(fromLeft + fromAbove);
        Vector<short> isLeft = Vector.LessThanOrEqual(byLeft, byAbove) & Vector.LessThanOrEqual(byLeft, byCorner);
        Vector<short> other = Vector.ConditionalSelect(Vector.LessThanOrEqual(byAbove, byCorner), above, corner);
        return Vector.ConditionalSelect(isLeft, left, other).As<short, ushort>();
    }

    private static byte Predict(int left, int above, int corner)
    {
        int byLeft = Math.Abs(above - corner);
        int byAbove = Math.Abs(left - corner);
        int byCorner = Math.Abs(left + above - (2 * corner));
        return (byte)(byLeft <= byAbove && byLeft <= byCorner ? left : byAbove <= byCorner ? above : corner);
    }
}
