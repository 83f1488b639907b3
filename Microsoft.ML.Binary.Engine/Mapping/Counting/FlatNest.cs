using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>
/// A mapping as the counter reads it: all loops in one array, from the innermost out; of each level first the spatial ones, then the
/// temporal ones. Loops that run once may occur.
/// </summary>
internal sealed class FlatNest
{
    private FlatNest(Dimension[] dimensions, int[] bounds, int[] spatialEnd, int[] temporalEnd) =>
        (Dimensions, Bounds, SpatialEnd, TemporalEnd) = (dimensions, bounds, spatialEnd, temporalEnd);

    /// <summary>Loops that all run once.</summary>
    /// <param name="levels">Dimensions of each level's spatial and temporal loops.</param>
    public FlatNest(IReadOnlyList<(ImmutableArray<Dimension> Spatial, ImmutableArray<Dimension> Temporal)> levels)
    {
        Dimensions = [.. levels.SelectMany(level => level.Spatial.Concat(level.Temporal))];
        Bounds = [.. Dimensions.Select(_ => 1)];
        (SpatialEnd, TemporalEnd) = (new int[levels.Count], new int[levels.Count]);
        for (int i = 0, end = 0; i < levels.Count; i++)
        {
            SpatialEnd[i] = end += levels[i].Spatial.Length;
            TemporalEnd[i] = end += levels[i].Temporal.Length;
        }
    }

    public Dimension[] Dimensions { get; }

    public int[] Bounds { get; }

    /// <summary>Of each level, the end of its spatial loops, where its temporal ones begin.</summary>
    public int[] SpatialEnd { get; }

    /// <summary>Of each level, the end of its temporal loops, where the next level begins.</summary>
    public int[] TemporalEnd { get; }

    public static FlatNest Of(LoopNest nest)
    {
        FlatNest flat = new([.. nest.Levels.Select(level => (
            level.Spatial.Select(loop => loop.Dimension).ToImmutableArray(), level.Temporal.Select(loop => loop.Dimension).ToImmutableArray()))]);
        int at = 0;
        foreach (Loop loop in nest.Levels.SelectMany(level => level.Spatial.Concat(level.Temporal)))
        {
            flat.Bounds[at++] = loop.Bound;
        }

        return flat;
    }

    /// <summary>Instances of what lies below a level that its spatial loops need.</summary>
    public long Instances(int level)
    {
        long product = 1;
        for (int place = level == 0 ? 0 : TemporalEnd[level - 1]; place < SpatialEnd[level]; place++)
        {
            product *= Bounds[place];
        }

        return product;
    }

    public FlatNest Copy() => new([.. Dimensions], [.. Bounds], SpatialEnd, TemporalEnd);

    public void CopyFrom(FlatNest other)
    {
        other.Dimensions.CopyTo(Dimensions, 0);
        other.Bounds.CopyTo(Bounds, 0);
    }

    public void Swap(int a, int b)
    {
        (Dimensions[a], Dimensions[b]) = (Dimensions[b], Dimensions[a]);
        (Bounds[a], Bounds[b]) = (Bounds[b], Bounds[a]);
    }

    public LoopNest ToNest()
    {
        return new LoopNest([.. SpatialEnd.Select((spatialEnd, i) =>
            new LevelLoops(Loops(i == 0 ? 0 : TemporalEnd[i - 1], spatialEnd), Loops(spatialEnd, TemporalEnd[i])))]);

        ImmutableArray<Loop> Loops(int start, int end) =>
            [.. Enumerable.Range(start, end - start).Select(j => new Loop(Dimensions[j], Bounds[j]))];
    }
}
