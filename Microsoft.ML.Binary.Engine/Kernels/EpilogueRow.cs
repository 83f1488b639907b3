using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// What happens to one channel of a map after the operation that makes it, in one pass: v * scale + offset, then a product, then up to
/// three sums, then RPReLU; every part may be missing. Products and sums are rounded separately. Rows are in pinned memory, as long as the target.
/// </summary>
internal unsafe struct EpilogueRow
{
    /// <summary>Whether v * <see cref="Scale"/> + <see cref="Offset"/> takes part.</summary>
    public bool HasAffine;

    public float Scale, Offset;

    /// <summary>A row that is multiplied by, or null.</summary>
    public float* Factor;

    /// <summary>Rows that are added, in this order; null where there is none, and then after it.</summary>
    public float* First, Second, Third;

    /// <summary>Whether RPReLU takes part: t = v + <see cref="Shift"/>; (t above 0 ? t : t * <see cref="Slope"/>) + <see cref="Bias"/>.</summary>
    public bool HasActivation;

    public float Shift, Slope, Bias;

    /// <summary>The fewest pixels that <see cref="Run"/> can do: two registers, which share the branches.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Step<V>() where V : struct, ILanes<V> => 2 * V.Count;

    /// <summary>Whether the row is of <see cref="SumShape"/> or, with RPReLU, of <see cref="UnitShape"/>.</summary>
    public readonly bool IsAffineSum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => HasAffine && Factor is null && First is not null && Second is null;
    }

    /// <summary>Computes one row of pixels, at least <see cref="Step"/>; the target may be one of the rows that are read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Run<V, TSource, TShape>(TSource source, float* target, int pixels)
        where V : struct, ILanes<V>
        where TSource : struct, IEpilogueSource<V>
        where TShape : struct, IEpilogueShape
    {
        V scale = V.Broadcast(Scale), offset = V.Broadcast(Offset), shift = V.Broadcast(Shift), slope = V.Broadcast(Slope), bias = V.Broadcast(Bias);
        V zero = V.Broadcast(0), lastA = zero, lastB = zero;
        float* factor = Factor, first = First, second = Second, third = Third;
        bool affine = HasAffine, activation = HasActivation;

        // Registers at the end that overlap the whole ones come first, while nothing that they read has been written, and are stored last.
        nint step = Step<V>(), last = pixels - step, end = pixels % step == 0 ? -1 : last, index = Math.Max(end, 0);
        do
        {
            nint next = index + V.Count;
            V a = source.Load(index), b = source.Load(next);
            if (TShape.Usual(affine))
            {
                a = a * scale + offset;
                b = b * scale + offset;
            }

            if (TShape.Unusual(factor is not null))
            {
                a *= V.Load(factor + index);
                b *= V.Load(factor + next);
            }

            if (TShape.Usual(first is not null))
            {
                a += V.Load(first + index);
                b += V.Load(first + next);
                if (TShape.Unusual(second is not null))
                {
                    a += V.Load(second + index);
                    b += V.Load(second + next);
                    if (third is not null)
                    {
                        a += V.Load(third + index);
                        b += V.Load(third + next);
                    }
                }
            }

            if (TShape.Activates(activation))
            {
                a += shift;
                b += shift;
                a = V.ScaleUnlessGreater(a, zero, slope) + bias;
                b = V.ScaleUnlessGreater(b, zero, slope) + bias;
            }

            if (index == end)
            {
                (lastA, lastB, index) = (a, b, 0);
                continue;
            }

            a.Store(target + index);
            b.Store(target + next);
            index += step;
        }
        while (index <= last);

        if (end >= 0)
        {
            lastA.Store(target + end);
            lastB.Store(target + end + V.Count);
        }
    }

    /// <summary>The same with copies of the rows.</summary>
    /// <param name="pixels">Pixels to copy.</param>
    /// <param name="rows">Four rows.</param>
    /// <param name="length">Their length.</param>
    public readonly EpilogueRow Copy(int pixels, float* rows, int length)
    {
        EpilogueRow copy = this;
        copy.Factor = CopyOf(Factor, 0);
        copy.First = CopyOf(First, 1);
        copy.Second = CopyOf(Second, 2);
        copy.Third = CopyOf(Third, 3);
        return copy;

        float* CopyOf(float* row, int place)
        {
            if (row is null)
            {
                return null;
            }

            new ReadOnlySpan<float>(row, pixels).CopyTo(new Span<float>(rows + place * length, length));
            return rows + place * length;
        }
    }
}

/// <summary>Which parts of an epilogue are known when its loop is compiled.</summary>
internal interface IEpilogueShape
{
    /// <summary>Whether a part takes part that most epilogues have.</summary>
    static abstract bool Usual(bool takesPart);

    /// <summary>Whether one does that few have.</summary>
    static abstract bool Unusual(bool takesPart);

    /// <summary>Whether RPReLU does.</summary>
    static abstract bool Activates(bool takesPart);
}

/// <summary>None is known.</summary>
internal readonly struct AnyShape : IEpilogueShape
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Usual(bool takesPart) => takesPart;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Unusual(bool takesPart) => takesPart;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Activates(bool takesPart) => takesPart;
}

/// <summary>An affine map and one sum: a convolution that is added to others.</summary>
internal readonly struct SumShape : IEpilogueShape
{
    public static bool Usual(bool takesPart) => true;

    public static bool Unusual(bool takesPart) => false;

    public static bool Activates(bool takesPart) => false;
}

/// <summary>With RPReLU: the last convolution of a unit.</summary>
internal readonly struct UnitShape : IEpilogueShape
{
    public static bool Usual(bool takesPart) => true;

    public static bool Unusual(bool takesPart) => false;

    public static bool Activates(bool takesPart) => true;
}

/// <summary>The values of one channel that an epilogue starts from, whatever they are stored as.</summary>
internal interface IEpilogueSource<V> where V : struct, ILanes<V>
{
    V Load(nint index);
}

/// <summary>Real values.</summary>
internal readonly unsafe struct RealSource<V>(float* values) : IEpilogueSource<V> where V : struct, ILanes<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Load(nint index) => V.Load(values + index);
}

/// <summary>Dot products of signs, K - 2 count, from mismatch counts and the number of products K: integers that floats hold exactly, so that nothing is rounded.</summary>
internal readonly unsafe struct DotSource<V>(ushort* counts, float products) : IEpilogueSource<V> where V : struct, ILanes<V>
{
    private readonly V _products = V.Broadcast(products), _factor = V.Broadcast(-2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Load(nint index) => V.MultiplyAddEstimate(V.LoadUInt16AsFloat(counts + index), _factor, _products);
}
