using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Turns real values into sign planes, nibble planes for four channels each or planes of six: bit k of a byte is set where channel k of
/// the group is negative, that is, where x + shift >= 0 does not hold. Since a sum of floats is zero only if it is exactly zero, that is x >= -shift, without the sum.
/// </summary>
internal static unsafe class SignPacking
{
    /// <summary>Planes of a map with so many channels in each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Planes(int channels, int channelsPerPlane) => (channels + channelsPerPlane - 1) / channelsPerPlane;

    /// <summary>Bytes of the nibble planes of a map.</summary>
    public static int Length(int channels, PlaneLayout layout) => NibbleWeights.Groups(channels) * layout.Length;

    /// <summary>
    /// Packs dense planes, [channels, height, width], into nibble planes of <paramref name="layout"/>, borders (+1) included.
    /// </summary>
    /// <param name="kernels">The instruction set.</param>
    /// <param name="values">The real values.</param>
    /// <param name="shift">[channels], or empty for no shift.</param>
    /// <param name="channels">Number of channels.</param>
    /// <param name="layout">Layout of the nibble planes.</param>
    /// <param name="nibbles">Receives <see cref="Length"/> bytes.</param>
    public static void PackDense(
        KernelSet kernels, ReadOnlySpan<float> values, ReadOnlySpan<float> shift, int channels, PlaneLayout layout, Span<byte> nibbles)
    {
        int pixels = layout.Height * layout.Width;
        Span<float> thresholds = stackalloc float[4];
        for (int group = 0; group < NibbleWeights.Groups(channels); group++)
        {
            int first = 4 * group, count = Math.Min(4, channels - first);
            for (int c = 0; c < count; c++)
            {
                thresholds[c] = shift.IsEmpty ? 0 : -shift[first + c];
            }

            Span<byte> plane = nibbles.Slice(group * layout.Length, layout.Length);
            layout.ClearBorder(plane, 0, layout.Extent);
            ReadOnlySpan<float> source = values.Slice(first * pixels, count * pixels);
            for (int row = 0; row < layout.Height; row++)
            {
                kernels.PackSigns(source[(row * layout.Width)..], pixels, thresholds[..count], plane.Slice(layout.Offset(row, 0), layout.Width));
            }
        }
    }

    /// <summary>See <see cref="KernelSet.PackSigns(ReadOnlySpan{float}, int, ReadOnlySpan{float}, Span{byte})"/>: at least a register of bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V>(float* values, int pitch, ReadOnlySpan<float> thresholds, byte* signs, int pixels) where V : struct, ILanes<V>
    {
        if (V.Count == 1)
        {
            for (int at = 0; at < pixels; at++)
            {
                int sign = 0;
                for (int c = 0; c < thresholds.Length; c++)
                {
                    sign |= (values[c * pitch + at] >= thresholds[c] ? 0 : 1) << c;
                }

                signs[at] = (byte)sign;
            }

            return;
        }

        // The last block may overlap the one before it.
        for (int p = 0; p < pixels; p += V.CountOf8)
        {
            Block<V>(values, pitch, thresholds, signs, Math.Min(p, pixels - V.CountOf8));
        }
    }

    // Four registers of values make one of bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block<V>(float* values, int pitch, ReadOnlySpan<float> thresholds, byte* signs, int pixel) where V : struct, ILanes<V>
    {
        V b0 = V.BroadcastInt32(0), b1 = b0, b2 = b0, b3 = b0;
        float* source = values + pixel;
        for (int c = 0; c < thresholds.Length; c++, source += pitch)
        {
            V threshold = V.Broadcast(thresholds[c]), bit = V.BroadcastInt32(1 << c);
            b0 = V.OrUnlessGreaterOrEqual(b0, bit, V.Load(source), threshold);
            b1 = V.OrUnlessGreaterOrEqual(b1, bit, V.Load(source + V.Count), threshold);
            b2 = V.OrUnlessGreaterOrEqual(b2, bit, V.Load(source + 2 * V.Count), threshold);
            b3 = V.OrUnlessGreaterOrEqual(b3, bit, V.Load(source + 3 * V.Count), threshold);
        }

        V.StoreInt32AsUInt8(b0, b1, b2, b3, signs + pixel);
    }
}
