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
    public override void Finish(in EpilogueRow row, ReadOnlySpan<float> source, Span<float> target)
    {
        if (target.Length < EpilogueRow.Step<V>())
        {
            FinishShort(row, source, target);
            return;
        }

        fixed (float* s = source[..target.Length], t = target)
        {
            row.Run<V, RealSource>(new(s), t, target.Length);
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
    public override void Finish(in EpilogueRow row, ReadOnlySpan<ushort> counts, int products, Span<float> target)
    {
        if (target.Length < EpilogueRow.Step<V>())
        {
            FinishShort(row, counts, products, target);
            return;
        }

        fixed (ushort* c = counts[..target.Length])
        fixed (float* t = target)
        {
            row.Run<V, DotSource>(new(c, products), t, target.Length);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | Compiled)]
    private void FinishShort(in EpilogueRow row, ReadOnlySpan<ushort> counts, int products, Span<float> target)
    {
        int step = EpilogueRow.Step<V>();
        float* rows = stackalloc float[4 * step];
        Span<float> values = stackalloc float[step];
        Span<ushort> padded = stackalloc ushort[step];
        counts[..target.Length].CopyTo(padded);
        Finish(row.Copy(target.Length, rows, step), padded, products, values);
        values[..target.Length].CopyTo(target);
    }

    [MethodImpl(Compiled)]
    public override void Convolve(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> block, bool exact)
    {
        int pixels = block.Length / FloatConvolution.Outputs;
        fixed (float* v = values, w = weights[..(FloatConvolution.Outputs * offsets.Length)], b = bias[..FloatConvolution.Outputs], t = block)
        fixed (int* o = offsets)
        {
            if (exact)
            {
                FloatConvolution.Run<V, Rounding.Separate>(v, o, offsets.Length, w, b, t, pixels);
            }
            else
            {
                FloatConvolution.Run<V, Rounding.Fused>(v, o, offsets.Length, w, b, t, pixels);
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
    public override void ConvolveStridedRow(ReadOnlySpan<float> source, int pitch, ReadOnlySpan<float> weights, float bias, Span<float> target)
    {
        fixed (float* s = source[..(2 * pitch + 2 * target.Length + 1)], w = weights[..StridedTapsRow.Taps], t = target)
        {
            RowLoop.RunOverlapping<V, StridedTapsRow>(new(s, pitch, w, bias, t), target.Length);
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
    public override float Average(ReadOnlySpan<float> plane, int pitch, int width, int height)
    {
        fixed (float* p = plane[..((height - 1) * pitch + width)])
        {
            return ChannelAverage.Run<V>(p, pitch, width, height);
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

    [MethodImpl(Compiled)]
    public override void ArgMax(ReadOnlySpan<float> values, int channels, int pitch, Span<int> indices, int shift)
    {
        _ = values[(channels - 1) * pitch + indices.Length - 1];
        fixed (float* v = values)
        fixed (int* i = indices)
        {
            RowLoop.Run<V, ArgMaxRow>(new(v, channels, pitch, i, shift), indices.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override void Merge(ReadOnlySpan<float> even, ReadOnlySpan<float> odd, Span<float> target)
    {
        int length = target.Length / 2;
        fixed (float* a = even[..length], b = odd[..length], t = target)
        {
            RowLoop.RunOverlapping<V, Interleave.Merge>(new(a, b, t), length);
        }
    }

    [MethodImpl(Compiled)]
    public override void Merge(ReadOnlySpan<ushort> even, ReadOnlySpan<ushort> odd, Span<ushort> target)
    {
        int length = target.Length / 2;
        fixed (ushort* a = even[..length], b = odd[..length], t = target)
        {
            Interleave.MergeUInt16<V>(a, b, t, length);
        }
    }

    [MethodImpl(Compiled)]
    public override void TakeEven(ReadOnlySpan<float> source, Span<float> target)
    {
        if (target.IsEmpty)
        {
            return;
        }

        int last = target.Length - 1;
        fixed (float* s = source[..(2 * last + 1)], t = target)
        {
            RowLoop.RunOverlapping<V, Interleave.Even>(new(s, t), last);
            t[last] = s[2 * last];
        }
    }

    [MethodImpl(Compiled)]
    public override void AveragePool(ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, Span<float> target)
    {
        fixed (float* a = top[..(2 * target.Length)], b = bottom[..(2 * target.Length)], t = target)
        {
            RowLoop.RunOverlapping<V, AveragePoolRow>(new(a, b, t), target.Length);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | Compiled)]
    public override void EnlargeBilinear(
        ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, float down, int factor, Span<float> target, Span<float> scratch)
    {
        int width = target.Length / factor, padded = BilinearRow.Padded(width);
        fixed (float* a = top[..padded], b = bottom[..padded], t = target, s = scratch[..BilinearRow.Scratch(width)])
        {
            BilinearRow.Run<V>(a, b, down, width, factor, t, s);
        }
    }

    [MethodImpl(Compiled)]
    public override void EnlargeBilinearPhases(
        ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, float down, int width, int factor, Span<float> target, Span<float> scratch)
    {
        int padded = BilinearRow.Padded(width);
        fixed (float* a = top[..padded], b = bottom[..padded], t = target[..(factor * padded)], s = scratch[..(padded + 2)])
        {
            BilinearRow.RunPhases<V>(a, b, down, width, factor, t, s);
        }
    }

    [MethodImpl(Compiled)]
    public override void Blend(ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, float down, Span<float> values, Span<float> steps)
    {
        int width = top.Length, length = ResizedRow.BlendedLength(width);
        fixed (float* a = top, b = bottom[..width], v = values[..length], s = steps[..length])
        {
            ResizedRow.Blend<V>(a, b, down, width, v, s);
        }
    }

    [MethodImpl(Compiled)]
    public override void Resize(
        ReadOnlySpan<float> values, ReadOnlySpan<float> steps, ReadOnlySpan<int> places, ReadOnlySpan<float> weights, Span<float> target)
    {
        fixed (float* v = values, s = steps[..values.Length], w = weights[..target.Length], t = target)
        fixed (int* p = places[..target.Length])
        {
            ResizedRow.Run<V>(v, s, values.Length, p, w, t, target.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override (float Lowest, float Highest) Range(ReadOnlySpan<float> values)
    {
        fixed (float* v = values)
        {
            return ResizedRow.Range<V>(v, values.Length);
        }
    }

    [MethodImpl(Compiled)]
    public override void Narrow(ReadOnlySpan<int> values, Span<byte> target)
    {
        int x = 0;
        fixed (int* v = values[..target.Length])
        fixed (byte* t = target)
        {
            for (; x <= target.Length - V.CountOf8; x += V.CountOf8)
            {
                float* at = (float*)(v + x);
                V.StoreInt32AsUInt8(V.Load(at), V.Load(at + V.Count), V.Load(at + 2 * V.Count), V.Load(at + 3 * V.Count), t + x);
            }

            for (; x < target.Length; x++)
            {
                t[x] = (byte)v[x];
            }
        }
    }

    [MethodImpl(Compiled)]
    public override void ReadRgb(ReadOnlySpan<byte> bytes, int step, Span<float> target)
    {
        fixed (byte* b = bytes)
        fixed (float* t = target)
        {
            if (V.Count == 1)
            {
                RgbRow.Run(b, step, t, target.Length);
            }
            else
            {
                RgbRow.Run128(b, bytes.Length, step, t, target.Length);
            }
        }
    }
}

/// <summary>Those that AVX-512 does in a way of its own.</summary>
internal unsafe class Avx512Kernels : LaneKernels<Lanes512>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void EnlargeBilinear(
        ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, float down, int factor, Span<float> target, Span<float> scratch)
    {
        if (factor != 2)
        {
            base.EnlargeBilinear(top, bottom, down, factor, target, scratch);
            return;
        }

        int width = target.Length / factor, padded = BilinearRow.Padded(width);
        fixed (float* a = top[..padded], b = bottom[..padded], t = target)
        {
            BilinearRow.DoubleAvx512(a, b, down, width, t);
        }
    }
}

/// <summary>Those that need AVX-512 VBMI.</summary>
internal sealed unsafe class Avx512VbmiKernels : Avx512Kernels
{
    public override bool HasPlanesOfSix => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void CountMismatchesOfSix(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<ushort> weights, Span<ushort> counts)
    {
        int steps = offsets.Length, outputs = weights.Length / steps;
        fixed (byte* a = activations)
        fixed (int* o = offsets)
        fixed (ushort* w = weights, c = counts)
        {
            VbmiDot.Run(a, o, steps, w, outputs, c, counts.Length / outputs);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void ReadRgb(ReadOnlySpan<byte> bytes, int step, Span<float> target)
    {
        fixed (byte* b = bytes)
        fixed (float* t = target)
        {
            RgbRow.RunAvx512Vbmi(b, bytes.Length, step, t, target.Length);
        }
    }
}
