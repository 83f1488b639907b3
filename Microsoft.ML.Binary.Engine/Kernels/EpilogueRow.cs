using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// What happens to one channel of a map after the operation that makes it, in one pass: v * scale + offset, then a product, then up to
/// three sums, then RPReLU; every part may be missing. Products and sums are rounded separately.
/// </summary>
internal ref struct EpilogueRow
{
    /// <summary>Whether v * <see cref="Scale"/> + <see cref="Offset"/> takes part.</summary>
    public bool HasAffine;

    public float Scale, Offset;

    /// <summary>A row that is multiplied by; an empty one is missing.</summary>
    public ReadOnlySpan<float> Factor;

    /// <summary>Rows that are added, in this order; an empty one and those after it are missing.</summary>
    public ReadOnlySpan<float> First, Second, Third;

    /// <summary>Whether RPReLU takes part: t = v + <see cref="Shift"/>; (t above 0 ? t : t * <see cref="Slope"/>) + <see cref="Bias"/>.</summary>
    public bool HasActivation;

    public float Shift, Slope, Bias;

    /// <summary>Computes one row of pixels; the target may be one of the rows that are added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly unsafe void Run<V, TSource>(TSource source, float* target, int pixels)
        where V : struct, ILanes<V>
        where TSource : IEpilogueSource
    {
        int sums = First.IsEmpty ? 0 : Second.IsEmpty ? 1 : Third.IsEmpty ? 2 : 3;
        bool multiplies = !Factor.IsEmpty;
        fixed (float* factor = multiplies ? Factor[..pixels] : default)
        fixed (float* first = sums > 0 ? First[..pixels] : default, second = sums > 1 ? Second[..pixels] : default, third = sums > 2 ? Third[..pixels] : default)
        {
            Body<TSource> body = new(this, source, multiplies, factor, sums, first, second, third, target);
            int done = 0;
            for (; done <= pixels - 2 * V.Count; done += 2 * V.Count)
            {
                body.AtPair<V>(done);
            }

            RowLoop.Run<V, Body<TSource>>(body, pixels, done);
        }
    }

    private readonly unsafe struct Body<TSource>(
        in EpilogueRow row, TSource source, bool multiplies, float* factor, int sums, float* first, float* second, float* third, float* target) : IRowBody
        where TSource : IEpilogueSource
    {
        private readonly bool _affine = row.HasAffine, _activation = row.HasActivation;
        private readonly float _scale = row.Scale, _offset = row.Offset, _shift = row.Shift, _slope = row.Slope, _bias = row.Bias;

        // Two registers share the branches.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AtPair<V>(int index) where V : struct, ILanes<V>
        {
            int next = index + V.Count;
            V a = source.Load<V>(index), b = source.Load<V>(next);
            if (_affine)
            {
                a = a * V.Broadcast(_scale) + V.Broadcast(_offset);
                b = b * V.Broadcast(_scale) + V.Broadcast(_offset);
            }

            if (multiplies)
            {
                a *= V.Load(factor + index);
                b *= V.Load(factor + next);
            }

            if (sums > 0)
            {
                a += V.Load(first + index);
                b += V.Load(first + next);
                if (sums > 1)
                {
                    a += V.Load(second + index);
                    b += V.Load(second + next);
                    if (sums > 2)
                    {
                        a += V.Load(third + index);
                        b += V.Load(third + next);
                    }
                }
            }

            if (_activation)
            {
                a += V.Broadcast(_shift);
                b += V.Broadcast(_shift);
                a = V.SelectGreater(a, V.Broadcast(0), a, a * V.Broadcast(_slope)) + V.Broadcast(_bias);
                b = V.SelectGreater(b, V.Broadcast(0), b, b * V.Broadcast(_slope)) + V.Broadcast(_bias);
            }

            a.Store(target + index);
            b.Store(target + next);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int index) where V : struct, ILanes<V>
        {
            V v = source.Load<V>(index);
            if (_affine)
            {
                v = v * V.Broadcast(_scale) + V.Broadcast(_offset);
            }

            if (multiplies)
            {
                v *= V.Load(factor + index);
            }

            if (sums > 0)
            {
                v += V.Load(first + index);
                if (sums > 1)
                {
                    v += V.Load(second + index);
                    if (sums > 2)
                    {
                        v += V.Load(third + index);
                    }
                }
            }

            if (_activation)
            {
                v += V.Broadcast(_shift);
                v = V.SelectGreater(v, V.Broadcast(0), v, v * V.Broadcast(_slope)) + V.Broadcast(_bias);
            }

            v.Store(target + index);
        }
    }
}

/// <summary>The values of one channel that an epilogue starts from, whatever they are stored as.</summary>
internal interface IEpilogueSource
{
    V Load<V>(int index) where V : struct, ILanes<V>;
}

/// <summary>Real values.</summary>
internal readonly unsafe struct RealSource(float* values) : IEpilogueSource
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Load<V>(int index) where V : struct, ILanes<V> => V.Load(values + index);
}

/// <summary>Dot products of signs, K - 2 count, from mismatch counts and the number of products K: integers that floats hold exactly.</summary>
internal readonly unsafe struct DotSource(ushort* counts, float products) : IEpilogueSource
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Load<V>(int index) where V : struct, ILanes<V>
    {
        V count = V.LoadUInt16AsFloat(counts + index);
        return V.Broadcast(products) - (count + count);
    }
}
