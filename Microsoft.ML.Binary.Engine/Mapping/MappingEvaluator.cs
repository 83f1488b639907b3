namespace Microsoft.ML.Binary.Mapping;

/// <summary>Counts what given mappings cost.</summary>
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
        return new NestCounter(workload, accelerator, options ?? new()).Cost(nest);
    }
}
