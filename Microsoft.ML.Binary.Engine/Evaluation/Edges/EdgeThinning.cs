namespace Microsoft.ML.Binary;

/// <summary>
/// Thins a map of edges to lines one pixel wide, as MATLAB's <c>bwmorph(map, 'thin', Inf)</c> does: two half-steps in turns until nothing changes,
/// each deleting all its pixels at once (Guo and Hall, Parallel thinning with two-subiteration algorithms, Communications of the ACM 1989).
/// </summary>
internal static class EdgeThinning
{
    // For every pattern of the eight neighbours (bit i is x[i + 1] of the paper: east, then counter-clockwise), whether the first (bit 0) and the
    // second half-step (bit 1) delete the pixel.
    private static readonly byte[] _deletes = Table();

    /// <summary>Thins in place.</summary>
    /// <param name="map">Row-major, true on edges.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    public static void Thin(Span<bool> map, int width, int height)
    {
        // A border of one pixel that is never an edge spares every neighbour's check.
        int stride = width + 2;
        byte[] padded = new byte[stride * (height + 2)];
        List<int> edges = [];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                if (map[(y * width) + x])
                {
                    int at = ((y + 1) * stride) + x + 1;
                    padded[at] = 1;
                    edges.Add(at);
                }
            }
        }

        List<int> deleted = [];
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int half = 0; half < 2; half++)
            {
                deleted.Clear();
                foreach (int at in edges)
                {
                    if ((_deletes[Neighbours(padded, at, stride)] >> half & 1) != 0)
                    {
                        deleted.Add(at);
                    }
                }

                foreach (int at in deleted)
                {
                    padded[at] = 0;
                }

                changed |= deleted.Count > 0;
                edges.RemoveAll(at => padded[at] == 0);
            }
        }

        map.Clear();
        foreach (int at in edges)
        {
            map[(((at / stride) - 1) * width) + (at % stride) - 1] = true;
        }
    }

    private static int Neighbours(byte[] padded, int at, int stride) =>
        padded[at + 1]
        | padded[at - stride + 1] << 1
        | padded[at - stride] << 2
        | padded[at - stride - 1] << 3
        | padded[at - 1] << 4
        | padded[at + stride - 1] << 5
        | padded[at + stride] << 6
        | padded[at + stride + 1] << 7;

    private static byte[] Table()
    {
        byte[] table = new byte[256];
        for (int pattern = 0; pattern < table.Length; pattern++)
        {
            int x(int i) => pattern >> ((i - 1) % 8) & 1;
            int crossings = 0, odd = 0, even = 0;
            for (int i = 1; i <= 4; i++)
            {
                int pair = x(2 * i) | x((2 * i) + 1);
                crossings += x((2 * i) - 1) == 0 && pair != 0 ? 1 : 0;
                odd += x((2 * i) - 1) | x(2 * i);
                even += pair;
            }

            if (crossings == 1 && Math.Min(odd, even) is 2 or 3)
            {
                bool first = ((x(2) | x(3) | (1 - x(8))) & x(1)) == 0;
                bool second = ((x(6) | x(7) | (1 - x(4))) & x(5)) == 0;
                table[pattern] = (byte)((first ? 1 : 0) | (second ? 2 : 0));
            }
        }

        return table;
    }
}
