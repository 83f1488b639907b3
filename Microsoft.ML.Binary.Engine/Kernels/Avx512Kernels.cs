using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>The kernels that AVX-512 does in a way of its own.</summary>
internal unsafe class Avx512Kernels : LaneKernels<Lanes512>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void CountMismatches(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<byte> weights, Span<ushort> counts)
    {
        int steps = offsets.Length, outputs = weights.Length / steps;
        fixed (byte* a = activations, w = weights)
        fixed (int* o = offsets)
        fixed (ushort* c = counts)
        {
            // Where there are planes of six, those of four are left to attention.
            WideDot.Run<byte, TablesOfSixteen<TablesOfOneTap>>(a, o, steps, w, outputs, c, counts.Length / outputs, seldom: HasPlanesOfSix);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void CountMismatches(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<ushort> weights, Span<ushort> counts) =>
        Run<TablesOfSixteen<TablesOfPlaces>>(activations, offsets, weights, counts);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SumDigits(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<ushort> weights, Span<ushort> counts) =>
        Run<TablesOfSixteen<DigitTables>>(activations, offsets, weights, counts);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private protected static void Run<TTables>(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<ushort> weights, Span<ushort> counts)
        where TTables : struct, IWideTables
    {
        int steps = offsets.Length, outputs = weights.Length / steps;
        fixed (byte* a = activations)
        fixed (int* o = offsets)
        fixed (ushort* w = weights, c = counts)
        {
            WideDot.Run<ushort, TTables>(a, o, steps, w, outputs, c, counts.Length / outputs);
        }
    }

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
    public override void CountMismatchesOfSix(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<ushort> weights, Span<ushort> counts) =>
        Run<TablesOfSix>(activations, offsets, weights, counts);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void ReadPhases(ReadOnlySpan<byte> bytes, ReadOnlySpan<float> scales, ReadOnlySpan<float> offsets, Span<float> target, int pitch, int length)
    {
        _ = target[9 * pitch + length - 1];
        fixed (byte* b = bytes)
        fixed (float* s = scales[..3], o = offsets[..3], t = target)
        {
            RgbRow.RunPhasesAvx512Vbmi(b, bytes.Length, s, o, t, pitch, length);
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
