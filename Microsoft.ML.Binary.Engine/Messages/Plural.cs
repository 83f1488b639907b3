using System.Globalization;

namespace Microsoft.ML.Binary.Messages;

/// <summary>Numbers of things as people say them.</summary>
/// <example>
/// <code>
/// Console.WriteLine($"{Plural.Of(1, "mask")} of {Plural.Of(1200, "image")}, {Plural.Of(2, "class", "classes")}");      // 1 mask of 1,200 images, 2 classes
/// </code>
/// </example>
public static class Plural
{
    /// <summary><c>1 mask</c>, <c>1,000 masks</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="thing">What one of them is called.</param>
    /// <param name="things">What several are called, where that is not the same with an s.</param>
    public static string Of(long count, string thing, string? things = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? thing : things ?? thing + "s")}");
}
