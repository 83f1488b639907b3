using System.Globalization;

namespace Microsoft.ML.Binary.Cli.Display;

/// <summary>Numbers of things as people say them.</summary>
internal static class Plural
{
    /// <summary><c>1 mask</c>, <c>1,000 masks</c>.</summary>
    public static string Of(int count, string thing) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {thing}{(count == 1 ? "" : "s")}");
}
