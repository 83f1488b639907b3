using System.Collections.Concurrent;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>How a <see cref="Mapper"/> looks for mappings.</summary>
/// <example>
/// <code>
/// MapperOptions options = new() { Objective = new(MappingMetric.Energy, MappingMetric.Delay), Seed = 1 };
/// </code>
/// </example>
public sealed record MapperOptions
{
    /// <summary>What the best mapping is best in; EDP by default.</summary>
    public MappingObjective Objective { get; init; } = new(MappingMetric.Edp);

    /// <summary>How mappings are counted.</summary>
    public CountingOptions Counting { get; init; } = new();

    /// <summary>Seed of the search in spaces that are too large to enumerate.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>How often such a search begins anew, at least 1; 8 by default.</summary>
    public int Restarts { get; init; } = 8;

    /// <summary>Threads that map different layers; 0 for all cores. Results do not depend on it.</summary>
    public int Threads { get; init; }
}

/// <summary>Where a mapping comes from.</summary>
/// <example>
/// <code>
/// string[] searched = [.. mapping.Layers.Where(layer => layer.Origin == MappingOrigin.Search).Select(layer => layer.Workload.Name)];
/// Console.WriteLine($"not proven to be the best: {string.Join(", ", searched)}");
/// </code>
/// </example>
public enum MappingOrigin
{
    /// <summary>It is the best of all mappings; every one was looked at.</summary>
    Optimum,

    /// <summary>It is the best that a random search with local search found; there are too many mappings to look at each.</summary>
    Search,

    /// <summary>It was given.</summary>
    Given,
}

/// <summary>A layer with its mapping.</summary>
/// <param name="Workload">The layer.</param>
/// <param name="Nest">The mapping.</param>
/// <param name="Cost">What it costs once.</param>
/// <param name="Origin">Where the mapping comes from.</param>
/// <example>
/// <code>
/// Accelerator accelerator = Accelerator.Preset("eyeriss-16bit");
/// LayerMapping best = new Mapper(accelerator).Best(new Workload { Name = "conv", C = 8, M = 8, R = 3, S = 3, P = 14, Q = 14 });
/// Console.WriteLine($"{best.Workload.Name}: {best.Energy * 1e-6:F2} uJ, {best.Cycles} cycles, {best.Cost.Utilization:P0} of the multipliers");
/// Console.WriteLine(best.Nest.ToText(accelerator));
/// </code>
/// </example>
public sealed record LayerMapping(Workload Workload, LoopNest Nest, MappingCost Cost, MappingOrigin Origin)
{
    /// <summary>Energy of all repetitions, pJ.</summary>
    public double Energy => Cost.Energy * Workload.Repetitions;

    /// <summary>Energy of the memories, all repetitions, pJ.</summary>
    public double MemoryEnergy => Cost.MemoryEnergy * Workload.Repetitions;

    /// <summary>Cycles of all repetitions.</summary>
    public long Cycles => Cost.Cycles * Workload.Repetitions;

    /// <summary>Words to and from the last level, all repetitions.</summary>
    public long LastLevelAccesses => Cost.LastLevelAccesses * Workload.Repetitions;

    /// <summary>Energy times delay of all repetitions, J times cycles.</summary>
    public double Edp => Energy * 1e-12 * Cycles;
}

/// <summary>Finds the best mappings of layers on an accelerator, and remembers them: layers of one shape are mapped once. Threads may share it.</summary>
/// <example>
/// <code>
/// Mapper mapper = new(Accelerator.Preset("eyeriss-16bit"), new() { Objective = new(MappingMetric.Edp) });
/// NetworkMapping mapping = mapper.Map(NetworkWorkloads.Of(network.Graph, height: 360, width: 480));
/// Console.WriteLine($"{mapping.Energy * 1e-9:F1} mJ, {mapping.Cycles} cycles");
/// </code>
/// </example>
public sealed class Mapper
{
    private readonly MapperOptions _options;
    private readonly ConcurrentDictionary<Workload, Lazy<LayerMapping>> _known = new();

    /// <summary>A mapper for one accelerator.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Mapper(Accelerator accelerator, MapperOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        _options = options ?? new();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Restarts, 1, nameof(MapperOptions.Restarts));
        ArgumentOutOfRangeException.ThrowIfNegative(_options.Threads, nameof(MapperOptions.Threads));
        Accelerator = accelerator;
    }

    /// <summary>The accelerator.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>What mappings are best in.</summary>
    public MappingObjective Objective => _options.Objective;

    /// <summary>The best mapping of a layer.</summary>
    /// <exception cref="ArgumentException">The layer is out of range, or fits nowhere; the message names the memory and says by how much.</exception>
    public LayerMapping Best(Workload workload) => Best(workload, CancellationToken.None);

    /// <summary>The best mapping of each layer, in order.</summary>
    /// <param name="workloads">The layers.</param>
    /// <param name="given">Mappings that are taken as they are, one a layer, null for those to look for; null to look for all.</param>
    /// <param name="cancellation">Ends the search early.</param>
    /// <exception cref="ArgumentException">There is no layer, a given mapping does not fit, or <see cref="Best(Workload)"/> finds none for a layer.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public NetworkMapping Map(IReadOnlyList<Workload> workloads, IReadOnlyList<LoopNest?>? given = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(workloads);
        if (workloads.Count == 0)
        {
            throw new ArgumentException("There is no layer to map.", nameof(workloads));
        }

        if (given is not null && given.Count != workloads.Count)
        {
            throw new ArgumentException($"There are {workloads.Count} layers and {given.Count} given mappings.", nameof(given));
        }

        Workload[] different = [.. workloads.Where((_, i) => given?[i] is null).DistinctBy(workload => workload.Shape)];
        try
        {
            Parallel.ForEach(
                different,
                new ParallelOptions { MaxDegreeOfParallelism = _options.Threads == 0 ? Environment.ProcessorCount : _options.Threads, CancellationToken = cancellation },
                workload => Best(workload, cancellation));
        }
        catch (AggregateException)
        {
            // Whichever thread failed first, the first layer that cannot be mapped is named, below.
        }

        return new NetworkMapping(Accelerator, _options.Objective, [.. workloads.Select((workload, i) => given?[i] is { } nest ? Layer(workload, nest, MappingOrigin.Given) : Best(workload, cancellation))])
        {
            Notes = [.. MappingNotes.Of(workloads, Accelerator, _options.Counting)],
        };
    }

    internal LayerMapping Best(Workload workload, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(workload);
        workload.Validate();
        while (true)
        {
            Lazy<LayerMapping> known = _known.GetOrAdd(workload.Shape, _ => new(() => Search(workload, cancellation)));
            try
            {
                return known.Value with { Workload = workload };
            }
            catch (ArgumentException)
            {
                // What is remembered names the first layer of the shape.
                return Search(workload, cancellation);
            }
            catch (OperationCanceledException)
            {
                // It may have been the search of another caller, with a token of its own.
                _known.TryRemove(new(workload.Shape, known));
                cancellation.ThrowIfCancellationRequested();
            }
        }
    }

    private LayerMapping Search(Workload workload, CancellationToken cancellation)
    {
        MappingSearch search = new(workload, Accelerator, _options.Objective, _options.Counting, cancellation);
        return search.CanEnumerate
            ? Layer(workload, search.Enumerate(), MappingOrigin.Optimum)
            : Layer(workload, search.Draw(_options.Seed, _options.Restarts), MappingOrigin.Search);
    }

    private LayerMapping Layer(Workload workload, LoopNest nest, MappingOrigin origin) =>
        new(workload, nest, MappingEvaluator.Evaluate(workload, Accelerator, nest, _options.Counting), origin);
}
