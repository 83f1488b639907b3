using System.Globalization;

namespace Microsoft.ML.Binary.Cli;

/// <summary>The version of a package, in the order of SemVer: a preview goes before its release, and of previews numbers count as such, so that <c>rc.10</c> is after <c>rc.2</c>.</summary>
/// <param name="Number">Of a preview, that of the release that it goes before.</param>
/// <param name="Preview">What is behind the hyphen; empty for a release.</param>
internal sealed record PackageVersion(Version Number, string Preview) : IComparable<PackageVersion>
{
    /// <summary>Reads a version; what is none is older than all others.</summary>
    public static PackageVersion Parse(string text)
    {
        string[] parts = text.Split('+')[0].Split('-', 2);
        return new(Version.TryParse(parts[0], out Version? number) ? number : new(), parts.ElementAtOrDefault(1) ?? "");
    }

    public int CompareTo(PackageVersion? other)
    {
        if (other is null || Number != other.Number)
        {
            return other is null ? 1 : Number.CompareTo(other.Number);
        }

        if (Preview.Length == 0 || other.Preview.Length == 0)
        {
            return (Preview.Length == 0).CompareTo(other.Preview.Length == 0);
        }

        string[] own = Preview.Split('.'), others = other.Preview.Split('.');
        int differing = own.Zip(others, Compare).FirstOrDefault(order => order != 0);
        return differing != 0 ? differing : own.Length.CompareTo(others.Length);
    }

    // Numbers go before words.
    private static int Compare(string first, string second) =>
        (int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out int a), int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out int b)) switch
        {
            (true, true) => a.CompareTo(b),
            (true, false) => -1,
            (false, true) => 1,
            _ => string.Compare(first, second, StringComparison.OrdinalIgnoreCase),
        };
}
