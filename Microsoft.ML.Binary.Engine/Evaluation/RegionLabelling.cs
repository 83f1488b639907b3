using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>
/// Numbers the connected regions of a mask in three passes over its pixels: regions are joined (union-find), measured, numbered. Time and memory depend on
/// the number of pixels, not on how they wind.
/// </summary>
internal static class RegionLabelling
{
    /// <returns>The number of each pixel's region, 1, 2, ... in the order of first pixels, row-major; 0 for pixels of other classes and of regions that are too small.</returns>
    public static int[] Run(SegmentationMask mask, IEnumerable<byte> labels, PixelConnectivity connectivity, int minArea)
    {
        bool[] wanted = new bool[256];
        foreach (byte label in labels)
        {
            wanted[label] = true;
        }

        return Numbered(Join(mask, wanted, connectivity == PixelConnectivity.Eight), minArea);
    }

    /// <summary>Numbers trees of pixels in the order of their first pixels, in place of what is handed in.</summary>
    /// <param name="parents">For each pixel another of its tree, or itself if it is the root; -1 for a pixel of none.</param>
    /// <param name="minArea">Trees of fewer pixels have number 0; at least 1.</param>
    public static int[] Numbered(int[] parents, int minArea)
    {
        int[] areas = new int[parents.Length];
        for (int i = 0; i < parents.Length; i++)
        {
            if (parents[i] >= 0)
            {
                parents[i] = Root(parents, i);
                areas[parents[i]]++;
            }
        }

        int trees = 0;
        for (int i = 0; i < parents.Length; i++)
        {
            if (parents[i] < 0)
            {
                parents[i] = 0;
                continue;
            }

            // A tree has its number, below 0, in place of its area from its first pixel on.
            ref int area = ref areas[parents[i]];
            area = area >= minArea ? -++trees : area;
            parents[i] = Math.Max(0, -area);
        }

        return parents;
    }

    /// <summary>The root of a pixel's tree.</summary>
    public static int Root(int[] parents, int pixel)
    {
        while (parents[pixel] != pixel)
        {
            // Halves the way for the next one.
            pixel = parents[pixel] = parents[parents[pixel]];
        }

        return pixel;
    }

    /// <summary>For each pixel of a wanted class one of its region that comes before it, or itself if it is the first; -1 for others.</summary>
    private static int[] Join(SegmentationMask mask, bool[] wanted, bool diagonals)
    {
        (int width, byte[] labels) = (mask.Width, mask.Labels);
        int[] parents = new int[labels.Length];
        for (int y = 0, i = 0; y < mask.Height; y++)
        {
            for (int x = 0; x < width; x++, i++)
            {
                if (!wanted[labels[i]])
                {
                    parents[i] = -1;
                    continue;
                }

                parents[i] = i;
                if (x > 0)
                {
                    Join(labels, parents, i, i - 1);
                }

                if (y > 0)
                {
                    Join(labels, parents, i, i - width);
                    if (diagonals && x > 0)
                    {
                        Join(labels, parents, i, i - width - 1);
                    }

                    if (diagonals && x < width - 1)
                    {
                        Join(labels, parents, i, i - width + 1);
                    }
                }
            }
        }

        return parents;
    }

    private static void Join(byte[] labels, int[] parents, int pixel, int neighbour)
    {
        if (labels[pixel] != labels[neighbour])
        {
            return;
        }

        (int first, int second) = (Root(parents, pixel), Root(parents, neighbour));
        (parents[first], parents[second]) = (Math.Min(first, second), Math.Min(first, second));
    }
}
