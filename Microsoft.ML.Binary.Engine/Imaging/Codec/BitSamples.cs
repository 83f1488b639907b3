namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Samples of 1, 2 or 4 bits, several in a byte.</summary>
internal static class BitSamples
{
    /// <summary>Gives each sample a byte; the first is in the highest bits.</summary>
    public static void Unpack(ReadOnlySpan<byte> packed, int depth, Span<byte> samples)
    {
        int mask = (1 << depth) - 1;
        for (int i = 0, bit = 0; i < samples.Length; i++, bit += depth)
        {
            samples[i] = (byte)((packed[bit >> 3] >> (8 - depth - (bit & 7))) & mask);
        }
    }

    /// <summary>Gives each sample of 1 bit a byte; the first is in the lowest bit.</summary>
    public static void UnpackLowBitFirst(ReadOnlySpan<byte> packed, Span<byte> samples)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = (byte)((packed[i >> 3] >> (i & 7)) & 1);
        }
    }
}
