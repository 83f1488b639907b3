using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>All mappings of a layer that the wiring of an accelerator allows, whether or not their tiles fit into its memories.</summary>
internal sealed class MapSpace
{
    private readonly Accelerator _accelerator;
    private readonly FlatNest _empty;
    private readonly (Dimension Dimension, int[] Places, int[][] Splits)[] _free;
    private readonly (int Start, int End)[] _groups;

    /// <exception cref="ArgumentException">No mapping is possible; the message says what stands in the way.</exception>
    public MapSpace(Workload workload, Accelerator accelerator)
    {
        _accelerator = accelerator;
        _empty = new FlatNest([.. accelerator.Levels.Select(level => (level.Spatial, level.Temporal.SelectMany(group => group).ToImmutableArray()))]);
        _groups = [.. Groups()];
        IsFixed = new bool[_empty.Bounds.Length];
        for (int level = 0; level < accelerator.Levels.Length; level++)
        {
            if (accelerator.Levels[level].FillsFanOut)
            {
                int place = _empty.SpatialEnd[level] - 1;
                IsFixed[place] = true;
                _empty.Bounds[place] = Factors.LargestDivisor(Rest(workload, _empty.Dimensions[place]), accelerator.Levels[level].FanOut);
            }
        }

        _free = [.. Enum.GetValues<Dimension>().Select(dimension => Free(workload, dimension)).Where(free => free.Places.Length > 0)];
    }

    /// <summary>Places of the nest whose bound is given.</summary>
    public bool[] IsFixed { get; }

    /// <summary>Ranges of places whose loops may be in any order.</summary>
    public IReadOnlyList<(int Start, int End)> OrderGroups => _groups;

    /// <summary>An upper bound of the number of mappings: fan-outs are not looked at.</summary>
    public double Size => _free.Aggregate(1.0, (product, free) => product * free.Splits.Length)
        * _groups.Aggregate(1.0, (product, group) => product * Enumerable.Range(1, group.End - group.Start).Aggregate(1.0, (a, b) => a * b));

    /// <summary>The mapping with the smallest tiles: each dimension runs as far outside as it may. If it does not fit, none does.</summary>
    /// <exception cref="ArgumentException">It needs more instances than there are.</exception>
    public FlatNest Smallest(Workload workload)
    {
        FlatNest nest = _empty.Copy();
        foreach ((_, int[] places, int[][] splits) in _free)
        {
            int outermost = places.LastOrDefault(place => !IsSpatial(place), places[^1]);
            nest.Bounds[outermost] = splits[0][^1];
        }

        for (int level = 0; level < _accelerator.Levels.Length; level++)
        {
            if (nest.Instances(level) > _accelerator.Levels[level].FanOut)
            {
                throw new ArgumentException(
                    $"Layer '{workload.Name}' has no mapping on {_accelerator.Name}: {_accelerator.Levels[level].Name} fans out to {_accelerator.Levels[level].FanOut}, "
                    + $"and the layer needs {nest.Instances(level)} there, {nest.Instances(level) - _accelerator.Levels[level].FanOut} more.");
            }
        }

        return nest;
    }

    /// <summary>Visits every mapping whose spatial loops fit, always in the same order. What is visited is one nest that changes.</summary>
    public void ForEach(Action<FlatNest> visit)
    {
        FlatNest nest = _empty.Copy();
        Split(0);

        void Split(int index)
        {
            if (index == _free.Length)
            {
                ForEachOrder(nest, visit);
                return;
            }

            (_, int[] places, int[][] splits) = _free[index];
            foreach (int[] split in splits)
            {
                for (int i = 0; i < places.Length; i++)
                {
                    nest.Bounds[places[i]] = split[i];
                }

                if (HasInstances(nest))
                {
                    Split(index + 1);
                }
            }

            foreach (int place in places)
            {
                nest.Bounds[place] = 1;
            }
        }
    }

    /// <summary>Visits a nest in every order that its loops may be in, and leaves it as it was.</summary>
    public void ForEachOrder(FlatNest nest, Action<FlatNest> visit)
    {
        Group(0);

        void Group(int index)
        {
            if (index == _groups.Length)
            {
                visit(nest);
                return;
            }

            (int start, int end) = _groups[index];
            int[] running = [.. Enumerable.Range(start, end - start).Where(place => nest.Bounds[place] > 1)];
            Permute(0);

            void Permute(int fixedLoops)
            {
                if (fixedLoops >= running.Length - 1)
                {
                    Group(index + 1);
                    return;
                }

                for (int i = fixedLoops; i < running.Length; i++)
                {
                    nest.Swap(running[fixedLoops], running[i]);
                    Permute(fixedLoops + 1);
                    nest.Swap(running[fixedLoops], running[i]);
                }
            }
        }
    }

    /// <summary>How many orders <see cref="ForEachOrder"/> visits.</summary>
    public long Orders(FlatNest nest)
    {
        long orders = 1;
        foreach ((int start, int end) in _groups)
        {
            int running = 0;
            for (int place = start; place < end; place++)
            {
                running += nest.Bounds[place] > 1 ? 1 : 0;
            }

            for (int i = 2; i <= running; i++)
            {
                orders *= i;
            }
        }

        return orders;
    }

    /// <summary>Draws how each dimension is split, with loops in their first order.</summary>
    public void Draw(FlatNest nest, ref Graph.RandomStream random)
    {
        nest.CopyFrom(_empty);
        foreach ((_, int[] places, int[][] splits) in _free)
        {
            int[] split = splits[random.NextInt(splits.Length)];
            for (int i = 0; i < places.Length; i++)
            {
                nest.Bounds[places[i]] = split[i];
            }
        }
    }

    /// <summary>Draws an order of the loops.</summary>
    public void Shuffle(FlatNest nest, ref Graph.RandomStream random)
    {
        foreach ((int start, int end) in _groups)
        {
            for (int place = end - 1; place > start; place--)
            {
                nest.Swap(place, start + random.NextInt(place - start + 1));
            }
        }
    }

    /// <summary>A nest to draw into.</summary>
    public FlatNest NewNest() => _empty.Copy();

    /// <summary>Whether every level has the instances that the spatial loops ask for.</summary>
    public bool HasInstances(FlatNest nest)
    {
        for (int level = 0; level < _accelerator.Levels.Length; level++)
        {
            if (nest.Instances(level) > _accelerator.Levels[level].FanOut)
            {
                return false;
            }
        }

        return true;
    }

    private bool IsSpatial(int place)
    {
        int level = 0;
        while (place >= _empty.TemporalEnd[level])
        {
            level++;
        }

        return place < _empty.SpatialEnd[level];
    }

    private IEnumerable<(int Start, int End)> Groups()
    {
        for (int level = 0; level < _accelerator.Levels.Length; level++)
        {
            int start = _empty.SpatialEnd[level];
            foreach (ImmutableArray<Dimension> group in _accelerator.Levels[level].Temporal)
            {
                if (group.Length > 1)
                {
                    yield return (start, start + group.Length);
                }

                start += group.Length;
            }
        }
    }

    private int Rest(Workload workload, Dimension dimension)
    {
        int rest = workload[dimension];
        for (int place = 0; place < IsFixed.Length; place++)
        {
            rest /= IsFixed[place] && _empty.Dimensions[place] == dimension ? _empty.Bounds[place] : 1;
        }

        return rest;
    }

    private (Dimension Dimension, int[] Places, int[][] Splits) Free(Workload workload, Dimension dimension)
    {
        int[] places = [.. Enumerable.Range(0, IsFixed.Length).Where(place => !IsFixed[place] && _empty.Dimensions[place] == dimension)];
        int rest = Rest(workload, dimension);
        if (places.Length == 0 && rest > 1)
        {
            throw new ArgumentException(
                $"Layer '{workload.Name}' has no mapping on {_accelerator.Name}: {dimension} is {workload[dimension]}, and no level takes a loop over {dimension}.");
        }

        return (dimension, places, places.Length == 0 ? [] : Factors.Splits(rest, places.Length));
    }
}
