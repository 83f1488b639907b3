using System.Numerics;

namespace Scale;

/// <summary>
/// Token merging (Bolya and Hoffman, arXiv 2303.17604), the rival of sampling: the first token of each cell is a destination, the others are sources, and the
/// sources that are most like some destination are merged into it. Of keys and values only, so that nothing is unmerged.
/// </summary>
/// <param name="Kept">Sources that stay, by falling likeness.</param>
/// <param name="Destinations">The destinations, row by row.</param>
/// <param name="Into">For each token the place of the result that it went to: kept sources come first, then the destinations.</param>
public sealed record TokenMerge(int[] Kept, int[] Destinations, int[] Into)
{
    /// <summary>Tokens that are left.</summary>
    public int Count => Kept.Length + Destinations.Length;

    /// <summary>Finds what to merge. Equal likeness goes to the destination, and to the source, of the lower index.</summary>
    /// <param name="height">Rows of tokens.</param>
    /// <param name="width">Tokens in a row.</param>
    /// <param name="cell">Rows and columns of a cell.</param>
    /// <param name="merged">How many sources are merged; at most all.</param>
    /// <param name="likeness">Likeness of two tokens.</param>
    public static TokenMerge Find(int height, int width, int cell, int merged, Func<int, int, float> likeness)
    {
        int rows = height / cell, columns = width / cell;
        int[] destinations = [.. Enumerable.Range(0, rows * columns).Select(i => i / columns * cell * width + i % columns * cell)];
        int[] sources = [.. Enumerable.Range(0, height * width).Except(destinations)];
        (float Best, int At)[] best = new (float, int)[sources.Length];
        for (int s = 0; s < sources.Length; s++)
        {
            best[s] = (float.NegativeInfinity, 0);
            for (int d = 0; d < destinations.Length; d++)
            {
                float value = likeness(sources[s], destinations[d]);
                if (value > best[s].Best)
                {
                    best[s] = (value, d);
                }
            }
        }

        int[] order = [.. Enumerable.Range(0, sources.Length).OrderByDescending(s => best[s].Best)];
        int[] kept = [.. order.Skip(merged).Select(s => sources[s])], into = new int[height * width];
        for (int i = 0; i < order.Length; i++)
        {
            into[sources[order[i]]] = i < merged ? kept.Length + best[order[i]].At : i - merged;
        }

        for (int d = 0; d < destinations.Length; d++)
        {
            into[destinations[d]] = kept.Length + d;
        }

        return new(kept, destinations, into);
    }

    /// <summary>Likeness of tokens of signs, as words of bits: their cosine.</summary>
    public static Func<int, int, float> OfSigns(ulong[] words, int wordsPerToken, int channels) => (a, b) =>
    {
        int different = 0;
        for (int w = 0; w < wordsPerToken; w++)
        {
            different += BitOperations.PopCount(words[a * wordsPerToken + w] ^ words[b * wordsPerToken + w]);
        }

        return 1 - 2f * different / channels;
    };

    /// <summary>How many tokens each of the result stands for.</summary>
    public int[] Sizes()
    {
        int[] sizes = new int[Count];
        foreach (int at in Into)
        {
            sizes[at]++;
        }

        return sizes;
    }

    /// <summary>The mean of what was merged, channel by channel.</summary>
    /// <param name="tokens">A token's channels after the other's.</param>
    /// <param name="channels">Channels of a token.</param>
    public float[] Mean(float[] tokens, int channels)
    {
        float[] means = new float[Count * channels];
        int[] sizes = Sizes();
        for (int i = 0; i < tokens.Length; i++)
        {
            means[Into[i / channels] * channels + i % channels] += tokens[i];
        }

        for (int i = 0; i < means.Length; i++)
        {
            means[i] /= sizes[i / channels];
        }

        return means;
    }
}
