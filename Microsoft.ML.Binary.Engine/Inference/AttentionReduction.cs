using System.Globalization;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// How far the keys and values of attention are reduced along each axis when a network is run (ToDo, arXiv 2402.13573). They are sampled from their grid,
/// so that a trained network works with any reduction; a larger one is faster on large images. The network itself stays as it is.
/// </summary>
/// <example><code>InferenceOptions options = new() { Views = new() { AttentionReduction = AttentionReduction.Fixed(4) } };</code></example>
public readonly record struct AttentionReduction
{
    /// <summary>The largest reduction.</summary>
    public const int Largest = 64;

    /// <summary>The most keys of <see cref="BySize"/>, if nothing else is said.</summary>
    public const int UsualKeys = 128;

    private AttentionReduction(int? factor, int? mostKeys) => (Factor, MostKeys) = (factor, mostKeys);

    /// <summary>The reduction that the network was trained with; the default.</summary>
    public static AttentionReduction AsTrained => default;

    /// <summary>The reduction of <see cref="Fixed"/>; null otherwise.</summary>
    public int? Factor { get; }

    /// <summary>The most keys of <see cref="BySize"/>; null otherwise.</summary>
    public int? MostKeys { get; }

    /// <summary>The same reduction for images of every size.</summary>
    /// <param name="factor">1, which is full attention, to <see cref="Largest"/>.</param>
    /// <exception cref="ArgumentException">It is out of range.</exception>
    public static AttentionReduction Fixed(int factor) => factor is >= 1 and <= Largest
        ? new(factor, null)
        : throw new ArgumentException($"The reduction of attention is {factor}; it must be from 1 to {Largest}.", nameof(factor));

    /// <summary>The smallest power of two with at most so many keys at the size of the image, and never less than the network was trained with.</summary>
    /// <param name="mostKeys">At least 1.</param>
    /// <exception cref="ArgumentException">It is less than 1.</exception>
    public static AttentionReduction BySize(int mostKeys = UsualKeys) => mostKeys >= 1
        ? new(null, mostKeys)
        : throw new ArgumentException($"The most keys of attention are {mostKeys}; there must be at least 1.", nameof(mostKeys));

    /// <summary>What <see cref="ToString"/> gives: <c>trained</c>, <c>auto</c>, <c>auto:256</c> for 256 keys, or a reduction. Null if it is something else.</summary>
    public static AttentionReduction? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        const string bySize = "auto:";
        return text switch
        {
            "trained" => AsTrained,
            "auto" => BySize(),
            _ when text.StartsWith(bySize, StringComparison.Ordinal) => Number(text[bySize.Length..]) is { } keys ? BySize(keys) : null,
            _ => Number(text) is { } factor and <= Largest ? Fixed(factor) : null,
        };

        static int? Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= 1 ? value : null;
    }

    /// <summary>The graph that is executed for images of a size: each token grid reduced as this says.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="height">Rows of the image that the network sees.</param>
    /// <param name="width">Pixels in a row of it.</param>
    /// <exception cref="ArgumentException">A reduction is fixed, and the graph has no attention with reduced keys.</exception>
    public DenseGraph In(DenseGraph graph, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (Factor is { } factor)
        {
            return graph.Nodes.Any(node => node is TokenSample)
                ? graph.WithAttentionReduction(factor)
                : throw new ArgumentException($"The reduction of attention is {factor}, and the network has no attention that could be reduced; leave it as trained.");
        }

        int least = LeastFactor(graph, height, width);
        return MostKeys is null ? graph : graph.WithAttentionReduction(sample => Math.Max(sample.Factor, least));
    }

    /// <summary>What decides about a plan beside the size: images of which this is the same share a graph.</summary>
    internal int LeastFactor(DenseGraph graph, int height, int width)
    {
        if (MostKeys is not { } most)
        {
            return Factor ?? 0;
        }

        (int paddedHeight, int paddedWidth) = graph.PaddedSize(height, width);
        int factor = 1;
        while (factor < Largest && graph.Nodes.OfType<TokenSample>().Any(sample => Keys(sample) > most))
        {
            factor *= 2;
        }

        return factor;

        long Keys(TokenSample sample)
        {
            (int rows, int columns) = (graph.Types[sample.Inputs[0]] with { Reduction = factor }).SizeAt(paddedHeight, paddedWidth);
            return (long)rows * columns;
        }
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => Factor is { } factor ? factor.ToString(CultureInfo.InvariantCulture)
        : MostKeys is not { } most ? "trained"
        : most == UsualKeys ? "auto"
        : string.Create(CultureInfo.InvariantCulture, $"auto:{most}");
}
