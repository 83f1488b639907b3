
namespace Microsoft.ML.Binary.Reporting;

/// <summary>How a report's intervals were made, in words.</summary>
internal static class IntervalNote
{
    public static string Of(BootstrapOptions? options)
    {
        options ??= new();
        return $"Bootstrap over images, {ReportText.Count(options.Resamples)} resamples, percentiles; they say nothing of another training run";
    }
}
