namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// The one-bit weights of a binary convolution, [output channel, input channel, kernel row, kernel column], flattened row-major into
/// bits, least significant bit of a byte first. A set bit means -1, a clear one +1 (the convention of Larq Compute Engine, in which
/// padding with +1 is padding with zero bits).
/// </summary>
/// <example>
/// <code>
/// SignTensor signs = new(outputs: 1, inputs: 8, kernel: 1, bits: [0b0000_0101]);
/// bool isNegative = signs.IsNegative(output: 0, input: 2, row: 0, column: 0);     // true: a set bit is -1
/// </code>
/// </example>
public sealed class SignTensor
{
    private readonly byte[] _bits;

    /// <summary>Wraps packed bits.</summary>
    /// <exception cref="ArgumentException">
    /// The number of bytes is not that of the shape, there are too many signs, or an unused bit of the last byte is set.
    /// </exception>
    public SignTensor(int outputs, int inputs, int kernel, byte[] bits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(kernel, 1);
        long count = (long)outputs * inputs * kernel * kernel;
        if (bits.Length != (count + 7) / 8)
        {
            throw new ArgumentException($"{count} signs need {(count + 7) / 8} bytes, and {bits.Length} were given", nameof(bits));
        }

        if (count > int.MaxValue)
        {
            throw new ArgumentException($"{count} signs are more than one tensor holds ({int.MaxValue})", nameof(bits));
        }

        if (count % 8 != 0 && bits[^1] >> (int)(count % 8) != 0)
        {
            throw new ArgumentException($"{count} signs leave bits of the last byte unused, and these are not 0", nameof(bits));
        }

        (Outputs, Inputs, Kernel, _bits) = (outputs, inputs, kernel, bits);
    }

    /// <summary>Output channels.</summary>
    public int Outputs { get; }

    /// <summary>Input channels.</summary>
    public int Inputs { get; }

    /// <summary>Rows and columns of the kernel.</summary>
    public int Kernel { get; }

    /// <summary>Number of one-bit weights.</summary>
    public int Count => Outputs * Inputs * Kernel * Kernel;

    /// <summary>The packed bits.</summary>
    public ReadOnlySpan<byte> Bits => _bits;

    /// <summary>Whether the weight is -1.</summary>
    public bool IsNegative(int output, int input, int row, int column)
    {
        int index = ((output * Inputs + input) * Kernel + row) * Kernel + column;
        return (_bits[index >> 3] >> (index & 7) & 1) != 0;
    }

    /// <summary>The same weights as levels of one bit.</summary>
    internal QuantizedTensor ToLevels() => QuantizedTensor.Unpack(Inputs, Kernel, [.. Enumerable.Repeat((byte)1, Outputs)], _bits);

    /// <summary>Takes the signs of latent weights; sign(0) = +1.</summary>
    public static SignTensor FromLatent(Parameter latent)
    {
        ReadOnlySpan<float> values = latent.Values;
        byte[] bits = new byte[(values.Length + 7) / 8];
        for (int i = 0; i < values.Length; i++)
        {
            if (!(values[i] >= 0))
            {
                bits[i >> 3] |= (byte)(1 << (i & 7));
            }
        }

        return new SignTensor(latent.Shape[0], latent.Shape[1], latent.Shape[2], bits);
    }
}
