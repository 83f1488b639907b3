using System.CommandLine.Completions;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>What may stand for a path or a model while it is being typed: what the shells ask for when a user presses Tab.</summary>
internal static class PathCompletion
{
    /// <summary>The values that a kind of option may have and that begin as the word does.</summary>
    /// <param name="helpName">The kind, as the help shows it: <c>DIR</c>, <c>FILE</c>, <c>MODEL</c>, <c>MODEL|PRESET</c>, <c>NAME=MODEL</c>, ...; others have no values.</param>
    /// <param name="word">What is typed so far.</param>
    public static IEnumerable<CompletionItem> Of(string helpName, string word)
    {
        if (helpName.Split('=') is [_, var kind])
        {
            int start = word.IndexOf('=') + 1;
            return start == 0 ? [] : Of(kind, word[start..]).Select(value => new CompletionItem(word[..start] + value.Label));
        }

        string[] kinds = helpName.Split('|');
        IEnumerable<string> names = [
            .. kinds.Contains("MODEL") ? Enum.GetNames<PretrainedModel>() : [],
            .. kinds.Contains("PRESET") ? Enum.GetNames<NetworkPreset>().Select(name => name.ToLowerInvariant()) : []];
        IEnumerable<string> paths = kinds.Any(kind => kind is "MODEL" or "FILE" or "NETWORK") ? Entries(word, withFiles: true)
            : kinds.Contains("DIR") ? Entries(word, withFiles: false)
            : [];
        return names.Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase)).Concat(paths.Order(StringComparer.Ordinal)).Select(value => new CompletionItem(value));
    }

    private static IEnumerable<string> Entries(string word, bool withFiles)
    {
        int end = word.LastIndexOfAny(['/', Path.DirectorySeparatorChar]) + 1;
        (string folder, string start) = (word[..end], word[end..]);
        try
        {
            return [
                .. from entry in new DirectoryInfo(folder.Length == 0 ? "." : folder).EnumerateFileSystemInfos()
                   let isFolder = entry is DirectoryInfo
                   where (isFolder || withFiles) && entry.Name.StartsWith(start, StringComparison.Ordinal) && (start.Length > 0 || !entry.Name.StartsWith('.'))
                   select folder + entry.Name + (isFolder ? "/" : "")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
