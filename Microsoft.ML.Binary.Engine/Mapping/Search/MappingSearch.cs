using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>
/// Looks for the best mapping of one layer: among all of them where these are few enough; otherwise by drawing at random and improving what
/// was drawn step by step. Of equally good ones the first in the order of <see cref="MapSpace.ForEach"/>, or the first found, is taken.
/// </summary>
internal sealed class MappingSearch
{
    /// <summary>Spaces of up to so many mappings are enumerated.</summary>
    public const double LargestEnumerated = 1e7;

    // As published: a restart ends after so many valid draws without improvement, or invalid ones in a row; each split is tried in so many orders.
    private const int VictoryCondition = 500, MostInvalid = 15_000, OrdersADraw = 16;

    private readonly MapSpace _space;
    private readonly NestCounter _counter;
    private readonly MappingObjective _objective;
    private readonly FlatNest _smallest;
    private readonly CancellationToken _cancellation;
    private MappingScore _bestScore = MappingScore.Worst;
    private FlatNest? _best;

    /// <exception cref="ArgumentException">There is no mapping, or a width does not fit.</exception>
    public MappingSearch(Workload workload, Accelerator accelerator, MappingObjective objective, CountingOptions options, CancellationToken cancellation = default)
    {
        _counter = new NestCounter(workload, accelerator, options);
        _space = new MapSpace(workload, accelerator);
        (_objective, _cancellation) = (objective, cancellation);
        _smallest = _space.Smallest(workload);
        if (!_counter.Fits(_smallest))
        {
            throw new ArgumentException($"Layer '{workload.Name}' fits nowhere on {accelerator.Name}: {_counter.Overflow()}.");
        }
    }

    /// <summary>Whether the space is small enough to look at every mapping.</summary>
    public bool CanEnumerate => _space.Size <= LargestEnumerated;

    /// <summary>The best of all mappings.</summary>
    public LoopNest Enumerate()
    {
        _space.ForEach(nest => Consider(nest));
        return _best!.ToNest();
    }

    /// <summary>The best mapping that restarts of a random search with local search find, each from the one that fits if any does.</summary>
    public LoopNest Draw(long seed, int restarts)
    {
        (MappingScore Score, FlatNest Nest) overall = (MappingScore.Worst, _smallest);
        for (int restart = 0; restart < restarts; restart++)
        {
            (_bestScore, _best) = (MappingScore.Worst, null);
            Consider(_smallest);
            DrawUntilVictory(new RandomStream(seed, restart));
            Improve();
            overall = _bestScore < overall.Score ? (_bestScore, _best!) : overall;
        }

        return overall.Nest.ToNest();
    }

    private bool Consider(FlatNest nest)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (!_counter.Fits(nest) || !_counter.Score(nest, _objective, _bestScore, out MappingScore score) || !(score < _bestScore))
        {
            return false;
        }

        _bestScore = score;
        _best ??= nest.Copy();
        _best.CopyFrom(nest);
        return true;
    }

    private void DrawUntilVictory(RandomStream random)
    {
        FlatNest nest = _space.NewNest();
        int valid = 0, invalid = 0;
        while (valid < VictoryCondition && invalid < MostInvalid)
        {
            _space.Draw(nest, ref random);
            if (!_space.HasInstances(nest) || !_counter.Fits(nest))
            {
                invalid++;
                continue;
            }

            invalid = 0;
            bool isBetter = false;
            if (_space.Orders(nest) <= OrdersADraw)
            {
                _space.ForEachOrder(nest, ordered => isBetter |= Consider(ordered));
            }
            else
            {
                for (int order = 0; order < OrdersADraw; order++)
                {
                    _space.Shuffle(nest, ref random);
                    isBetter |= Consider(nest);
                }
            }

            valid = isBetter ? 0 : valid + 1;
        }
    }

    /// <summary>Takes single steps while one of them helps, then pairs of steps; a pair can trade one dimension for another.</summary>
    private void Improve()
    {
        while (TakeStep(_best!.Copy(), 1) || TakeStep(_best!.Copy(), 2))
        {
        }
    }

    /// <summary>
    /// Tries every step from a nest, which is left as it was: a prime factor from one loop to another of its dimension, or two loops
    /// of a group in each other's place.
    /// </summary>
    private bool TakeStep(FlatNest nest, int steps)
    {
        for (int from = 0; from < nest.Bounds.Length; from++)
        {
            for (int prime = Factors.NextPrime(nest.Bounds[from], 1); prime > 1 && !_space.IsFixed[from]; prime = Factors.NextPrime(nest.Bounds[from], prime))
            {
                for (int to = 0; to < nest.Bounds.Length; to++)
                {
                    if (to == from || _space.IsFixed[to] || nest.Dimensions[to] != nest.Dimensions[from])
                    {
                        continue;
                    }

                    nest.Bounds[from] /= prime;
                    nest.Bounds[to] *= prime;
                    bool isBetter = Arrive(nest, steps);
                    nest.Bounds[from] *= prime;
                    nest.Bounds[to] /= prime;
                    if (isBetter)
                    {
                        return true;
                    }
                }
            }
        }

        foreach ((int start, int end) in _space.OrderGroups)
        {
            for (int a = start; a < end; a++)
            {
                for (int b = a + 1; b < end; b++)
                {
                    nest.Swap(a, b);
                    bool isBetter = Arrive(nest, steps);
                    nest.Swap(a, b);
                    if (isBetter)
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private bool Arrive(FlatNest nest, int steps) => steps > 1 ? TakeStep(nest, steps - 1) : _space.HasInstances(nest) && Consider(nest);
}
