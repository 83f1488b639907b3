using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// What happens to one channel of a map behind the operation that makes it, in one pass: v * scale + offset, then a product, then up to three
/// sums, then RPReLU; every part may be missing. Products and sums are rounded separately.
/// </summary>
internal ref struct ChannelChain
{
    /// <summary>Whether v * <see cref="Scale"/> + <see cref="Offset"/> takes part.</summary>
    public bool HasAffine;

    public float Scale, Offset;

    /// <summary>A row that is multiplied by; empty if there is none.</summary>
    public ReadOnlySpan<float> Factor;

    /// <summary>Rows that are added, in this order; an empty one and those behind it are missing.</summary>
    public ReadOnlySpan<float> First, Second, Third;

    /// <summary>Whether RPReLU takes part: t = v + <see cref="Shift"/>; (t above 0 ? t : t * <see cref="Slope"/>) + <see cref="Bias"/>.</summary>
    public bool HasActivation;

    public float Shift, Slope, Bias;

    /// <summary>Computes one row of pixels. The destination may be one of the rows that are added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<TRow>(TRow source, Span<float> destination) where TRow : IChannelRow, allows ref struct
    {
        int pixels = destination.Length, sums = First.IsEmpty ? 0 : Second.IsEmpty ? 1 : Third.IsEmpty ? 2 : 3;
        ref float target = ref MemoryMarshal.GetReference(destination);
        bool product = !Factor.IsEmpty;
        ref float factor = ref MemoryMarshal.GetReference(product ? Factor[..pixels] : default);
        ref float first = ref MemoryMarshal.GetReference(sums > 0 ? First[..pixels] : default);
        ref float second = ref MemoryMarshal.GetReference(sums > 1 ? Second[..pixels] : default);
        ref float third = ref MemoryMarshal.GetReference(sums > 2 ? Third[..pixels] : default);
        Vector<float> scale = new(Scale), offset = new(Offset), shift = new(Shift), slope = new(Slope), bias = new(Bias);
        bool affine = HasAffine, activation = HasActivation;
        int p = 0, lanes = Vector<float>.Count;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> wideScale = Vector512.Create(Scale), wideOffset = Vector512.Create(Offset), wideShift = Vector512.Create(Shift);
            Vector512<float> wideSlope = Vector512.Create(Slope), wideBias = Vector512.Create(Bias);
            for (; p <= pixels - 32; p += 32)
            {
                nuint at = (nuint)p, next = (nuint)(p + 16);
                Vector512<float> a = source.LoadWide(p), b = source.LoadWide(p + 16);
                if (affine)
                {
                    a = a * wideScale + wideOffset;
                    b = b * wideScale + wideOffset;
                }

                if (product)
                {
                    a *= Vector512.LoadUnsafe(ref factor, at);
                    b *= Vector512.LoadUnsafe(ref factor, next);
                }

                if (sums > 0)
                {
                    a += Vector512.LoadUnsafe(ref first, at);
                    b += Vector512.LoadUnsafe(ref first, next);
                    if (sums > 1)
                    {
                        a += Vector512.LoadUnsafe(ref second, at);
                        b += Vector512.LoadUnsafe(ref second, next);
                        if (sums > 2)
                        {
                            a += Vector512.LoadUnsafe(ref third, at);
                            b += Vector512.LoadUnsafe(ref third, next);
                        }
                    }
                }

                if (activation)
                {
                    a += wideShift;
                    b += wideShift;
                    a = Vector512.ConditionalSelect(Vector512.GreaterThan(a, Vector512<float>.Zero), a, a * wideSlope) + wideBias;
                    b = Vector512.ConditionalSelect(Vector512.GreaterThan(b, Vector512<float>.Zero), b, b * wideSlope) + wideBias;
                }

                a.StoreUnsafe(ref target, at);
                b.StoreUnsafe(ref target, next);
            }
        }

        for (; p <= pixels - 2 * lanes; p += 2 * lanes)
        {
            source.Load(p, out Vector<float> a, out Vector<float> b);
            nuint at = (nuint)p, next = (nuint)(p + lanes);
            if (affine)
            {
                a = a * scale + offset;
                b = b * scale + offset;
            }

            if (product)
            {
                a *= Vector.LoadUnsafe(ref factor, at);
                b *= Vector.LoadUnsafe(ref factor, next);
            }

            if (sums > 0)
            {
                a += Vector.LoadUnsafe(ref first, at);
                b += Vector.LoadUnsafe(ref first, next);
                if (sums > 1)
                {
                    a += Vector.LoadUnsafe(ref second, at);
                    b += Vector.LoadUnsafe(ref second, next);
                    if (sums > 2)
                    {
                        a += Vector.LoadUnsafe(ref third, at);
                        b += Vector.LoadUnsafe(ref third, next);
                    }
                }
            }

            if (activation)
            {
                a += shift;
                b += shift;
                a = Vector.ConditionalSelect(Vector.GreaterThan(a, Vector<float>.Zero), a, a * slope) + bias;
                b = Vector.ConditionalSelect(Vector.GreaterThan(b, Vector<float>.Zero), b, b * slope) + bias;
            }

            a.StoreUnsafe(ref target, at);
            b.StoreUnsafe(ref target, next);
        }

        for (; p < pixels; p++)
        {
            float v = source.Load(p);
            v = affine ? v * Scale + Offset : v;
            v = product ? v * Factor[p] : v;
            v = sums > 0 ? v + First[p] : v;
            v = sums > 1 ? v + Second[p] : v;
            v = sums > 2 ? v + Third[p] : v;
            if (activation)
            {
                v += Shift;
                v = (v > 0 ? v : v * Slope) + Bias;
            }

            destination[p] = v;
        }
    }
}

/// <summary>A row of one channel's values, whatever they are stored as.</summary>
internal interface IChannelRow
{
    /// <summary>Two registers of pixels.</summary>
    void Load(int pixel, out Vector<float> low, out Vector<float> high);

    /// <summary>One register of 512 bits.</summary>
    Vector512<float> LoadWide(int pixel);

    /// <summary>One pixel.</summary>
    float Load(int pixel);
}

/// <summary>Real values.</summary>
internal readonly ref struct RealRow(ReadOnlySpan<float> values) : IChannelRow
{
    private readonly ref float _values = ref MemoryMarshal.GetReference(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(int pixel, out Vector<float> low, out Vector<float> high)
    {
        low = Vector.LoadUnsafe(ref _values, (nuint)pixel);
        high = Vector.LoadUnsafe(ref _values, (nuint)(pixel + Vector<float>.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> LoadWide(int pixel) => Vector512.LoadUnsafe(ref _values, (nuint)pixel);

    public float Load(int pixel) => Unsafe.Add(ref _values, pixel);
}

/// <summary>Dot products of signs, K - 2 count, from mismatch counts and the number of products K.</summary>
internal readonly ref struct DotRow(ReadOnlySpan<ushort> counts, int products) : IChannelRow
{
    private readonly ref ushort _counts = ref MemoryMarshal.GetReference(counts);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Load(int pixel, out Vector<float> low, out Vector<float> high)
    {
        Vector.Widen(Vector.LoadUnsafe(ref _counts, (nuint)pixel), out Vector<uint> a, out Vector<uint> b);
        low = Vector.ConvertToSingle(new Vector<int>(products) - Vector.AsVectorInt32(a + a));
        high = Vector.ConvertToSingle(new Vector<int>(products) - Vector.AsVectorInt32(b + b));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> LoadWide(int pixel)
    {
        Vector512<int> count = Vector512.WidenLower(Vector256.LoadUnsafe(ref _counts, (nuint)pixel).ToVector512Unsafe()).AsInt32();
        return Vector512.ConvertToSingle(Vector512.Create(products) - (count + count));
    }

    public float Load(int pixel) => products - 2 * Unsafe.Add(ref _counts, pixel);
}
