namespace Microsoft.ML.Binary.Mapping;

/// <summary>
/// How much of the input map is new each time the loops around a tile take a step, in sum over all of them. Windows overlap, and what the
/// step before left behind is not loaded again; so it matters which step comes after which. The rule is Timeloop's, with its
/// extrapolation: of each loop only the first and the second iteration are looked at, the second standing for all later ones.
/// </summary>
internal sealed class WindowWalk
{
    private Step[] _leaves = new Step[64];
    private long[] _weights = new long[64];

    /// <summary>Where a tile begins, or by how much it moves: images, channels, columns and rows.</summary>
    public readonly record struct Step(long N, long C, long X, long Y)
    {
        public static Step operator +(Step a, Step b) => new(a.N + b.N, a.C + b.C, a.X + b.X, a.Y + b.Y);

        public static Step operator -(Step a, Step b) => new(a.N - b.N, a.C - b.C, a.X - b.X, a.Y - b.Y);
    }

    /// <summary>The sum.</summary>
    /// <param name="tile">Sides of the tile.</param>
    /// <param name="steps">For each loop around the tile, innermost first, by how much an iteration moves it.</param>
    /// <param name="bounds">How often each runs, at least 2.</param>
    public long NewValues(Step tile, ReadOnlySpan<Step> steps, ReadOnlySpan<int> bounds)
    {
        int leaves = ListLeaves(steps, bounds);
        long all = tile.N * tile.C * tile.X * tile.Y, sum = all;
        Step previous = _leaves[0], translation = default;
        bool hasTranslation = false;
        for (int i = 1; i < leaves; i++)
        {
            Step moved = _leaves[i] - previous;
            if (!hasTranslation || moved == translation)
            {
                sum += _weights[i] * Uncovered(tile, moved, all);
                (translation, hasTranslation) = (moved, true);
            }
            else
            {
                sum += _weights[i] * all;
                hasTranslation = false;
            }

            previous = _leaves[i];
        }

        return sum;
    }

    /// <summary>Where the tile is for each choice of first or second iterations, in the order of the loops, and how many iterations that stands for.</summary>
    private int ListLeaves(ReadOnlySpan<Step> steps, ReadOnlySpan<int> bounds)
    {
        int count = 1 << steps.Length;
        if (_leaves.Length < count)
        {
            (_leaves, _weights) = (new Step[count], new long[count]);
        }

        (_leaves[0], _weights[0]) = (default, 1);
        for (int loop = 0, size = 1; loop < steps.Length; loop++, size *= 2)
        {
            for (int i = 0; i < size; i++)
            {
                _leaves[size + i] = _leaves[i] + steps[loop];
                _weights[size + i] = _weights[i] * (bounds[loop] - 1);
            }
        }

        return count;
    }

    /// <summary>The part of a tile that its place before the move did not cover; a move along more than one axis leaves nothing of use.</summary>
    private static long Uncovered(Step tile, Step moved, long all)
    {
        int axes = (moved.N != 0 ? 1 : 0) + (moved.C != 0 ? 1 : 0) + (moved.X != 0 ? 1 : 0) + (moved.Y != 0 ? 1 : 0);
        if (axes == 0)
        {
            return 0;
        }

        (long side, long distance) = moved.X != 0 ? (tile.X, Math.Abs(moved.X))
            : moved.Y != 0 ? (tile.Y, Math.Abs(moved.Y))
            : moved.C != 0 ? (tile.C, Math.Abs(moved.C))
            : (tile.N, Math.Abs(moved.N));
        return axes > 1 || distance >= side ? all : all / side * distance;
    }
}
