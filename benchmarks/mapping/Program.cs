using System.Diagnostics;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.MappingBenchmark;
using static System.FormattableString;

// Our best mappings beside Timeloop's: for each accelerator, widths and objective the totals, and the layer that compares worst. Or the search over
// widths beside random search.
if (args.Length == 0)
{
    Console.Error.WriteLine("usage: Mapping TABLE.csv [ACCELERATOR] [RESTARTS] [SEED], a table of published mappings; or: Mapping search [ACCELERATOR]");
    return 2;
}

if (args[0] == "search")
{
    SearchComparison.Run(args.Length > 1 ? args[1] : "eyeriss", seeds: 5);
    return 0;
}

string only = args.Length > 1 ? args[1] : "";
int restarts = args.Length > 2 ? int.Parse(args[2]) : new MapperOptions().Restarts;
long seed = args.Length > 3 ? long.Parse(args[3]) : 1;
Console.WriteLine("accelerator            widths  objective              layers   ours/Timeloop: total  worst layer        seconds");
double ours = 0, theirs = 0;
Stopwatch all = Stopwatch.StartNew();
foreach (IGrouping<(string Accelerator, MappingObjective Objective, BitWidths? Bits), PublishedRow> group in PublishedRow.Read(args[0])
    .Where(row => row.Accelerator.Contains(only))
    .GroupBy(row => (row.Accelerator, row.Objective, row.Workload.Bits)))
{
    Stopwatch watch = Stopwatch.StartNew();
    Mapper mapper = new(Accelerator.Preset(group.Key.Accelerator), new MapperOptions { Objective = group.Key.Objective, Restarts = restarts, Seed = seed, Threads = 1 });
    NetworkMapping mapping = mapper.Map([.. group.Select(row => row.Workload)]);
    (PublishedRow Row, LayerMapping Layer, double Ratio)[] pairs =
        [.. group.Zip(mapping.Layers, (row, layer) => (row, layer, Value(group.Key.Objective.First, layer) / Value(group.Key.Objective.First, row)))];
    (PublishedRow worst, _, double worstRatio) = pairs.MaxBy(pair => pair.Ratio);
    double total = pairs.Sum(pair => Value(group.Key.Objective.First, pair.Layer)), published = pairs.Sum(pair => Value(group.Key.Objective.First, pair.Row));
    (ours, theirs) = (ours + total, theirs + published);
    int secondsWorse = pairs.Count(pair => Math.Abs(pair.Ratio - 1) < 1e-6 && Value(group.Key.Objective.Second, pair.Layer) > Value(group.Key.Objective.Second, pair.Row) * (1 + 1e-5));
    Console.WriteLine(Invariant(
        $"{group.Key.Accelerator,-22} {group.Key.Bits?.ToString() ?? "-",-7} {group.Key.Objective,-24} {pairs.Length,4}   {total / published,20:0.00000}  {worstRatio:0.00000} (layer {worst.Workload.Name,2})  {watch.Elapsed.TotalSeconds,6:0.0}{(secondsWorse > 0 ? $"  {secondsWorse} layers equal but worse in the second" : "")}"));
}

Console.WriteLine(Invariant($"all: {ours / theirs:0.00000} of Timeloop's, {all.Elapsed.TotalSeconds:0.0} s"));
return 0;

static double Value(MappingMetric metric, object of) => (metric, of) switch
{
    (MappingMetric.Edp, LayerMapping layer) => layer.Edp,
    (MappingMetric.Energy, LayerMapping layer) => layer.Energy * 1e-6,
    (MappingMetric.Delay, LayerMapping layer) => layer.Cycles,
    (_, LayerMapping layer) => layer.LastLevelAccesses,
    (MappingMetric.Edp, PublishedRow row) => row.Edp,
    (MappingMetric.Energy, PublishedRow row) => row.Energy,
    (MappingMetric.Delay, PublishedRow row) => row.Cycles,
    (_, PublishedRow row) => row.Accesses,
    _ => double.NaN,
};
