using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>The kernels over images, and over maps that are rearranged or resampled.</summary>
internal unsafe partial class LaneKernels<V>
{
    [MethodImpl(Compiled)]
    public override void ArgMax(ReadOnlySpan<float> values, int channels, int pitch, Span<int> indices)
    {
        _ = values[(channels - 1) * pitch + indices.Length - 1];
        fixed (float* v = values)
        fixed (int* i = indices)
        {
            RowLoop.Run<V, ArgMaxRow>(new(v, channels, pitch, i), indices.Length);
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
    public override void TakeEven(ReadOnlySpan<byte> source, Span<byte> target)
    {
        if (target.IsEmpty)
        {
            return;
        }

        int last = target.Length - 1;
        fixed (byte* s = source[..(2 * last + 1)], t = target)
        {
            Interleave.EvenUInt8<V>(s, t, last);
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
    public override void ArgMaxEnlarged(
        ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, int below, float down, int factor, Span<byte> labels, Span<float> scratch)
    {
        int width = labels.Length / factor;
        fixed (float* v = values, s = scratch[..(int)BilinearRow.BlendedLength(offsets.Length, width)])
        fixed (int* o = offsets)
        fixed (byte* l = labels)
        {
            BilinearRow.BlendRows<V>(v, o, offsets.Length, below, down, width, s);
            RowLoop.RunOverlapping<V, EnlargedArgMax>(new(s, BilinearRow.BlendedPitch(width), offsets.Length, factor, l), width);
        }
    }

    [MethodImpl(Compiled)]
    public override void AverageEnlarged(
        in AveragedRows rows, ReadOnlySpan<float> values, ReadOnlySpan<int> offsets, ReadOnlySpan<float> thresholds, int groupPitch, int row, int last, Span<float> scratch)
    {
        int channels = (rows.Groups - 1) * groupPitch + rows.Channels;
        fixed (float* v = values, t = thresholds[..channels], s = scratch[..(int)AveragedRows.Scratch(rows.Groups, rows.Channels, rows.Width)])
        fixed (int* o = offsets[..channels])
        {
            rows.Run<V>(v, o, t, groupPitch, row, last, s);
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
    public override void ReadPhases(ReadOnlySpan<byte> bytes, ReadOnlySpan<float> scales, ReadOnlySpan<float> offsets, Span<float> target, int pitch, int length)
    {
        _ = target[9 * pitch + length - 1];
        fixed (byte* b = bytes)
        fixed (float* s = scales[..3], o = offsets[..3], t = target)
        {
            RgbRow.RunPhases<V>(b, bytes.Length, s, o, t, pitch, length);
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
