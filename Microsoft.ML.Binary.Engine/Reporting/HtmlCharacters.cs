using System.Buffers;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>Characters that text in a page cannot hold as they are.</summary>
internal static class HtmlCharacters
{
    /// <summary>Those of the markup, and those that must not occur.</summary>
    public static SearchValues<char> Special { get; } = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(i => (char)i).Where(c => c is '&' or '<' or '>' or '"' or '\'' || !IsAllowed(c))]);

    /// <summary>Whether both HTML and XML can hold the character. Surrogates stand in pairs as a rule.</summary>
    public static bool IsAllowed(char c) => c is '\t' or '\n' or '\r' || (!char.IsControl(c) && c is not ('\uFFFE' or '\uFFFF'));
}
