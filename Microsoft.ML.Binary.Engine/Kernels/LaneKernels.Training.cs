using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>The kernels that only the trainer uses.</summary>
internal unsafe partial class LaneKernels<V>
{
    public override void TapProduct(int outputs, int terms, float* packed, int* offsets, float* x, float* y, int yPlane, int pixels) =>
        Kernels.TapProduct.Run<V>(outputs, terms, packed, offsets, x, y, yPlane, pixels);

    public override void WeightGradient(
        float* dy, int dyPlane, long dyImage, float* x, long xImage, int* offsets, float* gradient, int terms, int pixels, int images) =>
        Kernels.WeightGradient.Run<V>(dy, dyPlane, dyImage, x, xImage, offsets, gradient, terms, pixels, images);

    // Rows are short, and registers overlap: 512 bits are slower than 256.
    [MethodImpl(Compiled)]
    public override void FindSigns(ReadOnlySpan<float> values, float threshold, ushort plus, Span<ushort> signs)
    {
        fixed (float* source = values)
        {
            fixed (ushort* target = signs[..values.Length])
            {
                if (V.Count > Lanes256.Count)
                {
                    SignEntries.FindSigns<Lanes256>(source, threshold, plus, target, values.Length);
                }
                else
                {
                    SignEntries.FindSigns<V>(source, threshold, plus, target, values.Length);
                }
            }
        }
    }

    [MethodImpl(Compiled)]
    public override void FindEntries(ReadOnlySpan<ushort> signs, Span<ushort> entries)
    {
        fixed (ushort* source = signs[..(entries.Length + 3)], target = entries)
        {
            if (V.Count > Lanes256.Count)
            {
                SignEntries.Slide<Lanes256>(source, target, entries.Length);
            }
            else
            {
                SignEntries.Slide<V>(source, target, entries.Length);
            }
        }
    }

    [MethodImpl(Compiled)]
    public override void AddWhereNotNegative(ReadOnlySpan<float> weights, int entry, Span<int> offsets)
    {
        fixed (float* source = weights[..offsets.Length])
        {
            fixed (int* target = offsets)
            {
                RowLoop.Run<V, SignEntries.AddWhereNotNegative>(new(source, entry, target), offsets.Length);
            }
        }
    }

    public override void AddSignCorrelation(
        float* dy, int dyStride, int groups, ushort* entries, int* groupOffsets, int* termOffsets, int terms, float* sums, float* table) =>
        SignCorrelation.Add<V>(dy, dyStride, groups, entries, groupOffsets, termOffsets, terms, sums, table);

    public override void BuildSignProduct(float* dy, nint channel, int pitch, int rows, int length, float* table) =>
        SignProduct.Build<V>(dy, channel, pitch, rows, length, table);

    public override void AddSignProduct(float* table, int* offsets, int count, int taps, int rows, int length, float* sums) =>
        SignProduct.Add<V>(table, offsets, count, taps, rows, length, sums);

    [MethodImpl(Compiled)]
    public override void AddScaled(
        ReadOnlySpan<float> a, float scale, ReadOnlySpan<float> b, float slope, float offset, Span<float> target, bool accumulate)
    {
        fixed (float* first = a[..target.Length], second = b[..target.Length], t = target)
        {
            RowLoop.Run<V, GradientRow.AddScaled>(new(first, scale, second, slope, offset, t, accumulate), target.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override void Interpolate(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float weight, Span<float> target)
    {
        fixed (float* first = a[..target.Length], second = b[..target.Length], t = target)
        {
            RowLoop.Run<V, RowArithmetic.Interpolate>(new(first, second, weight, t), target.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override void Sign(ReadOnlySpan<float> x, float shift, Span<float> target)
    {
        fixed (float* source = x[..target.Length], t = target)
        {
            RowLoop.Run<V, GradientRow.Sign>(new(source, shift, t), target.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override double SquaredDistance(ReadOnlySpan<float> x, float center)
    {
        fixed (float* source = x)
        {
            return V.Count > Lanes256.Count
                ? GradientRow.SquaredDistance<Lanes256>(source, center, x.Length)
                : GradientRow.SquaredDistance<V>(source, center, x.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override (float Shift, float Slope, float Offset) RPReLUGradient(
        ReadOnlySpan<float> x, ReadOnlySpan<float> dy, float shift, float slope, Span<float> dx, bool accumulate)
    {
        fixed (float* source = x[..dx.Length], gradient = dy[..dx.Length], target = dx)
        {
            return V.Count > Lanes256.Count
                ? GradientRow.RPReLUGradient<Lanes256>(source, gradient, shift, slope, target, accumulate, dx.Length)
                : GradientRow.RPReLUGradient<V>(source, gradient, shift, slope, target, accumulate, dx.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override float SignGradient(ReadOnlySpan<float> x, ReadOnlySpan<float> dy, float shift, Span<float> dx, bool accumulate)
    {
        fixed (float* source = x[..dx.Length], gradient = dy[..dx.Length], target = dx)
        {
            return V.Count > Lanes256.Count
                ? GradientRow.SignGradient<Lanes256>(source, gradient, shift, target, accumulate, dx.Length)
                : GradientRow.SignGradient<V>(source, gradient, shift, target, accumulate, dx.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override void StepAdamW(Span<float> values, ReadOnlySpan<float> gradient, Span<float> first, Span<float> second, AdamWRow.Factors factors)
    {
        fixed (float* w = values, g = gradient[..values.Length], m = first[..values.Length], s = second[..values.Length])
        {
            RowLoop.Run<V, AdamWRow>(new(w, g, m, s, factors), values.Length);
        }
    }
}
