using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// One-bit weights in the order in which <see cref="VbmiDot"/> reads them: [output group of 4][input group of 6][tap][output in the
/// group], each the six weight bits (bit set: -1) times 64, the bytes of a table. Missing channels are +1, and so are missing activations.
/// </summary>
internal static class VbmiWeights
{
    /// <summary>Channels of a plane.</summary>
    public const int Channels = 6;

    /// <summary>Number of weights of a convolution.</summary>
    public static int Length(int outputs, int inputs, int taps) => NibbleWeights.Groups(outputs) * SignPacking.Planes(inputs, Channels) * taps * 4;

    /// <summary>Packs bits [outputs, inputs, taps], row-major, least significant bit of a byte first, a set bit meaning -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackBits(ReadOnlySpan<byte> bits, int outputs, int inputs, int taps, Span<ushort> packed)
    {
        packed.Clear();
        int steps = SignPacking.Planes(inputs, Channels) * taps, index = 0;
        for (int o = 0; o < outputs; o++)
        {
            Span<ushort> group = packed.Slice((o >> 2) * steps * 4, steps * 4);
            for (int i = 0; i < inputs; i++)
            {
                int at = i / Channels * taps * 4 + (o & 3), shift = 6 + i % Channels;
                for (int t = 0; t < taps; t++, index++)
                {
                    group[at + 4 * t] |= (ushort)((bits[index >> 3] >> (index & 7) & 1) << shift);
                }
            }
        }
    }
}
