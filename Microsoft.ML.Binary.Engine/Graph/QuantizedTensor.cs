using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// Whole-number weights of a convolution, [output channel, input channel, kernel row, kernel column], of which each output channel has its own width in
/// bits: 0 (all levels are 0), 1 (+1 and -1), or 2, 4, 8 (from -2^(bits - 1) to 2^(bits - 1) - 1).
/// </summary>
/// <example>
/// <code>
/// Parameter weight = new("conv.weight", ParameterRole.Weight, [2, 2, 1, 1], [0.5f, -0.3f, 0.5f, -0.3f]);
/// QuantizedTensor levels = QuantizedTensor.Quantize(weight, bits: [1, 4]);
/// Console.WriteLine($"{string.Join(' ', levels.Channel(1).ToArray())}, {levels.WeightBits} bits in all");      // 7 -4, 10 bits in all
/// </code>
/// </example>
public sealed class QuantizedTensor
{
    private readonly sbyte[] _levels;

    /// <summary>Wraps levels.</summary>
    /// <param name="inputs">Input channels.</param>
    /// <param name="kernel">Rows and columns of the kernel.</param>
    /// <param name="bits">The width of each output channel.</param>
    /// <param name="levels">The levels, row-major.</param>
    /// <exception cref="ArgumentException">A width or a level is not possible, or there are too few or too many levels.</exception>
    public QuantizedTensor(int inputs, int kernel, ImmutableArray<byte> bits, sbyte[] levels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(kernel, 1);
        ArgumentNullException.ThrowIfNull(levels);
        CheckBits(bits);
        (Inputs, Kernel, Bits, _levels) = (inputs, kernel, bits, levels);
        if ((long)bits.Length * inputs * kernel * kernel != levels.Length)
        {
            throw new ArgumentException($"{bits.Length} channels of {inputs} x {kernel} x {kernel} weights need {(long)bits.Length * inputs * kernel * kernel} levels, and {levels.Length} were given", nameof(levels));
        }

        for (int channel = 0; channel < bits.Length; channel++)
        {
            int lowest = ChannelQuantizer.LowestLevel(bits[channel]), highest = ChannelQuantizer.HighestLevel(bits[channel]);
            foreach (sbyte level in Channel(channel))
            {
                if (level < lowest || level > highest || (bits[channel] == 1 && level == 0))
                {
                    throw new ArgumentException($"channel {channel} has {bits[channel]} bits, in which there is no level {level}", nameof(levels));
                }
            }
        }
    }

    /// <summary>Output channels.</summary>
    public int Outputs => Bits.Length;

    /// <summary>Input channels.</summary>
    public int Inputs { get; }

    /// <summary>Rows and columns of the kernel.</summary>
    public int Kernel { get; }

    /// <summary>The width of each output channel in bits.</summary>
    public ImmutableArray<byte> Bits { get; }

    /// <summary>All levels, row-major.</summary>
    public ReadOnlySpan<sbyte> Levels => _levels;

    /// <summary>Weights of an output channel.</summary>
    public int Products => Inputs * Kernel * Kernel;

    /// <summary>Bits of all weights together.</summary>
    public long WeightBits => Bits.Sum(bits => (long)bits) * Products;

    /// <summary>The levels of one output channel.</summary>
    public ReadOnlySpan<sbyte> Channel(int output) => _levels.AsSpan(output * Products, Products);

    /// <summary>Quantises real weights by <see cref="ChannelQuantizer.Quantize"/>.</summary>
    /// <param name="weight">[outputs, inputs, kernel, kernel].</param>
    /// <param name="bits">The width of each output channel.</param>
    public static QuantizedTensor Quantize(Parameter weight, ImmutableArray<byte> bits) => Quantize(weight, bits, out _);

    internal static QuantizedTensor Quantize(Parameter weight, ImmutableArray<byte> bits, out float[] steps)
    {
        sbyte[] levels = new sbyte[weight.Values.Length];
        steps = new float[bits.Length];
        int products = levels.Length / bits.Length;
        for (int c = 0; c < steps.Length; c++)
        {
            steps[c] = ChannelQuantizer.Quantize(weight.Values.AsSpan(c * products, products), bits[c], levels.AsSpan(c * products, products));
        }

        return new(weight.Shape[1], weight.Shape[2], bits, levels);
    }

    /// <summary>The levels as real values.</summary>
    internal float[] ToFloats() => Array.ConvertAll(_levels, level => (float)level);

    /// <summary>Bytes of <see cref="Pack"/>.</summary>
    internal static long PackedLength(ReadOnlySpan<byte> bits, long products)
    {
        long sum = 0;
        foreach (byte width in bits)
        {
            sum += width;
        }

        return (sum * products + 7) / 8;
    }

    /// <summary>
    /// The levels as bits, channel by channel, each level in two's complement of its channel's width, least significant bit first; of one-bit channels a
    /// set bit is -1. The unused bits of the last byte are 0.
    /// </summary>
    internal byte[] Pack()
    {
        byte[] packed = new byte[PackedLength(Bits.AsSpan(), Products)];
        long at = 0;
        for (int c = 0; c < Bits.Length; c++)
        {
            int bits = Bits[c];
            foreach (sbyte level in Channel(c))
            {
                // Widths divide eight, and other channels before this one may end anywhere.
                int value = bits == 1 ? (level < 0 ? 1 : 0) : level & ((1 << bits) - 1);
                for (int k = 0; k < bits; k++, at++)
                {
                    packed[at >> 3] |= (byte)((value >> k & 1) << (int)(at & 7));
                }
            }
        }

        return packed;
    }

    /// <summary>The way back from <see cref="Pack"/>.</summary>
    /// <exception cref="ArgumentException">An unused bit of the last byte is set, or a width is not possible.</exception>
    internal static QuantizedTensor Unpack(int inputs, int kernel, ImmutableArray<byte> bits, ReadOnlySpan<byte> packed)
    {
        CheckBits(bits);
        int products = checked(inputs * kernel * kernel);
        sbyte[] levels = new sbyte[checked(bits.Length * products)];
        long at = 0;
        for (int i = 0; i < levels.Length; i++)
        {
            int width = bits[i / products], value = 0;
            for (int k = 0; k < width; k++, at++)
            {
                value |= (packed[(int)(at >> 3)] >> (int)(at & 7) & 1) << k;
            }

            levels[i] = (sbyte)(width == 0 ? 0 : width == 1 ? 1 - 2 * value : value << (32 - width) >> (32 - width));
        }

        for (; at < 8L * packed.Length; at++)
        {
            if ((packed[(int)(at >> 3)] >> (int)(at & 7) & 1) != 0)
            {
                throw new ArgumentException("bits of the last byte of the levels are unused, and these are not 0", nameof(packed));
            }
        }

        return new(inputs, kernel, bits, levels);
    }

    internal static void CheckBits(ImmutableArray<byte> bits)
    {
        foreach (byte width in bits)
        {
            if (!ChannelQuantizer.Widths.Contains(width))
            {
                throw new ArgumentException($"a channel of {width} bits is not possible; channels have {string.Join(", ", ChannelQuantizer.Widths)}", nameof(bits));
            }
        }
    }
}
