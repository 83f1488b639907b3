namespace Microsoft.ML.Binary;

/// <summary>
/// The exact Euclidean distance transform with the nearest object pixel itself, in time linear in the pixels
/// (Meijster, Roerdink and Hesselink, A general algorithm for computing distance transforms in linear time, 2000).
/// </summary>
/// <remarks>
/// Of several nearest object pixels the one of the smallest column is taken, then of the smallest row. It matters: the
/// weighted F-measure reads a value there, and this is how SciPy's distance_transform_edt, which published figures rest on,
/// decides.
/// </remarks>
internal sealed class NearestObjectPixel
{
    private const int None = -1;

    private int[] _nearestRow = [];
    private int[] _sites = [];
    private int[] _starts = [];

    /// <summary>Finds for each pixel the nearest pixel that is object.</summary>
    /// <param name="mask">Gray mask, row-major, with at least one pixel above <see cref="SaliencyCounts.ObjectAbove"/>.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="nearest">Result: the index of the nearest object pixel, per pixel.</param>
    public void Find(ReadOnlySpan<byte> mask, int width, int height, Span<int> nearest)
    {
        if (_nearestRow.Length < width * height)
        {
            _nearestRow = new int[width * height];
        }

        if (_sites.Length < width)
        {
            _sites = new int[width];
            _starts = new int[width];
        }

        FindInColumns(mask, width, height, _nearestRow);
        for (int y = 0; y < height; y++)
        {
            FindInRow(_nearestRow.AsSpan(y * width, width), y, nearest.Slice(y * width, width));
        }
    }

    /// <summary>Row of the nearest object pixel in the same column, the upper one of two; -1 if the column has none.</summary>
    private static void FindInColumns(ReadOnlySpan<byte> mask, int width, int height, int[] nearestRow)
    {
        for (int i = 0; i < mask.Length; i++)
        {
            nearestRow[i] = mask[i] > SaliencyCounts.ObjectAbove ? i / width : i < width ? None : nearestRow[i - width];
        }

        for (int y = height - 2; y >= 0; y--)
        {
            Span<int> here = nearestRow.AsSpan(y * width, width);
            ReadOnlySpan<int> under = nearestRow.AsSpan((y + 1) * width, width);
            for (int x = 0; x < width; x++)
            {
                int below = under[x];
                if (below > y && (here[x] == None || below - y < y - here[x]))
                {
                    here[x] = below;
                }
            }
        }
    }

    /// <summary>
    /// Each column's nearest pixel lies on a parabola over this row; their lower envelope, from left to right, is a stack
    /// of sites, each with the first column where it is the nearest.
    /// </summary>
    private void FindInRow(ReadOnlySpan<int> nearestRow, int y, Span<int> nearest)
    {
        int top = -1;
        for (int u = 0; u < nearestRow.Length; u++)
        {
            if (nearestRow[u] == None)
            {
                continue;
            }

            while (top >= 0 && SquaredDistance(_starts[top], _sites[top], nearestRow, y) > SquaredDistance(_starts[top], u, nearestRow, y))
            {
                top--;
            }

            int start = top < 0 ? 0 : LastNearerToLeft(_sites[top], u, nearestRow, y, nearestRow.Length) + 1;
            if (start < nearestRow.Length)
            {
                top++;
                _sites[top] = u;
                _starts[top] = start;
            }
        }

        for (int x = nearestRow.Length - 1; x >= 0; x--)
        {
            int site = _sites[top];
            nearest[x] = nearestRow[site] * nearestRow.Length + site;
            if (x == _starts[top])
            {
                top--;
            }
        }
    }

    private static long SquaredDistance(int x, int site, ReadOnlySpan<int> nearestRow, int y)
    {
        long dx = x - site;
        long dy = y - nearestRow[site];
        return dx * dx + dy * dy;
    }

    /// <summary>The last column at least as near to the left site as to the right one, at most <paramref name="limit"/>.</summary>
    private static int LastNearerToLeft(int left, int right, ReadOnlySpan<int> nearestRow, int y, int limit)
    {
        long numerator = SquaredDistance(0, right, nearestRow, y) - SquaredDistance(0, left, nearestRow, y);
        return (int)Math.Min(numerator / (2L * (right - left)), limit);
    }
}
