using System.Runtime.CompilerServices;
using Rounding = Microsoft.ML.Binary.Kernels.FloatConvolution;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>The kernels over registers of one width: checks lengths, pins, and compiles each kernel for them.</summary>
/// <typeparam name="V">The register.</typeparam>
internal unsafe partial class LaneKernels<V> : KernelSet where V : struct, ILanes<V>
{
    private const MethodImplOptions Compiled = MethodImplOptions.AggressiveOptimization;

    public override int Lanes => V.Count;

    [MethodImpl(Compiled)]
    public override void CountMismatches(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<byte> weights, Span<ushort> counts)
    {
        int steps = offsets.Length, outputs = weights.Length / steps;
        fixed (byte* a = activations, w = weights)
        fixed (int* o = offsets)
        fixed (ushort* c = counts)
        {
            NibbleDot.Run<V, byte, TablesOfOneTap>(a, o, steps, w, outputs, c, counts.Length / outputs);
        }
    }

    [MethodImpl(Compiled)]
    public override void CountMismatches(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<ushort> weights, Span<ushort> counts)
    {
        int steps = offsets.Length, outputs = weights.Length / steps;
        fixed (byte* a = activations)
        fixed (int* o = offsets)
        fixed (ushort* w = weights, c = counts)
        {
            NibbleDot.Run<V, ushort, TablesOfPlaces>(a, o, steps, w, outputs, c, counts.Length / outputs);
        }
    }

    [MethodImpl(Compiled)]
    public override void SumDigits(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<ushort> weights, Span<ushort> counts)
    {
        int steps = offsets.Length, outputs = weights.Length / steps;
        fixed (byte* a = activations)
        fixed (int* o = offsets)
        fixed (ushort* w = weights, c = counts)
        {
            NibbleDot.Run<V, ushort, DigitTables>(a, o, steps, w, outputs, c, counts.Length / outputs);
        }
    }

    [MethodImpl(Compiled)]
    public override void ToDots(ReadOnlySpan<ushort> counts, int products, Span<float> dots) => Finish(default, counts, products, dots);

    [MethodImpl(Compiled)]
    public override void PackSigns(ReadOnlySpan<float> values, int pitch, ReadOnlySpan<float> thresholds, Span<byte> signs)
    {
        _ = values[(thresholds.Length - 1) * pitch + signs.Length - 1];
        if (signs.Length < V.CountOf8)
        {
            PackShort(values, pitch, thresholds, signs);
            return;
        }

        fixed (float* v = values)
        fixed (byte* s = signs)
        {
            SignPacking.Run<V>(v, pitch, thresholds, s, signs.Length);
        }
    }

    // A row shorter than a register of bytes, in rows of that length.
    [MethodImpl(MethodImplOptions.NoInlining | Compiled)]
    private void PackShort(ReadOnlySpan<float> values, int pitch, ReadOnlySpan<float> thresholds, Span<byte> signs)
    {
        Span<float> rows = stackalloc float[8 * V.CountOf8];
        Span<byte> padded = stackalloc byte[V.CountOf8];
        for (int c = 0; c < thresholds.Length; c++)
        {
            values.Slice(c * pitch, signs.Length).CopyTo(rows[(c * V.CountOf8)..]);
        }

        PackSigns(rows, V.CountOf8, thresholds, padded);
        padded[..signs.Length].CopyTo(signs);
    }

    [MethodImpl(Compiled)]
    public override void PackLevels(ReadOnlySpan<float> values, int pitch, ReadOnlySpan<float> thresholds, Span<byte> lower, Span<byte> upper)
    {
        _ = values[(thresholds.Length / LevelPacking.Thresholds - 1) * pitch + lower.Length - 1];
        fixed (float* v = values)
        fixed (byte* l = lower, u = upper[..lower.Length])
        {
            LevelPacking.Run<V>(v, pitch, thresholds, l, u, lower.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override void PackSigns(ReadOnlySpan<ushort> counts, CountThresholds thresholds, int first, int channels, Span<byte> signs)
    {
        fixed (ushort* c = counts[..(channels * signs.Length)])
        fixed (byte* s = signs)
        {
            thresholds.Pack<V>(c, first, channels, s, signs.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override void PackShuffledSigns(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, int pitch, int width, ReadOnlySpan<float> thresholds, Span<byte> signs, int signPitch, int row, int last)
    {
        _ = signs[(last - row - 1) * signPitch + 2 * width - 1];
        fixed (float* v = values, t = thresholds)
        fixed (int* o = offsets[..(ShuffledSigns.Planes * thresholds.Length)])
        fixed (byte* s = signs)
        {
            for (int y = row; y < last; y++)
            {
                RowLoop.RunOverlapping<V, ShuffledSigns>(
                    new(v + (y >> 1) * pitch, o + 2 * (y & 1), t, thresholds.Length, s + (y - row) * signPitch), width);
            }
        }
    }

    [MethodImpl(Compiled)]
    public override void Finish(in EpilogueRow row, ReadOnlySpan<float> source, Span<float> target)
    {
        if (target.Length < EpilogueRow.Step<V>())
        {
            FinishShort(row, source, target);
            return;
        }

        fixed (float* s = source[..target.Length], t = target)
        {
            row.Run<V, RealSource<V>, AnyShape>(new(s), t, target.Length);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | Compiled)]
    private void FinishShort(in EpilogueRow row, ReadOnlySpan<float> source, Span<float> target)
    {
        int step = EpilogueRow.Step<V>();
        float* rows = stackalloc float[4 * step];
        Span<float> values = stackalloc float[step];
        source[..target.Length].CopyTo(values);
        Finish(row.Copy(target.Length, rows, step), values, values);
        values[..target.Length].CopyTo(target);
    }

    [MethodImpl(Compiled)]
    public override void Finish(in EpilogueRow row, ushort* counts, int products, float* target, int pixels)
    {
        if (pixels < EpilogueRow.Step<V>())
        {
            FinishShort(row, counts, products, target, pixels);
        }
        else if (!row.IsAffineSum)
        {
            Finish<AnyShape>(row, counts, products, target, pixels);
        }
        else if (row.HasActivation)
        {
            Finish<UnitShape>(row, counts, products, target, pixels);
        }
        else
        {
            Finish<SumShape>(row, counts, products, target, pixels);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | Compiled)]
    private static void Finish<TShape>(in EpilogueRow row, ushort* counts, int products, float* target, int pixels) where TShape : struct, IEpilogueShape =>
        row.Run<V, DotSource<V>, TShape>(new(counts, products), target, pixels);

    [MethodImpl(MethodImplOptions.NoInlining | Compiled)]
    private static void FinishShort(in EpilogueRow row, ushort* counts, int products, float* target, int pixels)
    {
        int step = EpilogueRow.Step<V>();
        float* rows = stackalloc float[4 * step], values = stackalloc float[step];
        ushort* padded = stackalloc ushort[step];
        new ReadOnlySpan<ushort>(counts, pixels).CopyTo(new(padded, step));
        Finish<AnyShape>(row.Copy(pixels, rows, step), padded, products, values, step);
        new ReadOnlySpan<float>(values, pixels).CopyTo(new(target, pixels));
    }

    [MethodImpl(Compiled)]
    public override void Convolve(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, ReadOnlySpan<float> activation,
        Span<float> target, int pitch, int pixels, bool exact)
    {
        _ = target[(FloatConvolution.Outputs - 1) * pitch + pixels - 1];
        fixed (float* v = values, w = weights[..(FloatConvolution.Outputs * offsets.Length)], b = bias[..FloatConvolution.Outputs], a = activation, t = target)
        fixed (int* o = offsets)
        {
            if (exact)
            {
                FloatConvolution.Run<V, Rounding.Separate>(v, o, offsets.Length, w, b, a, t, pitch, pixels);
            }
            else
            {
                FloatConvolution.Run<V, Rounding.Fused>(v, o, offsets.Length, w, b, a, t, pitch, pixels);
            }
        }
    }

    [MethodImpl(Compiled)]
    public override void ConvolveDepthwise(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, ReadOnlySpan<float> weights, float bias, Span<float> row)
    {
        fixed (float* v = values, w = weights[..offsets.Length], r = row)
        fixed (int* o = offsets)
        {
            FloatConvolution.RunSingle<V>(v, o, offsets.Length, w, bias, r, row.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override void ConvolveStrided(
        ReadOnlySpan<float> source, int pitch, ReadOnlySpan<float> weights, float bias, ReadOnlySpan<float> activation, Span<float> target, int targetPitch, int width, int rows)
    {
        _ = (source[2 * rows * pitch + 2 * width], target[(rows - 1) * targetPitch + width - 1]);
        fixed (float* s = source, w = weights[..StridedTapsRow.Taps], a = activation, t = target)
        {
            for (int y = 0; y < rows; y++)
            {
                RowLoop.RunOverlapping<V, StridedTapsRow>(new(s + 2 * y * pitch, pitch, w, bias, a, t + y * targetPitch), width);
            }
        }
    }

    [MethodImpl(Compiled)]
    public override void Add(Span<float> target, ReadOnlySpan<float> other)
    {
        fixed (float* t = target, o = other[..target.Length])
        {
            RowLoop.Run<V, RowArithmetic.Add>(new(t, o), target.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override void Scale(Span<float> target, float factor)
    {
        fixed (float* t = target)
        {
            RowLoop.Run<V, RowArithmetic.Scale>(new(t, factor), target.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override void Divide(Span<float> target, ReadOnlySpan<float> divisor)
    {
        fixed (float* t = target, d = divisor[..target.Length])
        {
            RowLoop.Run<V, RowArithmetic.Divide>(new(t, d), target.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override void Sigmoid(ReadOnlySpan<float> values, Span<float> target)
    {
        fixed (float* v = values[..target.Length], t = target)
        {
            RowLoop.Run<V, RowArithmetic.Sigmoid>(new(v, t), target.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override void Softmax(Span<float> rows, Span<float> sums)
    {
        fixed (float* r = rows, s = sums)
        {
            RowLoop.Run<V, Softmax>(new(r, rows.Length / sums.Length, sums.Length, s), sums.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override void AttentionLogits(
        Span<float> dots, ReadOnlySpan<float> rows, ReadOnlySpan<float> columns, float row, float column, float temperature, float slope)
    {
        fixed (float* d = dots, r = rows[..dots.Length], c = columns[..dots.Length])
        {
            RowLoop.Run<V, AttentionLogits>(new(d, r, c, row, column, temperature, slope), dots.Length);
        }
    }
}
