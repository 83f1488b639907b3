namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>How temperature and the weight of the cost change while a search goes on.</summary>
internal static class SearchSchedule
{
    /// <summary>From <paramref name="first"/> to <paramref name="last"/> geometrically, over the fraction of the search done.</summary>
    public static double Temperature(double fraction, double first, double last) => first * Math.Pow(last / first, fraction);

    /// <summary>From a hundredth of the full weight to all of it, linearly over the first half of the search.</summary>
    public static double Ramp(double fraction) => Math.Min(1, 0.01 + 0.99 * fraction / 0.5);

    /// <summary>What a cost above its limit adds to the loss (the limit form of DUCCIO): strength times the excess, and nothing below.</summary>
    public static double Excess(double cost, double limit, double strength, double fraction) => strength * Ramp(fraction) * Math.Max(0, cost - limit);
}
