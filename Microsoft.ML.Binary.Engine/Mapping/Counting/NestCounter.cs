using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>
/// Counts what one layer costs on one accelerator, mapping after mapping. The counting rules are those of Timeloop (Parashar et al., ISPASS
/// 2019) with the packing of arXiv 2404.05368. An instance belongs to one thread.
/// </summary>
internal sealed class NestCounter
{
    private readonly Workload _workload;
    private readonly Accelerator _accelerator;
    private readonly NestTiles _tiles;
    private readonly int _levels;
    private readonly bool _skipsFirstFill, _sumsAreWider;
    private readonly double _arithmetic;

    // Of the mapping under way, by level: instances in use, outputs that are finished there; and by level and operand what was counted.
    private readonly long[] _instances, _parts;
    private readonly AccessCount[,] _counts;
    private readonly WindowWalk _walk = new();
    private long _cycles, _lastLevelWords;
    private double _energy;

    /// <exception cref="ArgumentException">The layer is out of range, or a width is more than a word has.</exception>
    public NestCounter(Workload workload, Accelerator accelerator, CountingOptions options)
    {
        (_workload, _accelerator, _levels) = (workload, accelerator, accelerator.Levels.Length);
        _tiles = new NestTiles(workload, accelerator);
        _skipsFirstFill = options.SkipsFirstFill;
        _sumsAreWider = workload.Bits is { } widths && widths.Sums != widths.Outputs;
        _arithmetic = workload.Shape.Macs * (options.ScalesMacEnergy && workload.Bits is { } bits ? AccessEnergy.Mac(bits) : accelerator.MacEnergy);
        (_instances, _parts, _counts) = (new long[_levels], new long[_levels], new AccessCount[_levels, Dimensions.Operands]);
    }

    /// <inheritdoc cref="NestTiles.Fit"/>
    public bool Fits(FlatNest nest, int unlimited = -1) => _tiles.Fit(nest, unlimited);

    /// <inheritdoc cref="NestTiles.Overflow"/>
    public string Overflow() => _tiles.Overflow();

    /// <summary>The score of the mapping that was last found to fit.</summary>
    /// <param name="nest">The same mapping.</param>
    /// <param name="objective">What to judge it by.</param>
    /// <param name="limit">Where it is certain that the mapping is worse than this, counting ends.</param>
    /// <param name="score">The score.</param>
    /// <returns>Whether the mapping was counted to its end.</returns>
    public bool Score(FlatNest nest, MappingObjective objective, MappingScore limit, out MappingScore score)
    {
        bool isWhole = Count(nest, objective, limit);
        score = new(Value(objective.First), Value(objective.Second), _lastLevelWords);
        return isWhole;
    }

    /// <summary>Everything about the mapping that was last found to fit.</summary>
    public MappingCost Cost(FlatNest nest)
    {
        Count(nest, new(MappingMetric.Edp), MappingScore.Worst);
        ImmutableArray<AccessCount>.Builder accesses = ImmutableArray.CreateBuilder<AccessCount>();
        for (int level = 0; level < _levels; level++)
        {
            for (int operand = 0; operand < Dimensions.Operands; operand++)
            {
                if (_tiles.Keeps(level, (Operand)operand))
                {
                    accesses.Add(_counts[level, operand] with { Tile = _tiles.Words(level, (Operand)operand) });
                }
            }
        }

        return new MappingCost
        {
            Cycles = _cycles,
            Utilization = _instances[0] * nest.Instances(0) / (double)_accelerator.Multipliers,
            MacEnergy = _arithmetic,
            Accesses = accesses.DrainToImmutable(),
            LastLevelAccesses = _lastLevelWords,
        };
    }

    private double Value(MappingMetric metric) => metric switch
    {
        MappingMetric.Edp => _energy * _cycles,
        MappingMetric.Energy => _energy,
        MappingMetric.Delay => _cycles,
        _ => _lastLevelWords,
    };

    /// <summary>Whether what has been counted so far, which can only grow, is beyond the limit.</summary>
    private bool Exceeds(MappingObjective objective, MappingScore limit)
    {
        double first = Value(objective.First);
        return first > limit.First || (first == limit.First && Value(objective.Second) > limit.Second);
    }

    private bool Count(FlatNest nest, MappingObjective objective, MappingScore limit)
    {
        (_cycles, _energy, _lastLevelWords) = (_tiles.Iterations, _arithmetic, 0);
        _instances[_levels - 1] = 1;
        for (int level = _levels - 2; level >= 0; level--)
        {
            _instances[level] = _instances[level + 1] * nest.Instances(level + 1);
        }

        // The walk over windows takes the most time, and is often spared if it comes last.
        bool isWhole = !Exceeds(objective, limit)
            && Count(nest, Operand.Weights, objective, limit) && Count(nest, Operand.Outputs, objective, limit) && Count(nest, Operand.Inputs, objective, limit);
        if (isWhole)
        {
            LimitBandwidth();
        }

        return isWhole;
    }

    private bool Count(FlatNest nest, Operand operand, MappingObjective objective, MappingScore limit)
    {
        if (operand == Operand.Outputs)
        {
            ShareParts(nest);
        }

        // What passes between a level and the one below it.
        long content = _tiles.Iterations;
        for (int level = 0; level < _levels; level++)
        {
            content *= SpatialSharing.DifferentTiles(nest, _workload, operand, level);
            if (!_tiles.Keeps(level, operand))
            {
                continue;
            }

            AcceleratorLevel memory = _accelerator.Levels[level];
            Packing packing = _tiles.PackingOf(level, operand);
            bool isLast = level == _levels - 1;
            long part = operand == Operand.Outputs ? _parts[level] : 0, reads = packing.Words(content), updates = 0;
            if (operand == Operand.Outputs)
            {
                updates = isLast && _sumsAreWider ? packing.Words(content - part) + _tiles.Finished.Words(part) : reads;
                reads = packing.Words(content - part);
            }

            long copies = memory.Clusters ?? _instances[level];
            double energy = copies * (Blocks(reads, memory) * memory.ReadEnergy + Blocks(updates, memory) * memory.WriteEnergy);
            _energy += energy;
            ref AccessCount count = ref _counts[level, (int)operand];
            count = new(level, operand, 0, reads, updates, 0, _instances[level], energy);
            if (isLast)
            {
                _lastLevelWords += reads + updates;
                break;
            }

            if (Exceeds(objective, limit))
            {
                return false;
            }

            content = NewValues(operand, level);
            long fills = packing.Words(_skipsFirstFill ? content - part : content);
            double filling = copies * (Blocks(fills, memory) * memory.WriteEnergy);
            _energy += filling;
            count = count with { Fills = fills, Energy = energy + filling };
        }

        return !Exceeds(objective, limit);
    }

    private static long Blocks(long words, AcceleratorLevel memory) => memory.Block == 1 ? words : (words + memory.Block - 1) / memory.Block;

    /// <summary>How many of the outputs each level finishes.</summary>
    private void ShareParts(FlatNest nest)
    {
        _parts[_levels - 1] = _tiles.Values(_levels - 1, Operand.Outputs);
        for (int level = _levels - 2; level >= 0; level--)
        {
            long own = _tiles.Values(level, Operand.Outputs);
            _parts[level] = _parts[level + 1] * own / (nest.Instances(level + 1) > 1 ? _tiles.Union(level + 1) : own);
        }
    }

    /// <summary>Values that pass into a level's tile while all loops outside of it run.</summary>
    private long NewValues(Operand operand, int level)
    {
        ReadOnlySpan<NestTiles.TimeLoop> loops = _tiles.OuterLoops(level);
        if (operand == Operand.Inputs)
        {
            return _walk.NewValues(_workload, _tiles.Window(level), loops);
        }

        // Tiles of weights and outputs never overlap: they stay while the innermost loops do not move them, and are loaded anew for each
        // iteration of all others. The walk over windows would say the same.
        int first = 0;
        while (first < loops.Length && !loops[first].Dimension.Moves(operand))
        {
            first++;
        }

        long values = _tiles.Values(level, operand);
        for (; first < loops.Length; first++)
        {
            values *= loops[first].Bound;
        }

        return values;
    }

    private void LimitBandwidth()
    {
        for (int level = 0; level < _levels; level++)
        {
            if (_accelerator.Levels[level].Bandwidth is not { } bandwidth)
            {
                continue;
            }

            long reads = 0, writes = 0;
            for (int operand = 0; operand < Dimensions.Operands; operand++)
            {
                if (_tiles.Keeps(level, (Operand)operand))
                {
                    reads += _counts[level, operand].Reads;
                    writes += _counts[level, operand].Updates + _counts[level, operand].Fills;
                }
            }

            _cycles = Math.Max(_cycles, (Math.Max(reads, writes) + bandwidth - 1) / bandwidth);
        }
    }
}
