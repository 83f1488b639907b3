using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Networks;
using static System.FormattableString;

namespace Microsoft.ML.Binary.MappingBenchmark;

/// <summary>
/// NSGA-II over the widths of a preset beside random search of as many evaluations: the area between the front and a configuration of the
/// largest cost and no accuracy. Sensitivities are made up: they fall by a factor of four with each bit, from a different height for each layer.
/// </summary>
internal static class SearchComparison
{
    public static void Run(string accelerator, int seeds)
    {
        DenseGraph graph = Freezing.Freeze(DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Small, 11, Precision.Float)));
        ImmutableArray<Workload> workloads = NetworkWorkloads.Of(graph, 360, 480);
        string[] layers = [.. graph.Nodes.OfType<Convolution>().Select(node => node.Name)];
        Mapper mapper = new(Accelerator.Preset(accelerator));
        ImmutableArray<int> widths = WidthSearch.DistinctWidths(mapper.Accelerator, 1, 8);
        Console.WriteLine($"{layers.Length} layers on {accelerator}, widths {string.Join(", ", widths)}");
        Console.WriteLine("seed  evaluations  NSGA-II / random search  the same, given the uniform configurations");
        for (int seed = 1; seed <= seeds; seed++)
        {
            Random random = new(seed);
            SensitivityTable table = new(0.4, [.. layers], widths, [.. layers.Select(_ => Growth(random))], [.. layers.Select(_ => Growth(random))]);
            WidthSearch search = new(mapper, workloads, layers, widths, table.Accuracy, new() { Seed = seed });
            WidthFront front = search.Run();
            List<WidthPoint> drawn = [.. Enumerable.Range(0, front.Evaluations).Select(_ => search.Evaluate([.. layers.Select(_ => Draw(random))]))];
            double found = Area(front.Front), byChance = Area(drawn), given = Area(drawn.Skip(front.Uniform.Length).Concat(front.Uniform));
            Console.WriteLine(Invariant($"{seed,4}  {front.Evaluations,11}  {found / byChance,23:0.000}  {found / given,42:0.000}"));

            double Area(IEnumerable<WidthPoint> points) => AreaOf(points, front.Uniform[^1].Cost);
        }

        ImmutableArray<double> Growth(Random random)
        {
            double scale = Math.Exp(-6 * random.NextDouble());
            return [.. widths.Select(width => scale * Math.Pow(4, 1 - width))];
        }

        LayerWidths Draw(Random random) => new(widths[random.Next(widths.Length)], widths[random.Next(widths.Length)]);
    }

    private static double AreaOf(IEnumerable<WidthPoint> points, double largestCost)
    {
        double area = 0, highest = 0;
        foreach (WidthPoint point in points.OrderBy(point => point.Cost).Where(point => point.Cost < largestCost))
        {
            area += Math.Max(0, point.Accuracy - highest) * (largestCost - point.Cost);
            highest = Math.Max(highest, point.Accuracy);
        }

        return area;
    }
}
