using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// One-bit weights in the order in which <see cref="NibbleDot"/> reads them: [output group of 4][input group of 4][tap][output in the
/// group], each byte the nibble of four input channels (bit set: -1) times 16. Missing channels of the last groups are +1, and so are
/// missing activations: they never count as a mismatch.
/// </summary>
internal static class NibbleWeights
{
    /// <summary>Groups of four that hold so many channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Groups(int channels) => (channels + 3) / 4;

    /// <summary>Steps of one output value: input groups times taps.</summary>
    public static int Steps(int inputs, int taps) => Groups(inputs) * taps;

    /// <summary>Bytes of the packed weights of a convolution.</summary>
    public static int Length(int outputs, int inputs, int taps) => Groups(outputs) * Steps(inputs, taps) * 4;

    /// <summary>The weights of one output group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> OfGroup(ReadOnlySpan<byte> packed, int group, int steps) => packed.Slice(group * steps * 4, steps * 4);

    /// <summary>Packs the signs of latent weights [outputs, inputs, taps]; sign(0) = +1.</summary>
    public static void PackLatent(ReadOnlySpan<float> latent, int outputs, int inputs, int taps, Span<byte> packed)
    {
        for (int group = 0; group < Groups(outputs); group++)
        {
            PackLatentGroup(latent, group, outputs, inputs, taps, packed);
        }
    }

    /// <summary>Packs one output group of <see cref="PackLatent"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackLatentGroup(ReadOnlySpan<float> latent, int group, int outputs, int inputs, int taps, Span<byte> packed)
    {
        int length = Steps(inputs, taps) * 4;
        Span<byte> target = packed.Slice(group * length, length);
        target.Clear();
        for (int o = group * 4; o < Math.Min(outputs, group * 4 + 4); o++)
        {
            for (int i = 0; i < inputs; i++)
            {
                ReadOnlySpan<float> row = latent.Slice((o * inputs + i) * taps, taps);
                int bit = 16 << (i & 3), at = (i >> 2) * taps * 4 + (o & 3);
                for (int t = 0; t < row.Length; t++)
                {
                    target[at + 4 * t] |= (byte)(row[t] >= 0 ? 0 : bit);
                }
            }
        }
    }

    /// <summary>Packs bits [outputs, inputs, taps], row-major, least significant bit of a byte first, a set bit meaning -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBits(ReadOnlySpan<byte> bits, int outputs, int inputs, int taps, Span<byte> packed)
    {
        packed.Clear();
        int steps = Steps(inputs, taps), index = 0;
        for (int o = 0; o < outputs; o++)
        {
            Span<byte> group = packed.Slice((o >> 2) * steps * 4, steps * 4);
            for (int i = 0; i < inputs; i++)
            {
                int at = (i >> 2) * taps * 4 + (o & 3);
                for (int t = 0; t < taps; t++, index++)
                {
                    group[at + 4 * t] |= (byte)((bits[index >> 3] >> (index & 7) & 1) << (4 + (i & 3)));
                }
            }
        }
    }
}
