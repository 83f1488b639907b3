using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>
/// Numbers the regions of a class, taken apart at necks: a watershed of the distance from the border, in whole numbers, whose summits must rise above the pass to the next
/// (<see cref="Rises"/>). Pixels come in the order of their distance, the farthest first, equal ones row-major. One none of whose neighbours came before begins a part; any other joins the part of
/// that neighbour which came first. Of the parts that meet in it, those whose summits do not rise are joined to the one that began first.
/// </summary>
internal static class NeckSplitting
{
    /// <summary>Steps to a neighbour beside and across: the distance is three times that in pixels, nearly (Borgefors, Distance transformations in digital images, 1986).</summary>
    private const int Beside = 3, Across = 4;

    /// <summary>The number of each pixel's part, as <see cref="RegionLabelling.Run"/> numbers regions.</summary>
    public static int[] Run(SegmentationMask mask, byte label, PixelConnectivity connectivity, int minArea)
    {
        int[] distances = Distances(mask, label);
        int[] parents = new int[distances.Length];
        Array.Fill(parents, -1);
        Span<int> neighbours = stackalloc int[8];
        foreach (int pixel in FarthestFirst(distances))
        {
            int count = ComeBefore(pixel, mask.Width, distances, connectivity, neighbours);
            Join(pixel, neighbours[..count], distances, parents);
        }

        return RegionLabelling.Numbered(parents, minArea);
    }

    /// <summary>Whether a part is one of its own where it meets a part that began before: the neck is less far from the border than the summit by a pixel, and by a tenth.</summary>
    /// <param name="summit">Distance of the part's first pixel from the border.</param>
    /// <param name="neck">That of the pixel at which the parts meet.</param>
    internal static bool Rises(int summit, int neck) => summit - neck >= Beside && 10L * neck <= 9L * summit;

    private static void Join(int pixel, ReadOnlySpan<int> neighbours, int[] distances, int[] parents)
    {
        if (neighbours.IsEmpty)
        {
            parents[pixel] = pixel;
            return;
        }

        (int nearest, int highest) = (neighbours[0], RegionLabelling.Root(parents, neighbours[0]));
        foreach (int neighbour in neighbours[1..])
        {
            nearest = IsBefore(neighbour, nearest, distances) ? neighbour : nearest;
            int root = RegionLabelling.Root(parents, neighbour);
            highest = IsBefore(root, highest, distances) ? root : highest;
        }

        parents[pixel] = nearest;
        foreach (int neighbour in neighbours)
        {
            int root = RegionLabelling.Root(parents, neighbour);
            parents[root] = root == highest || Rises(distances[root], distances[pixel]) ? root : highest;
        }
    }

    /// <summary>The neighbours of the class that come before a pixel.</summary>
    private static int ComeBefore(int pixel, int width, int[] distances, PixelConnectivity connectivity, Span<int> neighbours)
    {
        int count = 0, x = pixel % width, y = pixel / width, height = distances.Length / width;
        for (int dy = y == 0 ? 0 : -1; dy <= (y == height - 1 ? 0 : 1); dy++)
        {
            for (int dx = x == 0 ? 0 : -1; dx <= (x == width - 1 ? 0 : 1); dx++)
            {
                int other = pixel + dy * width + dx;
                if ((connectivity == PixelConnectivity.Eight || dx == 0 || dy == 0) && distances[other] > 0 && IsBefore(other, pixel, distances))
                {
                    neighbours[count++] = other;
                }
            }
        }

        return count;
    }

    private static bool IsBefore(int pixel, int other, int[] distances) =>
        distances[pixel] > distances[other] || (distances[pixel] == distances[other] && pixel < other);

    /// <summary>For each pixel of the class how far the nearest one of another class is, in two passes; 0 for others. What is outside of the picture is of no class.</summary>
    private static int[] Distances(SegmentationMask mask, byte label)
    {
        (int width, int height) = (mask.Width, mask.Height);
        int none = Across * (width + height);
        int[] distances = [.. mask.Labels.Select(l => l == label ? none : 0)];
        for (int i = 0; i < distances.Length; i++)
        {
            Lower(i, -1, -width);
        }

        for (int i = distances.Length - 1; i >= 0; i--)
        {
            Lower(i, 1, width);
        }

        return distances;

        // By the neighbours of the row before, in the pass's direction, and the pixel before.
        void Lower(int pixel, int step, int row)
        {
            if (distances[pixel] == 0)
            {
                return;
            }

            int x = pixel % width;
            bool hasRow = pixel + row >= 0 && pixel + row < distances.Length;
            bool hasBefore = step < 0 ? x > 0 : x < width - 1, hasAfter = step < 0 ? x < width - 1 : x > 0;
            int lowest = distances[pixel];
            lowest = hasBefore ? Math.Min(lowest, distances[pixel + step] + Beside) : lowest;
            lowest = hasRow ? Math.Min(lowest, distances[pixel + row] + Beside) : lowest;
            lowest = hasRow && hasBefore ? Math.Min(lowest, distances[pixel + row + step] + Across) : lowest;
            distances[pixel] = hasRow && hasAfter ? Math.Min(lowest, distances[pixel + row - step] + Across) : lowest;
        }
    }

    /// <summary>The pixels of the class in their order, sorted by counting.</summary>
    private static int[] FarthestFirst(int[] distances)
    {
        // How many pixels come before those of each distance.
        int highest = distances.Max();
        int[] places = new int[highest + 1];
        foreach (int distance in distances)
        {
            places[distance]++;
        }

        int pixels = 0, inClass = distances.Length - places[0];
        for (int distance = highest; distance >= 0; distance--)
        {
            (places[distance], pixels) = (pixels, pixels + places[distance]);
        }

        int[] order = new int[distances.Length];
        for (int i = 0; i < distances.Length; i++)
        {
            order[places[distances[i]]++] = i;
        }

        return order[..inClass];
    }
}
