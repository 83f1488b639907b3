using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>The mean of one channel in the order of sums that <see cref="Graph.SqueezeExcitation"/> states: sixteen sums of a row, which one register holds, or two, or four.</summary>
internal static unsafe class ChannelAverage
{
    private const int Sums = 16;

    /// <summary>Of a plane whose rows begin <paramref name="pitch"/> values apart.</summary>
    public static float Of(ReadOnlySpan<float> plane, int pitch, int width, int height)
    {
        fixed (float* values = plane[..((height - 1) * pitch + width)])
        {
            return Run(values, pitch, width, height);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run(float* plane, int pitch, int width, int height)
    {
        int whole = width / Sums * Sums, rest = width - whole;
        Vector128<float> rest0 = Below(rest), rest1 = Below(rest - 4), rest2 = Below(rest - 8), rest3 = Below(rest - 12);
        float* last = stackalloc float[Sums];
        double total = 0;
        for (int y = 0; y < height; y++)
        {
            float* row = plane + (nint)y * pitch;
            Vector128<float> a = Vector128<float>.Zero, b = a, c = a, d = a;
            if (Vector512.IsHardwareAccelerated)
            {
                Vector512<float> all = Vector512<float>.Zero;
                for (int x = 0; x < whole; x += Sums)
                {
                    all += Vector512.Load(row + x);
                }

                (Vector256<float> lower, Vector256<float> upper) = (all.GetLower(), all.GetUpper());
                (a, b, c, d) = (lower.GetLower(), lower.GetUpper(), upper.GetLower(), upper.GetUpper());
            }
            else if (Vector256.IsHardwareAccelerated)
            {
                Vector256<float> lower = Vector256<float>.Zero, upper = lower;
                for (int x = 0; x < whole; x += Sums)
                {
                    lower += Vector256.Load(row + x);
                    upper += Vector256.Load(row + x + 8);
                }

                (a, b, c, d) = (lower.GetLower(), lower.GetUpper(), upper.GetLower(), upper.GetUpper());
            }
            else
            {
                for (int x = 0; x < whole; x += Sums)
                {
                    a += Vector128.Load(row + x);
                    b += Vector128.Load(row + x + 4);
                    c += Vector128.Load(row + x + 8);
                    d += Vector128.Load(row + x + 12);
                }
            }

            if (rest > 0)
            {
                float* end = row + whole;
                if (whole + Sums > (long)(height - 1 - y) * pitch + width)
                {
                    // Registers would reach beyond the plane.
                    new ReadOnlySpan<float>(end, rest).CopyTo(new(last, Sums));
                    end = last;
                }

                a += Vector128.Load(end) & rest0;
                b += Vector128.Load(end + 4) & rest1;
                c += Vector128.Load(end + 8) & rest2;
                d += Vector128.Load(end + 12) & rest3;
            }

            a = a + c + (b + d);
            a += Vector128.Shuffle(a, Vector128.Create(2, 3, 0, 1));
            total += a.ToScalar() + a.GetElement(1);
        }

        return (float)(total / ((long)width * height));
    }

    /// <summary>All bits of the first lanes.</summary>
    private static Vector128<float> Below(int count) => Vector128.LessThan(Vector128.Create(0, 1, 2, 3), Vector128.Create(count)).AsSingle();
}
