using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Microsoft.ML.Binary.KernelBenchmarks;

/// <summary>10^9 units of work a second, from the mean time.</summary>
internal sealed class RateColumn(string name, Func<Work, double> units) : IColumn
{
    public string Id => name;

    public string ColumnName => name;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => $"10^9 {name[1..^2]} a second";

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(benchmark => units(WorkOf(benchmark)) > 0);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        // The mean is in nanoseconds, so units a nanosecond are 10^9 a second.
        double rate = units(WorkOf(benchmarkCase)) / summary[benchmarkCase]?.ResultStatistics?.Mean ?? double.NaN;
        return double.IsFinite(rate) ? rate.ToString("0.0", CultureInfo.InvariantCulture) : "-";
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    private static Work WorkOf(BenchmarkCase benchmark) => benchmark.Parameters.Items.Select(item => item.Value).OfType<Work>().Single();
}
