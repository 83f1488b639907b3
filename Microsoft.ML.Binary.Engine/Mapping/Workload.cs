namespace Microsoft.ML.Binary.Mapping;

/// <summary>How many bits a value of each tensor takes.</summary>
/// <param name="Inputs">Of the map that is read, 1..64.</param>
/// <param name="Weights">Of the kernels, 1..64.</param>
/// <param name="Outputs">Of a finished result, 1..64.</param>
/// <param name="Sums">Of a partial sum, at least <paramref name="Outputs"/>, up to 64.</param>
/// <example>
/// <code>
/// Workload layer = new() { Name = "conv", C = 64, M = 64, R = 3, S = 3, P = 56, Q = 56, Bits = new BitWidths(inputs: 8, weights: 2, outputs: 8) };
/// </code>
/// </example>
public readonly record struct BitWidths(int Inputs, int Weights, int Outputs, int Sums)
{
    /// <summary>Width of partial sums where nothing else is said.</summary>
    public const int UsualSums = 16;

    /// <summary>Widths with the usual partial sums: 16 bits, or as many as the outputs if those are wider.</summary>
    public BitWidths(int inputs, int weights, int outputs)
        : this(inputs, weights, outputs, Math.Max(UsualSums, outputs))
    {
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Inputs}/{Weights}/{Outputs}";
}

/// <summary>
/// One layer as the seven nested loops of a convolution: what is mapped onto an accelerator. A fully connected layer or a matrix product is
/// one with a kernel of one tap. Padding is not counted.
/// </summary>
/// <example>
/// <code>
/// Workload layer = new() { Name = "conv1", C = 3, M = 64, R = 7, S = 7, P = 112, Q = 112, StrideX = 2, StrideY = 2, Bits = new(8, 4, 8) };
/// </code>
/// </example>
public sealed record Workload
{
    /// <summary>The layer.</summary>
    public required string Name { get; init; }

    /// <summary>Input channels (of a group).</summary>
    public required int C { get; init; }

    /// <summary>Output channels (of a group).</summary>
    public required int M { get; init; }

    /// <summary>Columns of the kernel.</summary>
    public int R { get; init; } = 1;

    /// <summary>Rows of the kernel.</summary>
    public int S { get; init; } = 1;

    /// <summary>Images of a batch.</summary>
    public int N { get; init; } = 1;

    /// <summary>Columns of the output.</summary>
    public required int P { get; init; }

    /// <summary>Rows of the output.</summary>
    public int Q { get; init; } = 1;

    /// <summary>Input columns from one output column to the next.</summary>
    public int StrideX { get; init; } = 1;

    /// <summary>Input rows from one output row to the next.</summary>
    public int StrideY { get; init; } = 1;

    /// <summary>Input columns from one tap to the next.</summary>
    public int DilationX { get; init; } = 1;

    /// <summary>Input rows from one tap to the next.</summary>
    public int DilationY { get; init; } = 1;

    /// <summary>Groups of a convolution, which run one after the other; C and M are those of one.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Heads of an attention, which run one after the other; C and M are those of one.</summary>
    public int Heads { get; init; } = 1;

    /// <summary>Whether the second factor is a map too, as in attention, and of the width of maps rather than of weights.</summary>
    public bool IsProductOfMaps { get; init; }

    /// <summary>How often the loops run: energy and cycles count as often.</summary>
    public long Repetitions => (long)Groups * Heads;

    /// <summary>Bits of the tensors; null keeps one value a word, as for floats in words of 32 bits.</summary>
    public BitWidths? Bits { get; init; }

    /// <summary>The bound of a loop.</summary>
    public int this[Dimension dimension] => dimension switch
    {
        Dimension.C => C,
        Dimension.M => M,
        Dimension.R => R,
        Dimension.S => S,
        Dimension.N => N,
        Dimension.P => P,
        Dimension.Q => Q,
        _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension, "There is no such loop."),
    };

    /// <summary>Multiply-accumulates of all repetitions.</summary>
    public long Macs => (long)C * M * R * S * N * P * Q * Repetitions;

    /// <summary>
    /// The layer as arXiv 2404.05368 counts it: groups as one dense convolution, which does far more work than there is, and partial sums
    /// as narrow as finished outputs.
    /// </summary>
    public Workload AsPublished() => this with
    {
        C = (int)Math.Min((long)C * Groups, int.MaxValue),
        M = (int)Math.Min((long)M * Groups, int.MaxValue),
        Groups = 1,
        Bits = Bits is { } bits ? bits with { Sums = bits.Outputs } : null,
    };

    /// <summary>The same loops once and under no name: equal ones have equal mappings.</summary>
    internal Workload Shape => this with { Name = "", Groups = 1, Heads = 1, IsProductOfMaps = false };

    /// <exception cref="ArgumentException">A side, the work, the map that is read, or a width is out of range.</exception>
    internal void Validate()
    {
        const int largest = 1 << 20;
        foreach ((string name, int value) in (ReadOnlySpan<(string, int)>)
            [
                (nameof(C), C), (nameof(M), M), (nameof(R), R), (nameof(S), S), (nameof(N), N), (nameof(P), P), (nameof(Q), Q), (nameof(StrideX), StrideX),
                (nameof(StrideY), StrideY), (nameof(DilationX), DilationX), (nameof(DilationY), DilationY), (nameof(Groups), Groups), (nameof(Heads), Heads),
            ])
        {
            if (value is < 1 or > largest)
            {
                throw new ArgumentException($"Layer '{Name}': {name} is {value}; it must be from 1 to {largest}.");
            }
        }

        // Up to here all counts are exact, also as floating point, and far from where a sum of them would overflow.
        const double most = 1L << 53;
        double channels = (double)N * Repetitions * C;
        foreach ((string name, double value) in (ReadOnlySpan<(string, double)>)
            [
                ("multiply-accumulates", channels * M * R * S * P * Q),
                ("input values", channels * Extent(P, StrideX, R, DilationX) * Extent(Q, StrideY, S, DilationY)),
            ])
        {
            if (value > most)
            {
                throw new ArgumentException(FormattableString.Invariant($"Layer '{Name}': it has {value:G3} {name}; it must have at most {most:G3}."));
            }
        }

        if (Bits is not { } bits)
        {
            return;
        }

        foreach ((string name, int value) in (ReadOnlySpan<(string, int)>)
            [("inputs", bits.Inputs), ("weights", bits.Weights), ("outputs", bits.Outputs), ("partial sums", bits.Sums)])
        {
            if (value is < 1 or > 64)
            {
                throw new ArgumentException($"Layer '{Name}': {name} of {value} bits; widths are from 1 to 64 bits.");
            }
        }

        if (bits.Sums < bits.Outputs)
        {
            throw new ArgumentException($"Layer '{Name}': partial sums of {bits.Sums} bits cannot hold outputs of {bits.Outputs} bits.");
        }

        static double Extent(int outputs, int stride, int taps, int dilation) => (outputs - 1.0) * stride + (taps - 1.0) * dilation + 1;
    }
}
