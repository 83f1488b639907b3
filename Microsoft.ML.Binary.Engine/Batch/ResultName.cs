using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary;

/// <summary>What an image may be called whose results take its name.</summary>
internal static class ResultName
{
    /// <summary>Why results cannot have a name: they would not lie where they belong, below the folder of results.</summary>
    /// <param name="name">The name.</param>
    /// <param name="separators">What stands between folders.</param>
    /// <returns>Null if they can.</returns>
    public static string? ProblemOf(string name, params ReadOnlySpan<char> separators) =>
        name.Length == 0 ? "an empty name"
        : Path.IsPathRooted(name) || name.Split(separators).Any(part => part is "" or "." or "..")
            ? $"the name '{SafeText.OneLine(name)}' cannot be that of a result: it must be a relative path without '.' and '..'"
        : null;
}
