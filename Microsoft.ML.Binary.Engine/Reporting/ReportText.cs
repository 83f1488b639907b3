using System.Globalization;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>Numbers as reports print them, independent of the culture.</summary>
internal static class ReportText
{
    /// <summary>A figure of 0..1 with three digits; a dash where it is undefined.</summary>
    public static string Figure(double value) => double.IsNaN(value) ? "\u2013" : value.ToString("F3", CultureInfo.InvariantCulture);

    /// <summary>A share as a percentage.</summary>
    public static string Percent(double share) => double.IsNaN(share) ? "\u2013" : (100 * share).ToString("F1", CultureInfo.InvariantCulture) + "%";

    /// <summary>A share in whole hundredths, without a sign.</summary>
    public static string WholePercent(double share) => (100 * share).ToString("F0", CultureInfo.InvariantCulture);

    /// <summary>A count with separated thousands.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A share as a length in CSS, from 0% to 100%.</summary>
    public static string Length(double share) =>
        Math.Clamp(double.IsNaN(share) ? 0 : 100 * share, 0, 100).ToString("0.##", CultureInfo.InvariantCulture) + "%";

    /// <summary>A coordinate of SVG.</summary>
    public static string Coordinate(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}

/// <summary>How a report's intervals were made, in words.</summary>
internal static class IntervalNote
{
    public static string Of(BootstrapOptions? options)
    {
        options ??= new();
        return $"Bootstrap over images, {ReportText.Count(options.Resamples)} resamples, percentiles; they say nothing of another training run";
    }
}
