using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>
/// Edges derived from class indices: the pixels on both sides of every change of class between pixels above, below, left or right of each other.
/// Derived after augmentation, so that lines are equally thick however far an image was enlarged.
/// </summary>
internal static class EdgeMasks
{
    /// <summary>Groups of edge pixels (8-connected) below this size are noise of the labels.</summary>
    private const int SmallestGroup = 4;

    /// <summary>Pixels up to this far from an ignored one take no part.</summary>
    private const int IgnoredBorder = 2;

    /// <summary>Derives the edges of one image.</summary>
    /// <param name="labels">Class per pixel, row-major.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="ignoreLabel">Pixels with this label, and those near them, are <see cref="EdgeLoss.Ignored"/>.</param>
    /// <param name="widening">By how many pixels lines are widened to every side; 0 leaves two pixels, one on each side.</param>
    /// <param name="edges">Set to <see cref="EdgeLoss.Edge"/>, <see cref="EdgeLoss.Ignored"/> or 0.</param>
    public static void Derive(ReadOnlySpan<byte> labels, int width, byte ignoreLabel, int widening, Span<byte> edges)
    {
        edges.Clear();
        for (int i = 0; i < labels.Length; i++)
        {
            Mark(labels, edges, i, i % width + 1 < width ? i + 1 : i, ignoreLabel);
            Mark(labels, edges, i, i + width < labels.Length ? i + width : i, ignoreLabel);
        }

        RemoveSmallGroups(edges, width);
        for (int i = 0; i < widening; i++)
        {
            Spread(edges, width, EdgeLoss.Edge);
        }

        byte[] ignored = new byte[labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            ignored[i] = labels[i] == ignoreLabel ? EdgeLoss.Ignored : (byte)0;
        }

        for (int i = 0; i < IgnoredBorder; i++)
        {
            Spread(ignored, width, EdgeLoss.Ignored);
        }

        for (int i = 0; i < labels.Length; i++)
        {
            edges[i] = ignored[i] == EdgeLoss.Ignored ? EdgeLoss.Ignored : edges[i];
        }
    }

    private static void Mark(ReadOnlySpan<byte> labels, Span<byte> edges, int a, int b, byte ignoreLabel)
    {
        if (labels[a] != labels[b] && labels[a] != ignoreLabel && labels[b] != ignoreLabel)
        {
            (edges[a], edges[b]) = (EdgeLoss.Edge, EdgeLoss.Edge);
        }
    }

    private static void RemoveSmallGroups(Span<byte> edges, int width)
    {
        bool[] seen = new bool[edges.Length];
        List<int> group = [];
        for (int start = 0; start < edges.Length; start++)
        {
            if (edges[start] != EdgeLoss.Edge || seen[start])
            {
                continue;
            }

            group.Clear();
            group.Add(start);
            seen[start] = true;
            for (int i = 0; i < group.Count; i++)
            {
                (int y, int x) = Math.DivRem(group[i], width);
                for (int row = Math.Max(y - 1, 0); row <= y + 1 && (row * width) < edges.Length; row++)
                {
                    for (int column = Math.Max(x - 1, 0); column <= Math.Min(x + 1, width - 1); column++)
                    {
                        int at = (row * width) + column;
                        if (edges[at] == EdgeLoss.Edge && !seen[at])
                        {
                            seen[at] = true;
                            group.Add(at);
                        }
                    }
                }
            }

            foreach (int pixel in group.Count < SmallestGroup ? group : [])
            {
                edges[pixel] = 0;
            }
        }
    }

    /// <summary>Gives the value to the eight neighbours of those that have it.</summary>
    private static void Spread(Span<byte> map, int width, byte value)
    {
        byte[] before = map.ToArray();
        for (int i = 0; i < before.Length; i++)
        {
            if (before[i] != value)
            {
                continue;
            }

            (int y, int x) = Math.DivRem(i, width);
            for (int row = Math.Max(y - 1, 0); row <= y + 1 && (row * width) < map.Length; row++)
            {
                int first = Math.Max(x - 1, 0), last = Math.Min(x + 1, width - 1);
                map.Slice((row * width) + first, last - first + 1).Fill(value);
            }
        }
    }
}
