using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Tests.Training.MixedPrecision;

/// <summary>Searches small enough for a test.</summary>
internal static class TinySearch
{
    public const int Steps = 10;

    public static MixedPrecisionOptions Options() => new() { Training = TinyTask.Options(Steps), ImageHeight = 64, ImageWidth = 64 };

    public static ImmutableArray<SearchPoint> Run(MixedPrecisionOptions options, SearchReports? reports = null, DenseGraph? graph = null) => MixedPrecisionSearch.Run(
        graph ?? TinyTask.Graph(), new SegmentationTask(), () => TinyTask.Scenes(5), options, reports, reports?.Token ?? default);
}

/// <summary>Keeps reports of a search, and cancels at a step of a point, on the training thread itself.</summary>
internal sealed class SearchReports(int cancelAt = int.MaxValue, int point = 0) : IProgress<SearchProgress>
{
    private readonly CancellationTokenSource _source = new();

    public List<SearchProgress> All { get; } = [];

    public IEnumerable<(int Point, int Step)> Steps => All.Select(report => (report.Point, report.Training.Step));

    public CancellationToken Token => _source.Token;

    public void Report(SearchProgress value)
    {
        All.Add(value);
        if (value.Training.Step == cancelAt && value.Point == point)
        {
            _source.Cancel();
        }
    }
}
