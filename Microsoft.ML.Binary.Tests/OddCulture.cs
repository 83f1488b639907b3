using System.Globalization;

namespace Microsoft.ML.Binary.Tests;

/// <summary>A culture in which nothing is written as it is elsewhere: what depends on the user's culture shows.</summary>
internal static class OddCulture
{
    /// <summary>Checks that a text is the same in this culture; that of this thread alone, and of what it starts, is changed.</summary>
    public static void AssertSame(Func<string> text, string what)
    {
        string expected = text();
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = Create();
            Assert.AreEqual(expected, text(), what);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static CultureInfo Create()
    {
        CultureInfo culture = (CultureInfo)CultureInfo.GetCultureInfo("").Clone();
        NumberFormatInfo numbers = culture.NumberFormat;
        (numbers.NumberDecimalSeparator, numbers.NumberGroupSeparator, numbers.NumberGroupSizes, numbers.NegativeSign) = (",", "'", [2], "minus");
        (numbers.PercentDecimalSeparator, numbers.PercentGroupSeparator, numbers.PercentSymbol, numbers.PercentPositivePattern) = (",", "'", "pc", 2);
        (numbers.NaNSymbol, numbers.PositiveInfinitySymbol, numbers.PositiveSign) = ("none", "endless", "plus");
        (culture.DateTimeFormat.DateSeparator, culture.DateTimeFormat.TimeSeparator, culture.DateTimeFormat.ShortDatePattern) = ("~", "_", "dd/MM/yy");
        return culture;
    }
}
