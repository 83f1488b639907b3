namespace Microsoft.ML.Binary.Mapping;

/// <summary>
/// The tiles of one layer on one accelerator: of each mapping that it is given, which part of each tensor every level holds, and whether
/// that fits. An instance belongs to one thread.
/// </summary>
internal sealed class NestTiles
{
    private readonly Workload _workload;
    private readonly Accelerator _accelerator;
    private readonly int _levels;
    private readonly bool[,] _keeps;
    private readonly Packing[,] _packing;
    private readonly long[] _capacity;
    private readonly long[,] _values;
    private readonly long[] _unions;
    private readonly WindowWalk.Step[] _windows;
    private readonly int[] _firstOuterLoop;
    private TimeLoop[] _loops = new TimeLoop[16];
    private int _loopCount;

    /// <exception cref="ArgumentException">The layer is out of range, or a width is more than a word has.</exception>
    public NestTiles(Workload workload, Accelerator accelerator)
    {
        workload.Validate();
        (_workload, _accelerator, _levels) = (workload, accelerator, accelerator.Levels.Length);
        (_keeps, _packing, _capacity) = (new bool[_levels, Dimensions.Operands], new Packing[_levels, Dimensions.Operands], new long[_levels]);
        (_values, _unions) = (new long[_levels, Dimensions.Operands], new long[_levels]);
        (_windows, _firstOuterLoop) = (new WindowWalk.Step[_levels], new int[_levels]);
        for (int level = 0; level < _levels; level++)
        {
            _capacity[level] = accelerator.Levels[level].Words ?? long.MaxValue;
            foreach (Operand operand in accelerator.Levels[level].Keeps)
            {
                _keeps[level, (int)operand] = true;
                _packing[level, (int)operand] = Pack(accelerator.Levels[level], operand);
            }
        }

        Finished = workload.Bits is { } bits ? Packing.Of(bits.Outputs, accelerator.Levels[^1].WordBits) : Packing.OneAWord;
    }

    /// <summary>A loop over time that runs more than once.</summary>
    /// <param name="Dimension">What it runs over.</param>
    /// <param name="Bound">How often.</param>
    /// <param name="Distance">From one iteration to the next.</param>
    public readonly record struct TimeLoop(Dimension Dimension, int Bound, long Distance);

    /// <summary>How finished outputs lie in the words of the last level.</summary>
    public Packing Finished { get; }

    /// <summary>Iterations of all loops over time.</summary>
    public long Iterations { get; private set; }

    public bool Keeps(int level, Operand operand) => _keeps[level, (int)operand];

    /// <summary>How a tensor lies in the words of a level: outputs as partial sums.</summary>
    public Packing PackingOf(int level, Operand operand) => _packing[level, (int)operand];

    /// <summary>Values that a level holds.</summary>
    public long Values(int level, Operand operand) => _values[level, (int)operand];

    /// <summary>Outputs that all spatial children of a level hold together.</summary>
    public long Union(int level) => _unions[level];

    /// <summary>Sides of the window of inputs that a level holds.</summary>
    public WindowWalk.Step Window(int level) => _windows[level];

    /// <summary>The loops over time outside of a level.</summary>
    public ReadOnlySpan<TimeLoop> OuterLoops(int level) => _loops.AsSpan(_firstOuterLoop[level], _loopCount - _firstOuterLoop[level]);

    /// <summary>Words that a level holds.</summary>
    public long Words(int level, Operand operand) => !_keeps[level, (int)operand] ? 0
        : (level == _levels - 1 && operand == Operand.Outputs ? Finished : _packing[level, (int)operand]).Words(_values[level, (int)operand]);

    /// <summary>Takes a mapping.</summary>
    /// <param name="nest">The mapping.</param>
    /// <param name="unlimited">A level whose capacity does not matter; -1 for none.</param>
    /// <returns>Whether its tiles fit. If not, those of levels outside of the one that is too small are not measured.</returns>
    public bool Fit(FlatNest nest, int unlimited = -1)
    {
        Span<long> sides = stackalloc long[Dimensions.Count];
        sides.Fill(1);
        (_loopCount, Iterations) = (0, 1);
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
            for (int operand = 0; operand < Dimensions.Operands; operand++)
            {
                _values[level, operand] = Values((Operand)operand, sides);
                words += _keeps[level, operand] ? _packing[level, operand].Words(_values[level, operand]) : 0;
            }

            if (words > _capacity[level] && level != unlimited)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Which level the mapping taken last does not fit into, and by how much.</summary>
    public string Overflow()
    {
        for (int level = 0; level < _levels; level++)
        {
            AcceleratorLevel memory = _accelerator.Levels[level];
            long words = memory.Keeps.Sum(operand => Words(level, operand));
            if (words > _capacity[level])
            {
                string tensors = string.Join(" and ", memory.Keeps.Select(operand => operand.ToString().ToLowerInvariant()));
                return $"{memory.Name} holds {_capacity[level]} words, and its part of the {tensors} takes {words}, {words - _capacity[level]} more";
            }
        }

        throw new InvalidOperationException("The mapping fits.");
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
        }

        _loops[_loopCount++] = new(dimension, bound, sides[(int)dimension]);
        sides[(int)dimension] *= bound;
        Iterations *= bound;
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
}
