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

    /// <summary>By how much an iteration of a loop moves a tile.</summary>
    /// <param name="workload">The layer.</param>
    /// <param name="dimension">What the loop runs over.</param>
    /// <param name="distance">How far along it.</param>
    public static Step Move(Workload workload, Dimension dimension, long distance) => dimension switch
    {
        Dimension.N => new(distance, 0, 0, 0),
        Dimension.C => new(0, distance, 0, 0),
        Dimension.P => new(0, 0, distance * workload.StrideX, 0),
        Dimension.R => new(0, 0, distance * workload.DilationX, 0),
        Dimension.Q => new(0, 0, 0, distance * workload.StrideY),
        Dimension.S => new(0, 0, 0, distance * workload.DilationY),
        _ => default,
    };

    /// <summary>The sum.</summary>
    /// <param name="workload">The layer.</param>
    /// <param name="tile">Sides of the tile.</param>
    /// <param name="loops">The loops around it, innermost first.</param>
    public long NewValues(Workload workload, Step tile, ReadOnlySpan<NestTiles.TimeLoop> loops)
    {
        int leaves = ListLeaves(workload, loops);
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
    private int ListLeaves(Workload workload, ReadOnlySpan<NestTiles.TimeLoop> loops)
    {
        int count = 1 << loops.Length;
        if (_leaves.Length < count)
        {
            (_leaves, _weights) = (new Step[count], new long[count]);
        }

        (_leaves[0], _weights[0]) = (default, 1);
        int size = 1;
        foreach ((Dimension dimension, int bound, long distance) in loops)
        {
            Step step = Move(workload, dimension, distance);
            for (int i = 0; i < size; i++)
            {
                _leaves[size + i] = _leaves[i] + step;
                _weights[size + i] = _weights[i] * (bound - 1);
            }

            size *= 2;
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
