using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Real-valued sums of products of a range of pixels for four output channels:
/// <c>block[o * pixels + p] = bias[o] + sum over steps s of weights[4 s + o] * values[offsets[s] + p]</c>, added in the order of s.
/// It is the inner loop of convolutions (a step is an input channel at one tap) and of attention (a step is a token, or a key channel).
/// </summary>
internal static unsafe class FloatConvolution
{
    public const int Outputs = 4;

    /// <summary>Values of an activation: see <see cref="Activate"/>.</summary>
    public const int ActivationLength = 3 * Outputs;

    /// <summary>Computes four rows of any number of pixels; values are read in whole tiles of <see cref="PlaneLayout.Tile"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V, TRounding>(
        float* values, int* offsets, int steps, float* weights, float* bias, float* activation, float* target, int pitch, int pixels)
        where V : struct, ILanes<V>
        where TRounding : IRounding
    {
        int tile = TilePixels<V>();
        if (pixels < tile)
        {
            RunShort<V, TRounding>(values, offsets, steps, weights, bias, activation, target, pitch, pixels);
            return;
        }

        // The last tile may overlap the one before it.
        for (int p = 0; p < pixels; p += tile)
        {
            int at = Math.Min(p, pixels - tile);
            Tile<V, TRounding>(values + at, offsets, steps, weights, bias, activation, target + at, pitch);
        }
    }

    // As many sums as half of the registers hold: 32 where a register has 512 bits, 16 or 32 elsewhere.
    private static int TilePixels<V>() where V : struct, ILanes<V> => (V.Count == Lanes512.Count ? 4 : 2) * V.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile<V, TRounding>(float* values, int* offsets, int steps, float* weights, float* bias, float* activation, float* target, int pitch)
        where V : struct, ILanes<V>
        where TRounding : IRounding
    {
        if (V.Count == Lanes512.Count)
        {
            Tile4x4<V, TRounding>(values, offsets, steps, weights, bias, activation, target, pitch);
        }
        else
        {
            Tile4x2<V, TRounding>(values, offsets, steps, weights, bias, activation, target, pitch);
        }
    }

    // Less than a tile.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void RunShort<V, TRounding>(
        float* values, int* offsets, int steps, float* weights, float* bias, float* activation, float* target, int pitch, int pixels)
        where V : struct, ILanes<V>
        where TRounding : IRounding
    {
        int tile = TilePixels<V>();
        float* rows = stackalloc float[Outputs * tile];
        Tile<V, TRounding>(values, offsets, steps, weights, bias, activation, rows, tile);
        for (int o = 0; o < Outputs; o++)
        {
            new ReadOnlySpan<float>(rows + o * tile, pixels).CopyTo(new Span<float>(target + o * pitch, pixels));
        }
    }

    /// <summary>
    /// RPReLU of a sum of an output: t = sum + shift; (t above 0 ? t : t * slope) + offset. An activation is the shifts of the four outputs, their slopes,
    /// and their offsets.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Activate<V>(V sum, V shift, V slope, V offset) where V : struct, ILanes<V> =>
        V.ScaleUnlessGreater(sum + shift, V.Broadcast(0), slope) + offset;

    /// <summary>One output channel; a step is a tap of one input channel (depthwise convolution). Pixels are a multiple of <see cref="PlaneLayout.Tile"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RunSingle<V>(float* values, int* offsets, int steps, float* weights, float bias, float* row, int pixels)
        where V : struct, ILanes<V>
    {
        for (int p = 0; p < pixels; p += 2 * V.Count)
        {
            V a = V.Broadcast(bias), b = a;
            for (int s = 0; s < steps; s++)
            {
                V weight = V.Broadcast(weights[s]);
                float* source = values + offsets[s] + p;
                a += weight * V.Load(source);
                b += weight * V.Load(source + V.Count);
            }

            a.Store(row + p);
            b.Store(row + p + V.Count);
        }
    }

    // 4 output channels x 2 registers of pixels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x2<V, TRounding>(float* pixel, int* offsets, int steps, float* weights, float* bias, float* activation, float* target, int pitch)
        where V : struct, ILanes<V>
        where TRounding : IRounding
    {
        V a0 = V.Broadcast(bias[0]), a1 = a0;
        V b0 = V.Broadcast(bias[1]), b1 = b0;
        V c0 = V.Broadcast(bias[2]), c1 = c0;
        V d0 = V.Broadcast(bias[3]), d1 = d0;
        for (int s = 0; s < steps; s++, weights += Outputs)
        {
            float* source = pixel + offsets[s];
            V x0 = V.Load(source), x1 = V.Load(source + V.Count), scale = V.Broadcast(weights[0]);
            a0 = TRounding.MultiplyAdd(scale, x0, a0);
            a1 = TRounding.MultiplyAdd(scale, x1, a1);
            scale = V.Broadcast(weights[1]);
            b0 = TRounding.MultiplyAdd(scale, x0, b0);
            b1 = TRounding.MultiplyAdd(scale, x1, b1);
            scale = V.Broadcast(weights[2]);
            c0 = TRounding.MultiplyAdd(scale, x0, c0);
            c1 = TRounding.MultiplyAdd(scale, x1, c1);
            scale = V.Broadcast(weights[3]);
            d0 = TRounding.MultiplyAdd(scale, x0, d0);
            d1 = TRounding.MultiplyAdd(scale, x1, d1);
        }

        if (activation is not null)
        {
            V shift = V.Broadcast(activation[0]), slope = V.Broadcast(activation[4]), offset = V.Broadcast(activation[8]);
            a0 = Activate(a0, shift, slope, offset);
            a1 = Activate(a1, shift, slope, offset);
            shift = V.Broadcast(activation[1]);
            slope = V.Broadcast(activation[5]);
            offset = V.Broadcast(activation[9]);
            b0 = Activate(b0, shift, slope, offset);
            b1 = Activate(b1, shift, slope, offset);
            shift = V.Broadcast(activation[2]);
            slope = V.Broadcast(activation[6]);
            offset = V.Broadcast(activation[10]);
            c0 = Activate(c0, shift, slope, offset);
            c1 = Activate(c1, shift, slope, offset);
            shift = V.Broadcast(activation[3]);
            slope = V.Broadcast(activation[7]);
            offset = V.Broadcast(activation[11]);
            d0 = Activate(d0, shift, slope, offset);
            d1 = Activate(d1, shift, slope, offset);
        }

        a0.Store(target);
        a1.Store(target + V.Count);
        b0.Store(target + pitch);
        b1.Store(target + pitch + V.Count);
        c0.Store(target + 2 * pitch);
        c1.Store(target + 2 * pitch + V.Count);
        d0.Store(target + 3 * pitch);
        d1.Store(target + 3 * pitch + V.Count);
    }

    // 4 output channels x 4 registers of pixels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x4<V, TRounding>(float* pixel, int* offsets, int steps, float* weights, float* bias, float* activation, float* target, int pitch)
        where V : struct, ILanes<V>
        where TRounding : IRounding
    {
        V a0 = V.Broadcast(bias[0]), a1 = a0, a2 = a0, a3 = a0;
        V b0 = V.Broadcast(bias[1]), b1 = b0, b2 = b0, b3 = b0;
        V c0 = V.Broadcast(bias[2]), c1 = c0, c2 = c0, c3 = c0;
        V d0 = V.Broadcast(bias[3]), d1 = d0, d2 = d0, d3 = d0;
        for (int s = 0; s < steps; s++, weights += Outputs)
        {
            float* source = pixel + offsets[s];
            V x0 = V.Load(source), x1 = V.Load(source + V.Count), x2 = V.Load(source + 2 * V.Count), x3 = V.Load(source + 3 * V.Count), scale = V.Broadcast(weights[0]);
            a0 = TRounding.MultiplyAdd(scale, x0, a0);
            a1 = TRounding.MultiplyAdd(scale, x1, a1);
            a2 = TRounding.MultiplyAdd(scale, x2, a2);
            a3 = TRounding.MultiplyAdd(scale, x3, a3);
            scale = V.Broadcast(weights[1]);
            b0 = TRounding.MultiplyAdd(scale, x0, b0);
            b1 = TRounding.MultiplyAdd(scale, x1, b1);
            b2 = TRounding.MultiplyAdd(scale, x2, b2);
            b3 = TRounding.MultiplyAdd(scale, x3, b3);
            scale = V.Broadcast(weights[2]);
            c0 = TRounding.MultiplyAdd(scale, x0, c0);
            c1 = TRounding.MultiplyAdd(scale, x1, c1);
            c2 = TRounding.MultiplyAdd(scale, x2, c2);
            c3 = TRounding.MultiplyAdd(scale, x3, c3);
            scale = V.Broadcast(weights[3]);
            d0 = TRounding.MultiplyAdd(scale, x0, d0);
            d1 = TRounding.MultiplyAdd(scale, x1, d1);
            d2 = TRounding.MultiplyAdd(scale, x2, d2);
            d3 = TRounding.MultiplyAdd(scale, x3, d3);
        }

        if (activation is not null)
        {
            V shift = V.Broadcast(activation[0]), slope = V.Broadcast(activation[4]), offset = V.Broadcast(activation[8]);
            a0 = Activate(a0, shift, slope, offset);
            a1 = Activate(a1, shift, slope, offset);
            a2 = Activate(a2, shift, slope, offset);
            a3 = Activate(a3, shift, slope, offset);
            shift = V.Broadcast(activation[1]);
            slope = V.Broadcast(activation[5]);
            offset = V.Broadcast(activation[9]);
            b0 = Activate(b0, shift, slope, offset);
            b1 = Activate(b1, shift, slope, offset);
            b2 = Activate(b2, shift, slope, offset);
            b3 = Activate(b3, shift, slope, offset);
            shift = V.Broadcast(activation[2]);
            slope = V.Broadcast(activation[6]);
            offset = V.Broadcast(activation[10]);
            c0 = Activate(c0, shift, slope, offset);
            c1 = Activate(c1, shift, slope, offset);
            c2 = Activate(c2, shift, slope, offset);
            c3 = Activate(c3, shift, slope, offset);
            shift = V.Broadcast(activation[3]);
            slope = V.Broadcast(activation[7]);
            offset = V.Broadcast(activation[11]);
            d0 = Activate(d0, shift, slope, offset);
            d1 = Activate(d1, shift, slope, offset);
            d2 = Activate(d2, shift, slope, offset);
            d3 = Activate(d3, shift, slope, offset);
        }

        a0.Store(target);
        a1.Store(target + V.Count);
        a2.Store(target + 2 * V.Count);
        a3.Store(target + 3 * V.Count);
        b0.Store(target + pitch);
        b1.Store(target + pitch + V.Count);
        b2.Store(target + pitch + 2 * V.Count);
        b3.Store(target + pitch + 3 * V.Count);
        c0.Store(target + 2 * pitch);
        c1.Store(target + 2 * pitch + V.Count);
        c2.Store(target + 2 * pitch + 2 * V.Count);
        c3.Store(target + 2 * pitch + 3 * V.Count);
        d0.Store(target + 3 * pitch);
        d1.Store(target + 3 * pitch + V.Count);
        d2.Store(target + 3 * pitch + 2 * V.Count);
        d3.Store(target + 3 * pitch + 3 * V.Count);
    }

    /// <summary>How a product and the sum that it is added to are rounded.</summary>
    internal interface IRounding
    {
        static abstract V MultiplyAdd<V>(V left, V right, V sum) where V : struct, ILanes<V>;
    }

    /// <summary>The product, then the sum: the same bits everywhere.</summary>
    internal readonly struct Separate : IRounding
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V MultiplyAdd<V>(V left, V right, V sum) where V : struct, ILanes<V> => left * right + sum;
    }

    /// <summary>At once where the processor can.</summary>
    internal readonly struct Fused : IRounding
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V MultiplyAdd<V>(V left, V right, V sum) where V : struct, ILanes<V> => V.MultiplyAddEstimate(left, right, sum);
    }
}
