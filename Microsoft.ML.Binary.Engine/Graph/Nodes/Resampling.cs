using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>How <see cref="Upsample"/> fills new pixels.</summary>
/// <example>
/// <code>
/// FeatureMap row = new(1, 1, 2, [0, 4]);
/// foreach (UpsampleMode mode in Enum.GetValues&lt;UpsampleMode>())
/// {
///     FeatureMap enlarged = ReferenceInterpreter.Evaluate(new Upsample("twice", [0], Factor: 2, mode), [row], new(1, 2, 4));
///     Console.WriteLine($"{mode}: {string.Join(", ", enlarged.Values[..4])}");                                 // Nearest: 0, 0, 4, 4 and Bilinear: 0, 1, 3, 4
/// }
/// </code>
/// </example>
public enum UpsampleMode
{
    /// <summary>Output pixel (y, x) is input pixel (y / factor, x / factor), rounded down. Commutes with sign.</summary>
    Nearest,

    /// <summary>
    /// Bilinear with half-pixel centres and clamped edges: source position (o + 0.5) / factor - 0.5. Rows are blended first, then
    /// columns, each as a + w * (b - a) with the three operations rounded separately.
    /// </summary>
    Bilinear,
}

/// <summary>Enlarges a map by a whole factor along both axes.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
/// <param name="Factor">2 or 4.</param>
/// <param name="Mode">Nearest or bilinear.</param>
/// <example>
/// <code>
/// FeatureMap row = new(1, 1, 2, [0, 4]);
/// Upsample twice = new("twice", [0], Factor: 2, UpsampleMode.Bilinear);
/// FeatureMap enlarged = ReferenceInterpreter.Evaluate(twice, [row], new(1, 2, 4));                             // both rows are 0, 1, 3, 4
/// </code>
/// </example>
public sealed record Upsample(string Name, ImmutableArray<int> Inputs, int Factor, UpsampleMode Mode) : Node(Name, Inputs)
{
    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        FeatureType input = Single(inputs);
        Expect(Factor is 2 or 4, $"factor {Factor} is not 2 or 4");
        Expect(input.Stride % Factor == 0 && input.Reduction == 1, $"{input} cannot be enlarged {Factor} times");
        return input with { Stride = input.Stride / Factor, Bits = Mode == UpsampleMode.Nearest ? input.Bits : FeatureType.RealBits };
    }
}

/// <summary>
/// Sub-pixel rearrangement: output channel c at (f y + i, f x + j) is input channel c f^2 + i f + j at (y, x) (Shi et al., arXiv 1609.05158).
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map; f^2 divides its channels.</param>
/// <param name="Factor">2 or 4.</param>
/// <example>
/// <code>
/// FeatureMap four = new(4, 1, 1, [1, 2, 3, 4]);
/// FeatureMap square = ReferenceInterpreter.Evaluate(new PixelShuffle("shuffle", [0], Factor: 2), [four], new(1, 2, 2));        // rows 1, 2 and 3, 4
/// </code>
/// </example>
public sealed record PixelShuffle(string Name, ImmutableArray<int> Inputs, int Factor) : Node(Name, Inputs)
{
    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        FeatureType input = Single(inputs);
        Expect(Factor is 2 or 4, $"factor {Factor} is not 2 or 4");
        Expect(input.Stride % Factor == 0 && input.Reduction == 1, $"{input} cannot be enlarged {Factor} times");
        Expect(input.Channels % (Factor * Factor) == 0, $"{input.Channels} channels do not divide by {Factor * Factor}");
        return input with { Channels = input.Channels / (Factor * Factor), Stride = input.Stride / Factor, Bits = input.IsSign ? 1 : FeatureType.RealBits };
    }
}

/// <summary>
/// The mean of each 2x2 block: the four values added row by row, times 0.25.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
/// <example>
/// <code>
/// FeatureMap block = new(1, 2, 2, [1, 2, 3, 6]);
/// FeatureMap mean = ReferenceInterpreter.Evaluate(new AveragePool("pool", [0]), [block], new(1, 1, 1));        // 3
/// </code>
/// </example>
public sealed record AveragePool(string Name, ImmutableArray<int> Inputs) : Node(Name, Inputs)
{
    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        FeatureType input = Single(inputs);
        Expect(input.Reduction == 1, "a reduced token grid cannot be pooled");
        return input with { Stride = input.Stride * 2, Bits = FeatureType.RealBits };
    }
}

/// <summary>
/// Samples a token grid of H x W down to h x w (see <see cref="FeatureType.SizeAt"/>) with the nearest-exact rule of ToDo
/// (arXiv 2402.13573): row i comes from row floor((i + 0.5) * H / h), columns likewise. Commutes with sign, has no parameters, so the
/// factor may be raised after training.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
/// <param name="Factor">Reduction along each axis, 1..64.</param>
/// <example>
/// <code>
/// int[] rows = [.. Enumerable.Range(0, 3).Select(row => TokenSample.SourceIndex(row, reduced: 3, full: 9))];   // 1, 4, 7
/// foreach (TokenSample sample in network.Graph.Nodes.OfType&lt;TokenSample>())
/// {
///     Console.WriteLine($"{sample.Name}: keys and values on a grid {sample.Factor} times smaller along each axis");
/// }
/// </code>
/// </example>
public sealed record TokenSample(string Name, ImmutableArray<int> Inputs, int Factor) : Node(Name, Inputs)
{
    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        FeatureType input = Single(inputs);
        Expect(Factor is >= 1 and <= 64, $"reduction {Factor} is not in 1..64");
        Expect(input.Reduction == 1, "the grid is reduced already");
        return input with { Reduction = Factor };
    }

    /// <summary>The source row (or column) of reduced row <paramref name="index"/>.</summary>
    public static int SourceIndex(int index, int reduced, int full) => (int)((2L * index + 1) * full / (2L * reduced));
}
