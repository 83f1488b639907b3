using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Turns real values into sign planes, nibble planes for four channels each or planes of six: bit k of a byte is set where channel k of
/// the group is negative, that is, where x + shift >= 0 does not hold. Since a sum of floats is zero only if it is exactly zero, that is x >= -shift, without the sum.
/// </summary>
internal static class SignPacking
{
    /// <summary>Planes of a map with so many channels in each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Planes(int channels, int channelsPerPlane) => (channels + channelsPerPlane - 1) / channelsPerPlane;

    /// <summary>Bytes of the nibble planes of a map.</summary>
    public static int Length(int channels, PlaneLayout layout) => NibbleWeights.Groups(channels) * layout.Length;

    /// <summary>
    /// Packs dense planes, [channels, height, width], into nibble planes of <paramref name="layout"/>, borders (+1) included.
    /// </summary>
    /// <param name="values">The real values.</param>
    /// <param name="shift">[channels], or empty for no shift.</param>
    /// <param name="channels">Number of channels.</param>
    /// <param name="layout">Layout of the nibble planes.</param>
    /// <param name="nibbles">Receives <see cref="Length"/> bytes.</param>
    public static void PackDense(ReadOnlySpan<float> values, ReadOnlySpan<float> shift, int channels, PlaneLayout layout, Span<byte> nibbles)
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
                Pack(source[(row * layout.Width)..], pixels, thresholds[..count], plane.Slice(layout.Offset(row, 0), layout.Width));
            }
        }
    }

    /// <summary>
    /// Packs one row of pixels of up to six channels, channel c of which starts at <c>values[c * pitch]</c>; channel c is +1 where it is
    /// at least <c>thresholds[c]</c>. Missing channels are +1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(ReadOnlySpan<float> values, int pitch, ReadOnlySpan<float> thresholds, Span<byte> nibbles)
    {
        ref float source = ref MemoryMarshal.GetReference(values);
        ref byte target = ref MemoryMarshal.GetReference(nibbles);
        int p = 0, lanes = Vector<float>.Count;
        if (nibbles.Length >= Vector<byte>.Count)
        {
            _ = values[(thresholds.Length - 1) * pitch + nibbles.Length - 1];
            for (; Vector512.IsHardwareAccelerated && p <= nibbles.Length - 64; p += 64)
            {
                Vector512<int> b0 = default, b1 = default, b2 = default, b3 = default;
                for (int c = 0; c < thresholds.Length; c++)
                {
                    Vector512<float> threshold = Vector512.Create(thresholds[c]);
                    Vector512<int> bit = Vector512.Create(1 << c);
                    nuint at = (nuint)(c * pitch + p);
                    b0 |= Vector512.AndNot(bit, Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref source, at), threshold).AsInt32());
                    b1 |= Vector512.AndNot(bit, Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref source, at + 16), threshold).AsInt32());
                    b2 |= Vector512.AndNot(bit, Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref source, at + 32), threshold).AsInt32());
                    b3 |= Vector512.AndNot(bit, Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref source, at + 48), threshold).AsInt32());
                }

                Vector512.Narrow(Vector512.Narrow(b0, b1), Vector512.Narrow(b2, b3)).AsByte().StoreUnsafe(ref target, (nuint)p);
            }

            for (; p <= nibbles.Length - Vector<byte>.Count; p += Vector<byte>.Count)
            {
                Vector<int> b0 = default, b1 = default, b2 = default, b3 = default;
                for (int c = 0; c < thresholds.Length; c++)
                {
                    Vector<float> threshold = new(thresholds[c]);
                    Vector<int> bit = new(1 << c);
                    nuint at = (nuint)(c * pitch + p);
                    b0 |= Vector.AndNot(bit, Vector.GreaterThanOrEqual(Vector.LoadUnsafe(ref source, at), threshold));
                    b1 |= Vector.AndNot(bit, Vector.GreaterThanOrEqual(Vector.LoadUnsafe(ref source, at + (nuint)lanes), threshold));
                    b2 |= Vector.AndNot(bit, Vector.GreaterThanOrEqual(Vector.LoadUnsafe(ref source, at + (nuint)(2 * lanes)), threshold));
                    b3 |= Vector.AndNot(bit, Vector.GreaterThanOrEqual(Vector.LoadUnsafe(ref source, at + (nuint)(3 * lanes)), threshold));
                }

                Vector<sbyte> packed = Vector.Narrow(Vector.Narrow(b0, b1), Vector.Narrow(b2, b3));
                Vector.AsVectorByte(packed).StoreUnsafe(ref target, (nuint)p);
            }
        }

        for (; p < nibbles.Length; p++)
        {
            int nibble = 0;
            for (int c = 0; c < thresholds.Length; c++)
            {
                nibble |= (values[c * pitch + p] >= thresholds[c] ? 0 : 1) << c;
            }

            nibbles[p] = (byte)nibble;
        }
    }
}
