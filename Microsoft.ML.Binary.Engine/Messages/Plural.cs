using System.Globalization;

namespace Microsoft.ML.Binary.Messages;

/// <summary>Numbers of things as people say them.</summary>
public static class Plural
{
    /// <summary><c>1 mask</c>, <c>1,000 masks</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="thing">What one of them is called.</param>
    /// <param name="things">What several are called, where that is not the same with an s.</param>
    public static string Of(long count, string thing, string? things = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? thing : things ?? thing + "s")}");
}
