namespace Microsoft.ML.Binary;

/// <summary>
/// Pairs the edge pixels of two maps so that as many as possible have a partner within a distance, by augmenting paths
/// (Hopcroft and Karp, An n^5/2 algorithm for maximum matchings in bipartite graphs, SIAM Journal on Computing 1973).
/// </summary>
/// <remarks>
/// Several matchings may have that many pairs. Which one is found decides whether a pixel has a partner with any of several annotators, so the order
/// is part of the definition: pixels row by row, each trying its candidates from the nearest on, of equal distance row by row.
/// </remarks>
internal sealed class EdgeMatching
{
    private const int None = -1;

    private readonly int _width;
    private readonly int _height;
    private readonly (int X, int Y)[] _offsets;

    /// <summary>Prepares matchings of maps of one size.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="maxDistance">Largest distance of partners, in pixels.</param>
    public EdgeMatching(int width, int height, double maxDistance)
    {
        (_width, _height) = (width, height);
        int reach = (int)maxDistance;
        _offsets =
        [
            .. from y in Enumerable.Range(-reach, (2 * reach) + 1)
               from x in Enumerable.Range(-reach, (2 * reach) + 1)
               where (x * x) + (y * y) <= maxDistance * maxDistance
               orderby (x * x) + (y * y), y, x
               select (x, y),
        ];
    }

    /// <summary>Matches two maps.</summary>
    /// <param name="left">Edge pixels of one map, row-major indices in rising order.</param>
    /// <param name="right">Those of the other.</param>
    /// <param name="matched">Set to true for each element of <paramref name="left"/> with a partner; the others stay as they are.</param>
    /// <returns>Number of pairs.</returns>
    public int Match(ReadOnlySpan<int> left, ReadOnlySpan<int> right, Span<bool> matched)
    {
        int[] rightAt = new int[_width * _height];
        Array.Fill(rightAt, None);
        for (int i = 0; i < right.Length; i++)
        {
            rightAt[right[i]] = i;
        }

        int[][] candidates = new int[left.Length][];
        List<int> found = [];
        for (int i = 0; i < left.Length; i++)
        {
            found.Clear();
            (int y, int x) = Math.DivRem(left[i], _width);
            foreach ((int dx, int dy) in _offsets)
            {
                if ((uint)(x + dx) < (uint)_width && (uint)(y + dy) < (uint)_height && rightAt[left[i] + (dy * _width) + dx] is int j and >= 0)
                {
                    found.Add(j);
                }
            }

            candidates[i] = [.. found];
        }

        int[] ofLeft = new int[left.Length];
        int[] ofRight = new int[right.Length];
        Array.Fill(ofLeft, None);
        Array.Fill(ofRight, None);
        while (Layers(candidates, ofLeft, ofRight) is int[] layers && Augment(candidates, layers, ofLeft, ofRight))
        {
        }

        int pairs = 0;
        for (int i = 0; i < ofLeft.Length; i++)
        {
            if (ofLeft[i] != None)
            {
                matched[i] = true;
                pairs++;
            }
        }

        return pairs;
    }

    /// <summary>Length of the shortest alternating path from a free pixel to each pixel; null if no path ends at a free partner.</summary>
    private static int[]? Layers(int[][] candidates, int[] ofLeft, int[] ofRight)
    {
        int[] layers = new int[ofLeft.Length];
        Queue<int> queue = new();
        for (int i = 0; i < ofLeft.Length; i++)
        {
            layers[i] = ofLeft[i] == None ? 0 : int.MaxValue;
            if (ofLeft[i] == None)
            {
                queue.Enqueue(i);
            }
        }

        bool free = false;
        while (queue.TryDequeue(out int i))
        {
            foreach (int j in candidates[i])
            {
                if (ofRight[j] == None)
                {
                    free = true;
                }
                else if (layers[ofRight[j]] == int.MaxValue)
                {
                    layers[ofRight[j]] = layers[i] + 1;
                    queue.Enqueue(ofRight[j]);
                }
            }
        }

        return free ? layers : null;
    }

    /// <summary>Turns a set of paths that share no pixel; a stack instead of recursion, for paths may be as long as the edges.</summary>
    private static bool Augment(int[][] candidates, int[] layers, int[] ofLeft, int[] ofRight)
    {
        bool any = false;
        int[] next = new int[ofLeft.Length];
        Stack<int> path = new();
        for (int start = 0; start < ofLeft.Length; start++)
        {
            if (ofLeft[start] != None || layers[start] != 0)
            {
                continue;
            }

            path.Clear();
            path.Push(start);
            while (path.TryPeek(out int i))
            {
                if (next[i] == candidates[i].Length)
                {
                    layers[i] = int.MaxValue;
                    path.Pop();
                    if (path.TryPeek(out int before))
                    {
                        next[before]++;
                    }

                    continue;
                }

                int j = candidates[i][next[i]];
                if (ofRight[j] == None)
                {
                    foreach (int k in path)
                    {
                        int partner = candidates[k][next[k]];
                        (ofLeft[k], ofRight[partner]) = (partner, k);
                        layers[k] = int.MaxValue;
                    }

                    any = true;
                    break;
                }

                if (layers[ofRight[j]] == layers[i] + 1)
                {
                    path.Push(ofRight[j]);
                }
                else
                {
                    next[i]++;
                }
            }
        }

        return any;
    }
}
