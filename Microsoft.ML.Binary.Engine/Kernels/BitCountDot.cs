using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// <see cref="NibbleDot"/> by counting bits instead of looking up: ARM counts the bits of each byte in one instruction. Two steps of four channels are put
/// into one byte, so that an exclusive or, a count and an addition do for eight channels of 16 pixels, where looking up takes two look-ups and two
/// additions. What puts the steps together is shared by the tile's output channels.
/// </summary>
internal static unsafe class BitCountDot
{
    private const int Outputs = 4, Pixels = PlaneLayout.Tile;

    // 31 pairs make at most 248, and one step before them 4.
    private const int StepsPerByte = 2 * 31;

    /// <summary>Each byte 16 times, so that a load spreads a weight. Not a constant for the JIT: see <see cref="MismatchTables.Start"/>.</summary>
    private static byte* Spread { get; set; } = MakeSpread();

    /// <summary>See <see cref="MismatchKernel{TWeight}"/>; weights as in <see cref="NibbleWeights"/>.</summary>
    public static void Run(byte* activations, int* offsets, int steps, byte* weights, int outputs, ushort* counts, int pixels)
    {
        for (int o = 0; o < outputs; o += Outputs, weights += Outputs * steps, counts += Outputs * pixels)
        {
            for (int p = 0; p < pixels; p += Pixels)
            {
                Tile4x4(activations + p, offsets, steps, (uint*)weights, counts + p, pixels);
            }
        }
    }

    // 4 output channels x 4 registers of pixels: sixteen accumulators, four registers of activations, one weight.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x4(byte* a, int* step, int steps, uint* weight, ushort* count, int pitch)
    {
        byte* spread = Spread;
        bool add = false;
        int* end = step + steps;
        while (step < end)
        {
            Vector128<byte> c00 = default, c01 = default, c02 = default, c03 = default;
            Vector128<byte> c10 = default, c11 = default, c12 = default, c13 = default;
            Vector128<byte> c20 = default, c21 = default, c22 = default, c23 = default;
            Vector128<byte> c30 = default, c31 = default, c32 = default, c33 = default;
            if ((end - step) % 2 != 0)
            {
                byte* pixel = a + *step++;
                Vector128<byte> a0 = Vector128.Load(pixel), a1 = Vector128.Load(pixel + 16), a2 = Vector128.Load(pixel + 32), a3 = Vector128.Load(pixel + 48);
                nuint signs = *weight++ >> 4;
                Vector128<byte> w = Vector128.LoadAligned(spread + (signs << 4 & 0xFF0));
                c00 = Count(a0 ^ w);
                c01 = Count(a1 ^ w);
                c02 = Count(a2 ^ w);
                c03 = Count(a3 ^ w);
                w = Vector128.LoadAligned(spread + (signs >> 4 & 0xFF0));
                c10 = Count(a0 ^ w);
                c11 = Count(a1 ^ w);
                c12 = Count(a2 ^ w);
                c13 = Count(a3 ^ w);
                w = Vector128.LoadAligned(spread + (signs >> 12 & 0xFF0));
                c20 = Count(a0 ^ w);
                c21 = Count(a1 ^ w);
                c22 = Count(a2 ^ w);
                c23 = Count(a3 ^ w);
                w = Vector128.LoadAligned(spread + (signs >> 20 & 0xFF0));
                c30 = Count(a0 ^ w);
                c31 = Count(a1 ^ w);
                c32 = Count(a2 ^ w);
                c33 = Count(a3 ^ w);
            }

            int* last = end - step > StepsPerByte ? step + StepsPerByte : end;
            for (; step < last; step += 2, weight += 2)
            {
                byte* low = a + step[0], high = a + step[1];
                Vector128<byte> a0 = Join(low, high), a1 = Join(low + 16, high + 16), a2 = Join(low + 32, high + 32), a3 = Join(low + 48, high + 48);
                nuint signs = weight[0] >> 4 | weight[1];
                Vector128<byte> w = Vector128.LoadAligned(spread + (signs << 4 & 0xFF0));
                c00 += Count(a0 ^ w);
                c01 += Count(a1 ^ w);
                c02 += Count(a2 ^ w);
                c03 += Count(a3 ^ w);
                w = Vector128.LoadAligned(spread + (signs >> 4 & 0xFF0));
                c10 += Count(a0 ^ w);
                c11 += Count(a1 ^ w);
                c12 += Count(a2 ^ w);
                c13 += Count(a3 ^ w);
                w = Vector128.LoadAligned(spread + (signs >> 12 & 0xFF0));
                c20 += Count(a0 ^ w);
                c21 += Count(a1 ^ w);
                c22 += Count(a2 ^ w);
                c23 += Count(a3 ^ w);
                w = Vector128.LoadAligned(spread + (signs >> 20 & 0xFF0));
                c30 += Count(a0 ^ w);
                c31 += Count(a1 ^ w);
                c32 += Count(a2 ^ w);
                c33 += Count(a3 ^ w);
            }

            Flush(c00, count, add);
            Flush(c01, count + 16, add);
            Flush(c02, count + 32, add);
            Flush(c03, count + 48, add);
            Flush(c10, count + pitch, add);
            Flush(c11, count + pitch + 16, add);
            Flush(c12, count + pitch + 32, add);
            Flush(c13, count + pitch + 48, add);
            Flush(c20, count + 2 * pitch, add);
            Flush(c21, count + 2 * pitch + 16, add);
            Flush(c22, count + 2 * pitch + 32, add);
            Flush(c23, count + 2 * pitch + 48, add);
            Flush(c30, count + 3 * pitch, add);
            Flush(c31, count + 3 * pitch + 16, add);
            Flush(c32, count + 3 * pitch + 32, add);
            Flush(c33, count + 3 * pitch + 48, add);
            add = true;
        }
    }

    // Channels of two steps in one byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Join(byte* low, byte* high) => AdvSimd.IsSupported
        ? AdvSimd.ShiftLeftAndInsert(Vector128.Load(low), Vector128.Load(high), 4)
        : Vector128.Load(low) | Vector128.Load(high) << 4;

    // The bits of each byte. Other processors than ARM's take this only in tests.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Count(Vector128<byte> bits)
    {
        if (AdvSimd.IsSupported)
        {
            return AdvSimd.PopCount(bits);
        }

        Vector128<byte> table = Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4), nibble = Vector128.Create((byte)15);
        return Vector128.Shuffle(table, bits & nibble) + Vector128.Shuffle(table, bits >> 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Flush(Vector128<byte> bytes, ushort* count, bool add) => new Lanes128(bytes.AsSingle()).StoreUInt8AsUInt16(count, add);

    private static byte* MakeSpread()
    {
        byte* spread = (byte*)NativeMemory.AlignedAlloc(16 * 256, 64);
        for (int i = 0; i < 16 * 256; i++)
        {
            spread[i] = (byte)(i / 16);
        }

        return spread;
    }
}
