using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>Takes one channel out of a row of interleaved bytes, as real values; see <see cref="KernelSet.ReadRgb"/>.</summary>
internal static unsafe class RgbRow
{
    /// <summary>A pixel at a time, from pixel <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(byte* bytes, int step, float* target, int length, int first = 0)
    {
        for (int i = first; i < length; i++)
        {
            target[i] = bytes[step * i];
        }
    }

    /// <summary>Four pixels at a time, from pixel <paramref name="first"/> on: each lane of 32 bits takes one byte, two pixels from each of two registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run128(byte* bytes, long available, int step, float* target, int length, int first = 0)
    {
        const byte None = 255;
        byte next = (byte)step;
        Vector128<byte> low = Vector128.Create(0, None, None, None, next, None, None, None, None, None, None, None, None, None, None, None);
        Vector128<byte> high = Vector128.Create(None, None, None, None, None, None, None, None, 0, None, None, None, next, None, None, None);
        int i = first;
        for (; i <= length - 4 && step * (i + 2) + 16 <= available; i += 4)
        {
            Vector128<byte> a = Vector128.Load(bytes + step * i), b = Vector128.Load(bytes + step * (i + 2));
            Vector128<int> values = (Vector128.Shuffle(a, low) | Vector128.Shuffle(b, high)).AsInt32();
            Vector128.ConvertToSingle(values).Store(target + i);
        }

        Run(bytes, step, target, length, i);
    }

    /// <summary>See <see cref="KernelSet.ReadPhases"/>: one channel and phase after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RunPhases<V>(byte* bytes, long available, float* scales, float* offsets, float* target, int pitch, int length, int first = 0)
        where V : struct, ILanes<V>
    {
        for (int i = 0; i < 6; i++)
        {
            float* row = target + (i % 3 * 4 + i / 3) * pitch;
            if (V.Count == 1)
            {
                Run(bytes + i, 6, row, length, first);
            }
            else
            {
                Run128(bytes + i, available - i, 6, row, length, first);
            }

            RowLoop.Run<V, RowArithmetic.Affine>(new(row, scales[i % 3], offsets[i % 3]), length, first);
        }
    }

    /// <summary>See <see cref="KernelSet.ReadPhases"/>: sixteen columns at a time, of which each channel and phase is taken out of 128 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RunPhasesAvx512Vbmi(byte* bytes, long available, float* scales, float* offsets, float* target, int pitch, int length)
    {
        Vector512<int> order = Vector512<int>.Indices * 6;
        Vector512<float> red = Vector512.Create(scales[0]), green = Vector512.Create(scales[1]), blue = Vector512.Create(scales[2]);
        Vector512<float> redOffset = Vector512.Create(offsets[0]), greenOffset = Vector512.Create(offsets[1]), blueOffset = Vector512.Create(offsets[2]);
        int i = 0;
        for (; i <= length - 16 && 6 * i + 128 <= available; i += 16)
        {
            Vector512<byte> a = Vector512.Load(bytes + 6 * i), b = Vector512.Load(bytes + 6 * i + 64);
            (Value(a, b, order, 0) * red + redOffset).Store(target + i);
            (Value(a, b, order, 1) * green + greenOffset).Store(target + 4 * pitch + i);
            (Value(a, b, order, 2) * blue + blueOffset).Store(target + 8 * pitch + i);
            (Value(a, b, order, 3) * red + redOffset).Store(target + pitch + i);
            (Value(a, b, order, 4) * green + greenOffset).Store(target + 5 * pitch + i);
            (Value(a, b, order, 5) * blue + blueOffset).Store(target + 9 * pitch + i);
        }

        if (i < length)
        {
            RestOfPhases(bytes, available, scales, offsets, target, pitch, length, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Value(Vector512<byte> a, Vector512<byte> b, Vector512<int> order, int first)
    {
        Vector512<byte> values = Avx512Vbmi.PermuteVar64x8x2(a, (order + Vector512.Create(first)).AsByte(), b);
        return Vector512.ConvertToSingle(values.AsInt32() & Vector512.Create(255));
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void RestOfPhases(byte* bytes, long available, float* scales, float* offsets, float* target, int pitch, int length, int first) =>
        RunPhases<Lanes128>(bytes, available, scales, offsets, target, pitch, length, first);

    /// <summary>Sixteen pixels at a time, from a table of 128 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RunAvx512Vbmi(byte* bytes, long available, int step, float* target, int length)
    {
        Vector512<byte> order = (Vector512<int>.Indices * step).AsByte();
        int i = 0;
        for (; i <= length - 16 && step * i + 128 <= available; i += 16)
        {
            Vector512<byte> a = Vector512.Load(bytes + step * i), b = Vector512.Load(bytes + step * i + 64);
            Vector512<int> values = Avx512Vbmi.PermuteVar64x8x2(a, order, b).AsInt32() & Vector512.Create(255);
            Vector512.ConvertToSingle(values).Store(target + i);
        }

        if (i < length)
        {
            Rest(bytes, available, step, target, length, i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Rest(byte* bytes, long available, int step, float* target, int length, int first) =>
        Run128(bytes, available, step, target, length, first);
}
