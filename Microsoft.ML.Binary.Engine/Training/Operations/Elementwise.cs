using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>Fused loops over one channel plane that the element-wise library has no single call for.</summary>
internal static class Elementwise
{
    /// <summary>target = (accumulate ? target : 0) + a * scale + b * slope + offset.</summary>
    public static void AddScaled(
        ReadOnlySpan<float> a, float scale, ReadOnlySpan<float> b, float slope, float offset, Span<float> target, bool accumulate)
    {
        int width = Vector<float>.Count, i = 0;
        Vector<float> scales = new(scale), slopes = new(slope), offsets = new(offset);
        for (; i <= target.Length - width; i += width)
        {
            Vector<float> sum = Load(a, i) * scales + (Load(b, i) * slopes + offsets);
            Store(accumulate ? Load(target, i) + sum : sum, target, i);
        }

        for (; i < target.Length; i++)
        {
            float sum = a[i] * scale + (b[i] * slope + offset);
            target[i] = accumulate ? target[i] + sum : sum;
        }
    }

    /// <summary>y = x * scale + offset, rounded twice.</summary>
    public static void ScaleAndShift(ReadOnlySpan<float> x, float scale, float offset, Span<float> y)
    {
        int width = Vector<float>.Count, i = 0;
        Vector<float> scales = new(scale), offsets = new(offset);
        for (; i <= y.Length - width; i += width)
        {
            Store(Load(x, i) * scales + offsets, y, i);
        }

        for (; i < y.Length; i++)
        {
            y[i] = x[i] * scale + offset;
        }
    }

    /// <summary>target = a + weight * (b - a).</summary>
    public static void Blend(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float weight, Span<float> target)
    {
        int width = Vector<float>.Count, i = 0;
        Vector<float> weights = new(weight);
        for (; i <= target.Length - width; i += width)
        {
            Vector<float> first = Load(a, i);
            Store(first + weights * (Load(b, i) - first), target, i);
        }

        for (; i < target.Length; i++)
        {
            target[i] = a[i] + weight * (b[i] - a[i]);
        }
    }

    /// <summary>The sum of (x - center)^2.</summary>
    public static double SquaredDistance(ReadOnlySpan<float> x, float center)
    {
        int width = Vector<float>.Count, i = 0;
        Vector<float> centers = new(center), sums = Vector<float>.Zero;
        for (; i <= x.Length - width; i += width)
        {
            Vector<float> d = Load(x, i) - centers;
            sums += d * d;
        }

        double sum = Vector.Sum(sums);
        for (; i < x.Length; i++)
        {
            sum += (double)(x[i] - center) * (x[i] - center);
        }

        return sum;
    }

    /// <summary>The forward pass of RPReLU: t = x + shift; (t above 0 ? t : t * slope) + offset.</summary>
    public static void RPReLU(ReadOnlySpan<float> x, float shift, float slope, float offset, Span<float> y)
    {
        int width = Vector<float>.Count, i = 0;
        Vector<float> shifts = new(shift), slopes = new(slope), offsets = new(offset);
        for (; i <= y.Length - width; i += width)
        {
            Vector<float> t = Load(x, i) + shifts;
            Store(Vector.ConditionalSelect(Vector.GreaterThan(t, Vector<float>.Zero), t, t * slopes) + offsets, y, i);
        }

        for (; i < y.Length; i++)
        {
            float t = x[i] + shift;
            y[i] = (t > 0 ? t : t * slope) + offset;
        }
    }

    /// <summary>The backward pass of RPReLU; returns the sums of dx, of dy * t where t is at most 0, and of dy.</summary>
    public static (float Shift, float Slope, float Offset) RPReLUGradient(
        ReadOnlySpan<float> x, ReadOnlySpan<float> dy, float shift, float slope, Span<float> dx, bool accumulate)
    {
        int width = Vector<float>.Count, i = 0;
        Vector<float> shifts = new(shift), slopes = new(slope), ones = Vector<float>.One;
        Vector<float> sumDx = default, sumSlope = default, sumDy = default;
        for (; i <= dx.Length - width; i += width)
        {
            Vector<float> t = Load(x, i) + shifts, d = Load(dy, i);
            Vector<int> above = Vector.GreaterThan(t, Vector<float>.Zero);
            Vector<float> passed = d * Vector.ConditionalSelect(above, ones, slopes);
            Store(accumulate ? Load(dx, i) + passed : passed, dx, i);
            sumDx += passed;
            sumSlope += Vector.ConditionalSelect(above, Vector<float>.Zero, d * t);
            sumDy += d;
        }

        (float shiftSum, float slopeSum, float offsetSum) = (Vector.Sum(sumDx), Vector.Sum(sumSlope), Vector.Sum(sumDy));
        for (; i < dx.Length; i++)
        {
            float t = x[i] + shift, passed = dy[i] * (t > 0 ? 1 : slope);
            dx[i] = accumulate ? dx[i] + passed : passed;
            shiftSum += passed;
            slopeSum += t > 0 ? 0 : dy[i] * t;
            offsetSum += dy[i];
        }

        return (shiftSum, slopeSum, offsetSum);
    }

    /// <summary>+1 where x + shift is at least 0, else -1.</summary>
    public static void Sign(ReadOnlySpan<float> x, float shift, Span<float> y)
    {
        int width = Vector<float>.Count, i = 0;
        Vector<float> shifts = new(shift), ones = Vector<float>.One;
        for (; i <= y.Length - width; i += width)
        {
            Store(Vector.ConditionalSelect(Vector.GreaterThanOrEqual(Load(x, i) + shifts, Vector<float>.Zero), ones, -ones), y, i);
        }

        for (; i < y.Length; i++)
        {
            y[i] = x[i] + shift >= 0 ? 1 : -1;
        }
    }

    /// <summary>
    /// The straight-through estimator of sign: dx = dy * max(0, 2 - 2 |x + shift|), the derivative of Bi-Real Net's piecewise polynomial
    /// (arXiv 1808.00278, section 3.2). Returns the sum of dx.
    /// </summary>
    public static float SignGradient(ReadOnlySpan<float> x, ReadOnlySpan<float> dy, float shift, Span<float> dx, bool accumulate)
    {
        int width = Vector<float>.Count, i = 0;
        Vector<float> shifts = new(shift), twos = new(2f), sums = default;
        for (; i <= dx.Length - width; i += width)
        {
            Vector<float> slope = Vector.Max(Vector<float>.Zero, twos - twos * Vector.Abs(Load(x, i) + shifts));
            Vector<float> passed = Load(dy, i) * slope;
            Store(accumulate ? Load(dx, i) + passed : passed, dx, i);
            sums += passed;
        }

        float sum = Vector.Sum(sums);
        for (; i < dx.Length; i++)
        {
            float passed = dy[i] * Math.Max(0, 2 - 2 * Math.Abs(x[i] + shift));
            dx[i] = accumulate ? dx[i] + passed : passed;
            sum += passed;
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Load(ReadOnlySpan<float> values, int index) =>
        Vector.LoadUnsafe(ref MemoryMarshal.GetReference(values), (nuint)index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector<float> value, Span<float> values, int index) =>
        value.StoreUnsafe(ref MemoryMarshal.GetReference(values), (nuint)index);
}
