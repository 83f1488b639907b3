namespace Microsoft.ML.Binary.Mapping;

/// <summary>Counts what given mappings cost.</summary>
/// <example>
/// <code>
/// Accelerator accelerator = Accelerator.Preset("eyeriss-16bit");
/// LayerMapping best = new Mapper(accelerator).Best(new Workload { Name = "conv", C = 64, M = 64, R = 3, S = 3, P = 56, Q = 56 });
/// MappingCost cost = MappingEvaluator.Evaluate(best.Workload, accelerator, best.Nest);
/// </code>
/// </example>
public static class MappingEvaluator
{
    /// <summary>What a layer costs under a mapping, once (without <see cref="Workload.Repetitions"/>).</summary>
    /// <param name="workload">The layer.</param>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="nest">The mapping.</param>
    /// <param name="options">How to count; null for the defaults.</param>
    /// <exception cref="ArgumentException">
    /// The mapping is not one of the layer or does not fit the accelerator, or the layer is out of range; the message says by how much.
    /// </exception>
    public static MappingCost Evaluate(Workload workload, Accelerator accelerator, LoopNest nest, CountingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentNullException.ThrowIfNull(nest);
        NestCounter counter = new(workload, accelerator, options ?? new());
        Check(workload, accelerator, nest);
        FlatNest flat = FlatNest.Of(nest);
        return counter.Fits(flat)
            ? counter.Cost(flat)
            : throw new ArgumentException($"Layer '{workload.Name}': the mapping does not fit: {counter.Overflow()}.", nameof(nest));
    }

    private static void Check(Workload workload, Accelerator accelerator, LoopNest nest)
    {
        if (nest.Levels.Length != accelerator.Levels.Length)
        {
            throw new ArgumentException($"The mapping has {nest.Levels.Length} levels and {accelerator.Name} {accelerator.Levels.Length}.", nameof(nest));
        }

        foreach (Dimension dimension in Enum.GetValues<Dimension>())
        {
            long product = nest.Levels.SelectMany(level => level.Spatial.Concat(level.Temporal))
                .Where(loop => loop.Dimension == dimension).Aggregate(1L, (product, loop) => product * loop.Bound);
            if (product != workload[dimension])
            {
                throw new ArgumentException($"Layer '{workload.Name}': the loops over {dimension} multiply to {product}, and it has {workload[dimension]}.", nameof(nest));
            }
        }

        foreach ((LevelLoops loops, AcceleratorLevel level) in nest.Levels.Zip(accelerator.Levels))
        {
            long instances = loops.Spatial.Aggregate(1L, (product, loop) => product * loop.Bound);
            if (instances > level.FanOut)
            {
                throw new ArgumentException(
                    $"Layer '{workload.Name}': the spatial loops of {level.Name} multiply to {instances}, and its fan-out is {level.FanOut}.", nameof(nest));
            }
        }
    }
}
