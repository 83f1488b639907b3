using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Element-wise passes of the trainer over one plane of a channel. Those that add up a plane do so in registers of at most 256 bits, so that sums
/// are the same with and without AVX-512: a sum for each lane, the lanes' sum, then what is left over one by one.
/// </summary>
internal static unsafe class GradientRow
{
    /// <summary>target = (accumulate ? target : 0) + a * scale + (b * slope + offset).</summary>
    public readonly struct AddScaled(float* a, float scale, float* b, float slope, float offset, float* target, bool accumulate) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V>
        {
            V sum = V.Load(a + index) * V.Broadcast(scale) + (V.Load(b + index) * V.Broadcast(slope) + V.Broadcast(offset));
            (accumulate ? V.Load(target + index) + sum : sum).Store(target + index);
        }
    }

    /// <summary>+1 where x + shift is at least 0, else -1.</summary>
    public readonly struct Sign(float* x, float shift, float* target) : IRowBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V>
        {
            V isPositive = V.GreaterOrEqual(V.Load(x + index) + V.Broadcast(shift), V.Broadcast(0));
            V.Select(isPositive, V.Broadcast(1), V.Broadcast(-1)).Store(target + index);
        }
    }

    /// <summary>See <see cref="KernelSet.SquaredDistance"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double SquaredDistance<V>(float* x, float center, int length) where V : struct, ILanes<V>
    {
        V centers = V.Broadcast(center), sums = V.Broadcast(0);
        int i = 0;
        for (; i <= length - V.Count; i += V.Count)
        {
            V d = V.Load(x + i) - centers;
            sums += d * d;
        }

        double sum = sums.Sum();
        for (; i < length; i++)
        {
            sum += (double)(x[i] - center) * (x[i] - center);
        }

        return sum;
    }

    /// <summary>See <see cref="KernelSet.RPReLUGradient"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (float Shift, float Slope, float Offset) RPReLUGradient<V>(float* x, float* dy, float shift, float slope, float* dx, bool accumulate, int length)
        where V : struct, ILanes<V>
    {
        V shifts = V.Broadcast(shift), slopes = V.Broadcast(slope), ones = V.Broadcast(1), zeros = V.Broadcast(0);
        V sumDx = zeros, sumSlope = zeros, sumDy = zeros;
        int i = 0;
        for (; i <= length - V.Count; i += V.Count)
        {
            V t = V.Load(x + i) + shifts, d = V.Load(dy + i), isAbove = V.Greater(t, zeros);
            V passed = d * V.Select(isAbove, ones, slopes);
            (accumulate ? V.Load(dx + i) + passed : passed).Store(dx + i);
            sumDx += passed;
            sumSlope += V.Select(isAbove, zeros, d * t);
            sumDy += d;
        }

        (float shiftSum, float slopeSum, float offsetSum) = (sumDx.Sum(), sumSlope.Sum(), sumDy.Sum());
        for (; i < length; i++)
        {
            float t = x[i] + shift, passed = dy[i] * (t > 0 ? 1 : slope);
            dx[i] = accumulate ? dx[i] + passed : passed;
            shiftSum += passed;
            slopeSum += t > 0 ? 0 : dy[i] * t;
            offsetSum += dy[i];
        }

        return (shiftSum, slopeSum, offsetSum);
    }

    /// <summary>See <see cref="KernelSet.SignGradient"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SignGradient<V>(float* x, float* dy, float shift, float* dx, bool accumulate, int length) where V : struct, ILanes<V>
    {
        V shifts = V.Broadcast(shift), twos = V.Broadcast(2), zeros = V.Broadcast(0), sums = zeros;
        int i = 0;
        for (; i <= length - V.Count; i += V.Count)
        {
            V slope = V.Max(zeros, twos - twos * V.Abs(V.Load(x + i) + shifts)), passed = V.Load(dy + i) * slope;
            (accumulate ? V.Load(dx + i) + passed : passed).Store(dx + i);
            sums += passed;
        }

        float sum = sums.Sum();
        for (; i < length; i++)
        {
            float passed = dy[i] * Math.Max(0, 2 - 2 * Math.Abs(x[i] + shift));
            dx[i] = accumulate ? dx[i] + passed : passed;
            sum += passed;
        }

        return sum;
    }
}
