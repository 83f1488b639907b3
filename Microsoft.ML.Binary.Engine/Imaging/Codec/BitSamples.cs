namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Samples of 1, 2 or 4 bits, the first in the highest bits of a byte.</summary>
internal static class BitSamples
{
    /// <summary>Gives each sample a byte.</summary>
    public static void Unpack(ReadOnlySpan<byte> packed, int depth, Span<byte> samples)
    {
        int mask = (1 << depth) - 1;
        for (int i = 0, bit = 0; i < samples.Length; i++, bit += depth)
        {
            samples[i] = (byte)((packed[bit >> 3] >> (8 - depth - (bit & 7))) & mask);
        }
    }
}
