using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>
/// Counts what one layer costs on one accelerator, mapping after mapping. The counting rules are those of Timeloop (Parashar et al., ISPASS
/// 2019) with the packing of arXiv 2404.05368. An instance belongs to one thread.
/// </summary>
internal sealed class NestCounter
{
    private const int Operands = Dimensions.Operands;

    private readonly Workload _workload;
    private readonly Accelerator _accelerator;
    private readonly int _levels;
    private readonly bool _skipsFirstFill;
    private readonly double _macEnergy;
    private readonly bool[,] _keeps;
    private readonly Packing[,] _packing;
    private readonly Packing _finished;
    private readonly bool _sumsAreWider;
    private readonly long[] _capacity;

    // Of the mapping under way: [level, operand] tiles in values; loops over time with the distance between iterations; and what was counted.
    private readonly long[,] _tiles;
    private readonly long[] _unions, _instances, _parts;
    private readonly long[,] _reads, _updates, _fills;
    private readonly double[,] _energies;
    private readonly int[] _firstOuterLoop;
    private readonly WindowWalk.Step[] _windows;
    private readonly WindowWalk _walk = new();
    private (Dimension Dimension, int Bound, long Distance)[] _loops = new (Dimension, int, long)[16];
    private WindowWalk.Step[] _steps = new WindowWalk.Step[16];
    private int[] _stepBounds = new int[16];
    private int _loopCount;
    private long _stepsOfLoops, _cycles, _lastLevelWords;
    private double _energy;

    /// <exception cref="ArgumentException">The layer is out of range, or a width is more than a word has.</exception>
    public NestCounter(Workload workload, Accelerator accelerator, CountingOptions options)
    {
        workload.Validate();
        (_workload, _accelerator, _levels) = (workload, accelerator, accelerator.Levels.Length);
        _skipsFirstFill = options.SkipsFirstFill;
        _macEnergy = options.ScalesMacEnergy && workload.Bits is { } bits ? AccessEnergy.Mac(bits) : accelerator.MacEnergy;
        _sumsAreWider = workload.Bits is { } widths && widths.Sums != widths.Outputs;
        (_keeps, _packing, _capacity) = (new bool[_levels, Operands], new Packing[_levels, Operands], new long[_levels]);
        (_tiles, _unions, _instances, _parts) = (new long[_levels, Operands], new long[_levels], new long[_levels], new long[_levels]);
        (_reads, _updates, _fills, _energies) = (new long[_levels, Operands], new long[_levels, Operands], new long[_levels, Operands], new double[_levels, Operands]);
        (_firstOuterLoop, _windows) = (new int[_levels], new WindowWalk.Step[_levels]);
        for (int level = 0; level < _levels; level++)
        {
            _capacity[level] = accelerator.Levels[level].Words ?? long.MaxValue;
            foreach (Operand operand in accelerator.Levels[level].Keeps)
            {
                _keeps[level, (int)operand] = true;
                _packing[level, (int)operand] = Pack(accelerator.Levels[level], operand);
            }
        }

        _finished = workload.Bits is { } b ? Packing.Of(b.Outputs, accelerator.Levels[^1].WordBits) : Packing.OneAWord;
    }

    /// <summary>Takes a mapping and measures its tiles.</summary>
    /// <param name="nest">The mapping.</param>
    /// <param name="unchecked">A level whose capacity does not matter; -1 for none.</param>
    /// <returns>Whether they fit.</returns>
    public bool Fits(FlatNest nest, int @unchecked = -1)
    {
        Span<long> sides = stackalloc long[Dimensions.Count];
        sides.Fill(1);
        (_loopCount, _stepsOfLoops) = (0, 1);
        int at = 0;
        for (int level = 0; level < _levels; level++)
        {
            for (; at < nest.SpatialEnd[level]; at++)
            {
                sides[(int)nest.Dimensions[at]] *= nest.Bounds[at];
            }

            _unions[level] = Values(Operand.Outputs, sides);
            for (; at < nest.TemporalEnd[level]; at++)
            {
                AddLoop(nest.Dimensions[at], nest.Bounds[at], sides);
            }

            _firstOuterLoop[level] = _loopCount;
            _windows[level] = Window(sides);
            long words = 0;
            for (int operand = 0; operand < Operands; operand++)
            {
                _tiles[level, operand] = Values((Operand)operand, sides);
                words += _keeps[level, operand] ? _packing[level, operand].Words(_tiles[level, operand]) : 0;
            }

            if (words > _capacity[level] && level != @unchecked)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The score of the mapping that was measured last.</summary>
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

    /// <summary>Everything about a mapping.</summary>
    /// <exception cref="ArgumentException">The mapping is not one of the layer, or does not fit the accelerator.</exception>
    public MappingCost Cost(LoopNest loops)
    {
        Check(loops);
        FlatNest nest = FlatNest.Of(loops);
        if (!Fits(nest))
        {
            throw new ArgumentException($"Layer '{_workload.Name}': the mapping does not fit: {Overflow()}.", nameof(loops));
        }

        Count(nest, new(MappingMetric.Edp), MappingScore.Worst);
        long multipliers = _instances[0] * Product(nest, 0, nest.SpatialEnd[0]);
        ImmutableArray<AccessCount>.Builder accesses = ImmutableArray.CreateBuilder<AccessCount>();
        for (int level = 0; level < _levels; level++)
        {
            for (int operand = 0; operand < Operands; operand++)
            {
                if (_keeps[level, operand])
                {
                    accesses.Add(new(
                        level, (Operand)operand, TileWords(level, operand), _reads[level, operand], _updates[level, operand], _fills[level, operand],
                        _instances[level], _energies[level, operand]));
                }
            }
        }

        return new MappingCost
        {
            Cycles = _cycles,
            Utilization = multipliers / (double)_accelerator.Multipliers,
            MacEnergy = _macEnergy * Macs,
            Accesses = accesses.DrainToImmutable(),
            LastLevelAccesses = _lastLevelWords,
        };
    }

    /// <summary>Which level the mapping measured last does not fit into, and by how much.</summary>
    public string Overflow()
    {
        for (int level = 0; level < _levels; level++)
        {
            long words = Enumerable.Range(0, Operands).Sum(operand => _keeps[level, operand] ? TileWords(level, operand) : 0);
            if (words > _capacity[level])
            {
                string tensors = string.Join(" and ", _accelerator.Levels[level].Keeps.Select(operand => operand.ToString().ToLowerInvariant()));
                return $"{_accelerator.Levels[level].Name} holds {_capacity[level]} words, and its part of the {tensors} takes {words}, {words - _capacity[level]} more";
            }
        }

        throw new InvalidOperationException("The mapping fits.");
    }

    private long Macs => (long)_workload.C * _workload.M * _workload.R * _workload.S * _workload.N * _workload.P * _workload.Q;

    private long TileWords(int level, int operand) =>
        (level == _levels - 1 && operand == (int)Operand.Outputs ? _finished : _packing[level, operand]).Words(_tiles[level, operand]);

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

    private Packing Pack(AcceleratorLevel level, Operand operand)
    {
        if (_workload.Bits is not { } bits)
        {
            return Packing.OneAWord;
        }

        int width = operand switch { Operand.Weights => bits.Weights, Operand.Inputs => bits.Inputs, _ => bits.Outputs };
        if (width > level.WordBits)
        {
            throw new ArgumentException(
                $"Layer '{_workload.Name}': {operand.ToString().ToLowerInvariant()} of {width} bits do not fit into the {level.WordBits}-bit words of {level.Name}; choose at most {level.WordBits} bits.");
        }

        return Packing.Of(operand == Operand.Outputs ? bits.Sums : width, level.WordBits);
    }

    private void AddLoop(Dimension dimension, int bound, Span<long> sides)
    {
        if (bound == 1)
        {
            return;
        }

        if (_loopCount == _loops.Length)
        {
            Array.Resize(ref _loops, 2 * _loopCount);
            (_steps, _stepBounds) = (new WindowWalk.Step[2 * _loopCount], new int[2 * _loopCount]);
        }

        _loops[_loopCount++] = (dimension, bound, sides[(int)dimension]);
        sides[(int)dimension] *= bound;
        _stepsOfLoops *= bound;
    }

    private WindowWalk.Step Window(ReadOnlySpan<long> sides) => new(
        sides[(int)Dimension.N],
        sides[(int)Dimension.C],
        (sides[(int)Dimension.R] - 1) * _workload.DilationX + (sides[(int)Dimension.P] - 1) * _workload.StrideX + 1,
        (sides[(int)Dimension.S] - 1) * _workload.DilationY + (sides[(int)Dimension.Q] - 1) * _workload.StrideY + 1);

    private long Values(Operand operand, ReadOnlySpan<long> sides)
    {
        switch (operand)
        {
            case Operand.Weights:
                return sides[(int)Dimension.C] * sides[(int)Dimension.M] * sides[(int)Dimension.R] * sides[(int)Dimension.S];
            case Operand.Outputs:
                return sides[(int)Dimension.N] * sides[(int)Dimension.M] * sides[(int)Dimension.Q] * sides[(int)Dimension.P];
            default:
                WindowWalk.Step window = Window(sides);
                return window.N * window.C * window.X * window.Y;
        }
    }

    private bool Count(FlatNest nest, MappingObjective objective, MappingScore limit)
    {
        (_cycles, _energy, _lastLevelWords) = (_stepsOfLoops, _macEnergy * Macs, 0);
        _instances[_levels - 1] = 1;
        for (int level = _levels - 2; level >= 0; level--)
        {
            _instances[level] = _instances[level + 1] * Product(nest, nest.TemporalEnd[level], nest.SpatialEnd[level + 1]);
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
        int tensor = (int)operand;
        if (operand == Operand.Outputs)
        {
            ShareParts(nest);
        }

        // What passes between a level and the one below it.
        long content = _stepsOfLoops;
        for (int level = 0; level < _levels; level++)
        {
            content *= DifferentChildren(nest, operand, level);
            if (!_keeps[level, tensor])
            {
                continue;
            }

            AcceleratorLevel memory = _accelerator.Levels[level];
            bool isLast = level == _levels - 1;
            long part = operand == Operand.Outputs ? _parts[level] : 0;
            (long reads, long updates) = operand != Operand.Outputs ? (_packing[level, tensor].Words(content), 0)
                : isLast && _sumsAreWider ? (_packing[level, tensor].Words(content - part), _packing[level, tensor].Words(content - part) + _finished.Words(part))
                : (_packing[level, tensor].Words(content - part), _packing[level, tensor].Words(content));
            (_reads[level, tensor], _updates[level, tensor], _fills[level, tensor]) = (reads, updates, 0);
            _lastLevelWords += isLast ? reads + updates : 0;
            long copies = memory.Clusters ?? _instances[level];
            double energy = copies * (Blocks(reads, memory) * memory.ReadEnergy + Blocks(updates, memory) * memory.WriteEnergy);
            _energies[level, tensor] = energy;
            _energy += energy;
            if (isLast)
            {
                break;
            }

            if (Exceeds(objective, limit))
            {
                return false;
            }

            content = NewValues(operand, level);
            long fills = _packing[level, tensor].Words(_skipsFirstFill ? content - part : content);
            double filling = copies * (Blocks(fills, memory) * memory.WriteEnergy);
            _fills[level, tensor] = fills;
            _energies[level, tensor] += filling;
            _energy += filling;
        }

        return !Exceeds(objective, limit);
    }

    private static long Blocks(long words, AcceleratorLevel memory) => memory.Block == 1 ? words : (words + memory.Block - 1) / memory.Block;

    /// <summary>How many of the outputs each level finishes.</summary>
    private void ShareParts(FlatNest nest)
    {
        const int outputs = (int)Operand.Outputs;
        _parts[_levels - 1] = _tiles[_levels - 1, outputs];
        for (int level = _levels - 2; level >= 0; level--)
        {
            bool fansOut = Product(nest, nest.TemporalEnd[level], nest.SpatialEnd[level + 1]) > 1;
            _parts[level] = _parts[level + 1] * _tiles[level, outputs] / (fansOut ? _unions[level + 1] : _tiles[level, outputs]);
        }
    }

    /// <summary>How many different tiles the spatial children of a level hold; equal ones are sent once, to all.</summary>
    private long DifferentChildren(FlatNest nest, Operand operand, int level)
    {
        int start = level == 0 ? 0 : nest.TemporalEnd[level - 1], end = nest.SpatialEnd[level];
        long product = 1;
        bool columns = false, kernelColumns = false, rows = false, kernelRows = false;
        for (int i = start; i < end; i++)
        {
            Dimension dimension = nest.Dimensions[i];
            if (nest.Bounds[i] == 1 || !dimension.Moves(operand))
            {
                continue;
            }

            product *= nest.Bounds[i];
            columns |= dimension == Dimension.P;
            kernelColumns |= dimension == Dimension.R;
            rows |= dimension == Dimension.Q;
            kernelRows |= dimension == Dimension.S;
        }

        return operand == Operand.Inputs && ((columns && kernelColumns) || (rows && kernelRows))
            ? DifferentWindows(nest, level, start, end)
            : product;
    }

    /// <summary>Windows of the inputs can coincide: a step of the output and one of the kernel may lead to the same place.</summary>
    private long DifferentWindows(FlatNest nest, int level, int start, int end)
    {
        long[] sides = new long[Dimensions.Count];
        Array.Fill(sides, 1);
        for (int i = 0; i < start; i++)
        {
            sides[(int)nest.Dimensions[i]] *= nest.Bounds[i];
        }

        HashSet<WindowWalk.Step> places = [default];
        for (int i = start; i < end; i++)
        {
            WindowWalk.Step step = Move(nest.Dimensions[i], sides[(int)nest.Dimensions[i]]);
            sides[(int)nest.Dimensions[i]] *= nest.Bounds[i];
            HashSet<WindowWalk.Step> reached = [];
            foreach (WindowWalk.Step place in places)
            {
                WindowWalk.Step next = place;
                for (int j = 0; j < nest.Bounds[i]; j++)
                {
                    reached.Add(next);
                    next += step;
                }
            }

            places = reached;
        }

        return places.Count;
    }

    private WindowWalk.Step Move(Dimension dimension, long distance) => dimension switch
    {
        Dimension.N => new(distance, 0, 0, 0),
        Dimension.C => new(0, distance, 0, 0),
        Dimension.P => new(0, 0, distance * _workload.StrideX, 0),
        Dimension.R => new(0, 0, distance * _workload.DilationX, 0),
        Dimension.Q => new(0, 0, 0, distance * _workload.StrideY),
        Dimension.S => new(0, 0, 0, distance * _workload.DilationY),
        _ => default,
    };

    /// <summary>Values that pass into a level's tile while all loops outside of it run.</summary>
    private long NewValues(Operand operand, int level)
    {
        int first = _firstOuterLoop[level];
        if (operand == Operand.Inputs)
        {
            int count = _loopCount - first;
            for (int i = 0; i < count; i++)
            {
                (Dimension dimension, int bound, long distance) = _loops[first + i];
                (_steps[i], _stepBounds[i]) = (Move(dimension, distance), bound);
            }

            return _walk.NewValues(_windows[level], _steps.AsSpan(0, count), _stepBounds.AsSpan(0, count));
        }

        // Tiles of weights and outputs never overlap: they stay while the innermost loops do not move them, and are loaded anew for each
        // iteration of all others. The walk over windows would say the same.
        while (first < _loopCount && !_loops[first].Dimension.Moves(operand))
        {
            first++;
        }

        long values = _tiles[level, (int)operand];
        for (; first < _loopCount; first++)
        {
            values *= _loops[first].Bound;
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
            for (int operand = 0; operand < Operands; operand++)
            {
                if (_keeps[level, operand])
                {
                    reads += _reads[level, operand];
                    writes += _updates[level, operand] + _fills[level, operand];
                }
            }

            _cycles = Math.Max(_cycles, (Math.Max(reads, writes) + bandwidth - 1) / bandwidth);
        }
    }

    private static long Product(FlatNest nest, int start, int end)
    {
        long product = 1;
        for (int i = start; i < end; i++)
        {
            product *= nest.Bounds[i];
        }

        return product;
    }

    private void Check(LoopNest loops)
    {
        if (loops.Levels.Length != _levels)
        {
            throw new ArgumentException($"The mapping has {loops.Levels.Length} levels and {_accelerator.Name} {_levels}.", nameof(loops));
        }

        foreach (Dimension dimension in Enum.GetValues<Dimension>())
        {
            long product = loops.Levels.SelectMany(level => level.Spatial.Concat(level.Temporal))
                .Where(loop => loop.Dimension == dimension).Aggregate(1L, (product, loop) => product * loop.Bound);
            if (product != _workload[dimension])
            {
                throw new ArgumentException(
                    $"Layer '{_workload.Name}': the loops over {dimension} multiply to {product}, and it has {_workload[dimension]}.", nameof(loops));
            }
        }

        for (int i = 0; i < _levels; i++)
        {
            long fanOut = loops.Levels[i].Spatial.Aggregate(1L, (product, loop) => product * loop.Bound);
            if (fanOut > _accelerator.Levels[i].FanOut)
            {
                throw new ArgumentException(
                    $"Layer '{_workload.Name}': the spatial loops of {_accelerator.Levels[i].Name} multiply to {fanOut}, and its fan-out is {_accelerator.Levels[i].FanOut}.",
                    nameof(loops));
            }
        }
    }
}
