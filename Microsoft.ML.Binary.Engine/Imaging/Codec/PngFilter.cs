using System.Numerics;

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
        if (step is 3 or 4 && filter is Sub or Average or Paeth)
        {
            PngPixelFilter.Undo(filter, line, above, step);
            return;
        }

        switch (filter)
        {
            case Sub:
                for (int i = step; i < line.Length; i++)
                {
                    line[i] += line[i - step];
                }

                break;
            case Up:
                AddInPlace(line, above);
                break;
            case Average:
                for (int i = 0; i < line.Length; i++)
                {
                    int left = i < step ? 0 : line[i - step];
                    line[i] += (byte)((left + above[i]) >> 1);
                }

                break;
            case Paeth:
                // Without a left neighbour the predictor is the byte above.
                int head = Math.Min(step, line.Length);
                AddInPlace(line[..head], above[..head]);
                for (int i = head; i < line.Length; i++)
                {
                    line[i] += Predict(line[i - step], above[i], above[i - step]);
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
                SubtractInPlace(filtered[head..], line[..^head]);
                break;
            case Up:
                SubtractInPlace(filtered, above);
                break;
            case Average:
                for (int i = 0; i < line.Length; i++)
                {
                    int left = i < step ? 0 : line[i - step];
                    filtered[i] -= (byte)((left + above[i]) >> 1);
                }

                break;
            case Paeth:
                SubtractInPlace(filtered[..head], above[..head]);
                for (int i = head; i < line.Length; i++)
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
        foreach (byte value in filtered)
        {
            cost += Math.Abs((int)(sbyte)value);
        }

        return cost;
    }

    private static byte Predict(int left, int above, int corner)
    {
        int byLeft = Math.Abs(above - corner);
        int byAbove = Math.Abs(left - corner);
        int byCorner = Math.Abs(left + above - (2 * corner));
        return (byte)(byLeft <= byAbove && byLeft <= byCorner ? left : byAbove <= byCorner ? above : corner);
    }

    private static void AddInPlace(Span<byte> line, ReadOnlySpan<byte> other)
    {
        int i = 0;
        for (; i <= line.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            (new Vector<byte>(line[i..]) + new Vector<byte>(other[i..])).CopyTo(line[i..]);
        }

        for (; i < line.Length; i++)
        {
            line[i] += other[i];
        }
    }

    private static void SubtractInPlace(Span<byte> line, ReadOnlySpan<byte> other)
    {
        int i = 0;
        for (; i <= line.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            (new Vector<byte>(line[i..]) - new Vector<byte>(other[i..])).CopyTo(line[i..]);
        }

        for (; i < line.Length; i++)
        {
            line[i] -= other[i];
        }
    }
}
