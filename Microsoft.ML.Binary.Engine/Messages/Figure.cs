using System.Globalization;

namespace Microsoft.ML.Binary.Messages;

/// <summary>Figures as text, independent of the culture.</summary>
/// <example>
/// <code>
/// Console.WriteLine($"mean IoU {Figure.Of(0.71234, "F3")}, boundary IoU {Figure.Of(double.NaN)}");             // mean IoU 0.712, boundary IoU -
/// Console.WriteLine(Figure.Of(TimeSpan.FromHours(30)));                                                        // 30:00:00
/// </code>
/// </example>
public static class Figure
{
    /// <summary>A figure; a dash where it is undefined (NaN).</summary>
    /// <param name="value">The figure.</param>
    /// <param name="format">A format of numbers.</param>
    public static string Of(double value, string format = "F4") => double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>A time in hours, minutes and seconds; a day is 24 hours.</summary>
    public static string Of(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time:mm\\:ss}");
}
